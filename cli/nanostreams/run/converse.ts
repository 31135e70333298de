/* PAIR, BUS and their like: sends what there is to send, and prints what comes. */
import { EXIT } from "../ends.ts";
import { hasOwnData } from "../input/messages.ts";
import { printArrived } from "./receive.ts";
import { Deadline, onAbort } from "./receiving.ts";
import { audience, closeSent, eachMessage } from "./sending.ts";
import type { Talk } from "./socket.ts";

/** Sends and prints. Returns the exit status. */
export async function talk(given: Talk): Promise<number> {
  const { conversation, invocation: { flags }, stop } = given;
  using deadline = new Deadline(flags.number("timeout"));
  const count = flags.number("count") ?? Infinity;
  const input = new AbortController();
  const endInput = (): void => input.abort();
  onAbort(stop, endInput);
  onAbort(deadline.signal, endInput);

  const sending = sendAll(given, input.signal, deadline.signal);
  // When all is sent, what has come is printed.
  onAbort(stop, () => sending.then(() => conversation.socket.drain(), () => {}));
  const printing = printArrived(given, count, deadline.signal).then((printed) => {
    // Nobody waits for more: standard input need not end by itself, and what has no end is over.
    const isWhole = hasOwnData(flags) && !flags.has("interval") && !flags.has("rate");
    if (count > 0 && !isWhole) endInput();
    return printed;
  });
  const [printed] = await Promise.all([printing, sending]);
  if (stop.aborted) return EXIT.ok;
  if (deadline.isOver) return printed > 0 && count === Infinity ? EXIT.ok : EXIT.unanswered;
  await closeSent(given);
  return EXIT.ok;
}

async function sendAll(given: Talk, input: AbortSignal, end: AbortSignal): Promise<void> {
  try {
    if (!await audience(given, AbortSignal.any([input, end]))) return;
    await eachMessage(
      given,
      input,
      {},
      (message) => given.conversation.send!(message, { signal: end }),
    );
  } catch (error) {
    if (!end.aborted) throw error;
  }
}
