import { SPError, type SPErrorCode } from "../base/errors.ts";
import { RESOLVED } from "../base/wait.ts";
import type { Mutable } from "../surface/stats.ts";

/** What went one way through a device or a proxy. */
export interface DirectionStats {
  /** Messages passed on. */
  readonly messages: number;
  /** Bytes of their bodies, or of their frames. */
  readonly bytes: number;
  /**
   * Messages that could not go on: their hop count was at its end, nobody had their routing id, there was no room for them within
   * the `sendTimeout` of the socket, or it stopped before there was.
   */
  readonly dropped: number;
}

/** What went through a device or a proxy. */
export interface RelayStats {
  /** From the first socket to the second; with one socket, back to itself. */
  readonly forward: DirectionStats;
  /** From the second socket to the first. */
  readonly backward: DirectionStats;
}

/** A device or a proxy at work. */
export interface Relay extends AsyncDisposable {
  /** Resolves when it has stopped: by its signal, by `stop`, or because a socket was closed. */
  readonly stopped: Promise<void>;
  /** Stops it. The sockets stay open. */
  stop(): Promise<void>;
  /** What went through it so far. */
  stats(): RelayStats;
}

/** How a call is ended. */
interface Until {
  readonly signal: AbortSignal;
}

/** One way, from one socket to another. */
export interface Way<Message> {
  /** Takes all messages that have come; waits for the first. */
  receive(until: Until): Promise<Message[]>;
  /** Sends one. */
  send(message: Message, until: Until): Promise<void>;
  /** Its size in bytes. */
  sizeOf(message: Message): number;
  /** Sends a copy to whoever listens. */
  capture?(message: Message, until: Until): Promise<void>;
}

/** Passes messages on, both ways or one, until it is stopped or a socket is closed. A way that cannot send does not receive. */
export function relay<Message>(
  forward: Way<Message> | undefined,
  backward: Way<Message> | undefined,
  signal: AbortSignal | undefined,
): Relay {
  const stats = { forward: noMessages(), backward: noMessages() };
  const abort = new AbortController();
  const stop = (): void => abort.abort();
  if (signal?.aborted) stop();
  signal?.addEventListener("abort", stop, { once: true });
  const ways: Promise<void>[] = [];
  if (forward !== undefined) ways.push(pass(forward, stats.forward, abort));
  if (backward !== undefined) ways.push(pass(backward, stats.backward, abort));
  const stopped = Promise.all(ways).then(() => signal?.removeEventListener("abort", stop));
  const stopAndWait = (): Promise<void> => {
    stop();
    return stopped;
  };
  return {
    stopped,
    stop: stopAndWait,
    stats: () => ({ forward: { ...stats.forward }, backward: { ...stats.backward } }),
    [Symbol.asyncDispose]: stopAndWait,
  };
}

/** One way, still being counted. */
type Counter = Mutable<DirectionStats>;

function noMessages(): Counter {
  return { messages: 0, bytes: 0, dropped: 0 };
}

/** Passes on, one way; when it ends, so does the other. */
async function pass<Message>(
  way: Way<Message>,
  counter: Counter,
  abort: AbortController,
): Promise<void> {
  const { signal } = abort;
  /** Messages that were taken and have not gone on. */
  let left = 0;
  try {
    for (;;) {
      const batch = await receive(way, signal);
      left = batch.length;
      for (const message of batch) {
        const sent = way.send(message, { signal });
        if (sent === RESOLVED || await hasGone(sent)) {
          counter.messages++;
          counter.bytes += way.sizeOf(message);
        } else counter.dropped++;
        left--;
        if (way.capture !== undefined) await hasGone(way.capture(message, { signal }));
      }
    }
  } catch (error) {
    if (!signal.aborted && !hasCode(error, "ECLOSED")) throw error;
  } finally {
    counter.dropped += left;
    abort.abort();
  }
}

/** The next messages, however long they take. */
async function receive<Message>(way: Way<Message>, signal: AbortSignal): Promise<Message[]> {
  for (;;) {
    try {
      return await way.receive({ signal });
    } catch (error) {
      if (!hasCode(error, "ETIMEDOUT")) throw error;
    }
  }
}

/** Whether a message has found its place. One that can go nowhere is lost, and no reason to stop. */
async function hasGone(sent: Promise<void>): Promise<boolean> {
  try {
    await sent;
    return true;
  } catch (error) {
    if (hasCode(error, "EHOSTUNREACH", "EINVAL", "ETIMEDOUT")) return false;
    throw error;
  }
}

function hasCode(error: unknown, ...codes: SPErrorCode[]): boolean {
  return error instanceof SPError && codes.includes(error.code);
}
