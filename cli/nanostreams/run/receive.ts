/* PULL, SUB: prints what comes. */
import { EXIT } from "../ends.ts";
import { codeOf } from "./errors.ts";
import { Deadline, onAbort, whose } from "./receiving.ts";
import type { Talk } from "./socket.ts";

/** Prints what comes. Returns the exit status. */
export async function talk(given: Talk): Promise<number> {
  const { conversation: { socket }, invocation: { flags }, stop } = given;
  using deadline = new Deadline(flags.number("timeout"));
  const count = flags.number("count") ?? Infinity;
  // What has come is printed, and peers of this library send no more.
  onAbort(stop, () => socket.drain());
  const printed = await printArrived(given, count, deadline.signal);
  if (!deadline.isOver) return EXIT.ok;
  return printed > 0 && count === Infinity ? EXIT.ok : EXIT.unanswered;
}

/** Prints messages until there are so many, or it is told to end, or the socket has drained. Returns how many. */
export async function printArrived(
  { conversation, invocation, printer, report, stop }: Talk,
  count: number,
  end: AbortSignal,
): Promise<number> {
  const named = whose(conversation.socket, invocation);
  const wait = { signal: end };
  let n = 0;
  while (n < count) {
    try {
      for (const message of await conversation.receive!(wait)) {
        if (n === count) break;
        n++;
        report.done++;
        const full = printer.print(named(message));
        if (full !== undefined) await full;
      }
    } catch (error) {
      if (end.aborted || stop.aborted && codeOf(error) === "ECLOSED") break;
      throw error;
    }
  }
  return n;
}
