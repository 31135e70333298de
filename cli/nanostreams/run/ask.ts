/* REQ: asks, and prints replies in the order of the requests. */
import { EXIT } from "../ends.ts";
import type { Arrived, Frames } from "../messages.ts";
import { codeOf, sentence } from "./errors.ts";
import { onAbort, whose } from "./receiving.ts";
import { eachMessage, tell } from "./sending.ts";
import type { Talk } from "./socket.ts";

/** How long replies are waited for when it is told to stop, in milliseconds. */
const GRACE = 2000;

/** Asks. Returns the exit status. */
export async function talk(given: Talk): Promise<number> {
  const { conversation, invocation, printer, report, stop } = given;
  const { flags } = invocation;
  const timeout = flags.number("timeout") ?? Infinity;
  const concurrency = flags.number("concurrency") ?? 1;
  const limit = flags.number("count") ?? Infinity;
  const named = whose(conversation.socket, invocation);
  const enough = new AbortController();
  let grace: ReturnType<typeof setTimeout> | undefined;
  onAbort(stop, () => grace = setTimeout(() => enough.abort(), GRACE));

  let unanswered = 0;
  const ask = async (message: Frames): Promise<Arrived | undefined> => {
    try {
      return await conversation.request!(message, { timeout, signal: enough.signal });
    } catch (error) {
      const code = codeOf(error);
      if (!enough.signal.aborted && (code === "EINVAL" || code === "ECLOSED")) throw error;
      unanswered++;
      tell(enough.signal.aborted ? "a request has no reply yet" : `no reply: ${sentence(error)}`);
      return undefined;
    }
  };
  const print = async (asked: Promise<Arrived | undefined>): Promise<void> => {
    const reply = await asked;
    report.done++;
    if (reply !== undefined) await printer.print(named(reply));
  };

  const inFlight = new Set<Promise<void>>();
  let printed: Promise<void> = Promise.resolve();
  await eachMessage(given, stop, { limit }, async (message) => {
    const asked = ask(message);
    printed = printed.then(() => print(asked));
    const done = printed;
    // Whoever is told of its failure awaits `printed`.
    const settled = done.catch(() => {}).then(() => void inFlight.delete(settled));
    inFlight.add(settled);
    if (inFlight.size < concurrency) return;
    await Promise.race(inFlight);
    if (inFlight.size === 0) await done;
  });
  await printed;
  clearTimeout(grace);
  return unanswered === 0 ? EXIT.ok : EXIT.unanswered;
}
