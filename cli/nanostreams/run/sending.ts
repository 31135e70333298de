/* What the loops have in common that send. */
import process from "node:process";
import { setImmediate as turn } from "node:timers/promises";
import { EXIT, Failure } from "../ends.ts";
import type { Frames } from "../messages.ts";
import { type Amount, messagesOf } from "../input/messages.ts";
import { Pace } from "../input/pace.ts";
import { screenOf } from "../report/screen.ts";
import { codeOf } from "./errors.ts";
import type { Talk } from "./socket.ts";

/** How many peers are waited for without a flag: what goes to nobody is lost. */
const AUDIENCE: Readonly<Record<string, number>> = { surveyor: 1, bus: 1 };

/** Calls `step` with each message that is to be sent, at its time. */
export async function eachMessage(
  { invocation }: Talk,
  stop: AbortSignal,
  amount: Amount,
  step: (message: Frames) => Promise<void>,
): Promise<void> {
  const pace = new Pace(invocation.flags, stop);
  for await (const batch of messagesOf(invocation, stop, amount)) {
    for (const message of batch) {
      if (!pace.isFree) await pace.turn();
      await step(message);
    }
    await turn();
  }
}

/** Waits for --wait-peers. Returns false if it was stopped. */
export async function audience(
  { invocation, conversation }: Talk,
  stop: AbortSignal,
): Promise<boolean> {
  const { command, flags } = invocation;
  const count = flags.number("wait-peers") ?? AUDIENCE[command] ?? 0;
  if (count === 0) return true;
  const { socket } = conversation;
  const timeout = flags.number("timeout") ?? Infinity;
  const wait = conversation.audience ?? socket.peers.bind(socket);
  try {
    await wait(count, { signal: stop, timeout });
    return true;
  } catch (error) {
    if (stop.aborted) return false;
    if (codeOf(error) !== "ETIMEDOUT") throw error;
    const what = `fewer than ${count} peers were there within ${timeout} ms`;
    throw new Failure(EXIT.unanswered, what, { cause: error });
  }
}

/** Closes a socket that has sent: goes on until all is taken, or --linger or --timeout is over. */
export async function closeSent({ invocation, conversation }: Talk): Promise<void> {
  const { flags } = invocation;
  const { socket } = conversation;
  const timeout = flags.number("timeout") ?? Infinity;
  const linger = flags.number("linger") ?? Infinity;
  await socket.close({ linger: Math.min(timeout, linger) });
  const { closed = 0 } = socket.stats().drops;
  if (closed === 0) return;
  const status = timeout <= linger ? EXIT.unanswered : EXIT.failed;
  const messages = closed === 1 ? "1 message was" : `${closed} messages were`;
  throw new Failure(status, `${messages} not taken by a peer in time`);
}

/** Tells a person something. */
export function tell(text: string): void {
  screenOf(process.stderr).line(`nanostreams: ${text}`);
}
