/* PUSH, PUB: sends all that there is to send. */
import { EXIT, Failure } from "../ends.ts";
import { codeOf } from "./errors.ts";
import { audience, closeSent, eachMessage } from "./sending.ts";
import type { Talk } from "./socket.ts";

/** Sends. Returns the exit status. */
export async function talk(given: Talk): Promise<number> {
  const { conversation, invocation: { flags }, report, stop } = given;
  const timeout = flags.number("timeout");
  const wait = timeout === undefined ? undefined : { timeout };
  const limit = flags.number("count") ?? Infinity;
  if (!await audience(given, stop)) return EXIT.ok;
  await eachMessage(given, stop, { limit }, async (message) => {
    try {
      await conversation.send!(message, wait);
      report.done++;
    } catch (cause) {
      if (codeOf(cause) !== "ETIMEDOUT") throw cause;
      throw new Failure(EXIT.unanswered, `no peer took a message within ${timeout} ms`, { cause });
    }
  });
  await closeSent(given);
  return EXIT.ok;
}
