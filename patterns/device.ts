import { SPError, type SPErrorCode } from "../src/base/errors.ts";
import type { RawMessage } from "../src/memory/message.ts";
import type { Mutable } from "../src/surface/stats.ts";
import { RESOLVED, type WaitOptions } from "../src/base/wait.ts";
import type { RawSocket } from "./raw.ts";
import { RAW_PROTOCOLS } from "./raw/protocols.ts";

/** What went one way through a device. */
export interface DirectionStats {
  /** Messages passed on. */
  readonly messages: number;
  /** Bytes of their bodies. */
  readonly bytes: number;
  /**
   * Messages that could not go on: their hop count was at its end, there was no room for them within the `sendTimeout`
   * of the socket, or the device stopped before there was.
   */
  readonly dropped: number;
}

/** What went through a device. */
export interface DeviceStats {
  /** From the first socket to the second; with one socket, back to itself. */
  readonly forward: DirectionStats;
  /** From the second socket to the first. */
  readonly backward: DirectionStats;
}

/** A device at work: what `device` returns. */
export interface Device extends AsyncDisposable {
  /** Resolves when it has stopped: by its signal, by `stop`, or because a socket was closed. */
  readonly stopped: Promise<void>;
  /** Stops it. The sockets stay open. */
  stop(): Promise<void>;
  /** What went through it so far. */
  stats(): DeviceStats;
}

/**
 * Passes messages on between two raw sockets, in both directions where both can, so that patterns reach over more than
 * one step. With one socket, which must be its own kind's peer (`bus`, `pair`, `pair1`), reflects what comes.
 *
 * Requests, surveys and PAIR version 1 carry the way that they have come, and are dropped where it is longer than the
 * socket's `ttl`: a TTL of n permits n − 1 devices. A BUS message is not sent back to where it came from. Backpressure
 * passes through: a side that cannot send is not read for.
 *
 * @param a A raw socket: `new RawSocket("rep")`.
 * @param b Its counterpart: `new RawSocket("req")`. The same socket, or left out, to reflect.
 * @param options A signal that stops the device.
 * @throws {SPError} `EINVAL` if the two are no counterparts.
 *
 * @example
 * ```ts
 * import { device, RawSocket, Rep, Req } from "@nanostreams/nanostreams";
 *
 * await using front = new RawSocket("rep");
 * await using back = new RawSocket("req");
 * await front.bind("inproc://front");
 * await back.bind("inproc://back");
 * const forwarder = device(front, back);
 *
 * await using rep = new Rep();
 * rep.connect("inproc://back");
 * rep.serve((question) => question);
 * await using req = new Req();
 * req.connect("inproc://front");
 * console.log((await req.request("through")).length); // 7
 * await forwarder.stop();
 * ```
 */
export function device(a: RawSocket, b: RawSocket = a, options: WaitOptions = {}): Device {
  const { signal } = options;
  if (a.protocol.peerName !== b.protocol.name) {
    throw new SPError(
      "EINVAL",
      `Cannot make a device of ${a.protocol.name} and ${b.protocol.name}: ` +
        `wanted ${a.protocol.peerName} opposite ${a.protocol.name}`,
    );
  }
  const stats = {
    forward: { messages: 0, bytes: 0, dropped: 0 },
    backward: { messages: 0, bytes: 0, dropped: 0 },
  };
  const abort = new AbortController();
  const stop = (): void => abort.abort();
  if (signal?.aborted) stop();
  signal?.addEventListener("abort", stop, { once: true });
  const ways: Promise<void>[] = [];
  if (receives(a) && sends(b)) ways.push(forward(a, b, stats.forward, abort));
  if (a !== b && receives(b) && sends(a)) ways.push(forward(b, a, stats.backward, abort));
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

function receives({ protocol }: RawSocket): boolean {
  return Object.values(RAW_PROTOCOLS).some(({ id, inbound }) => id === protocol && inbound);
}

function sends({ protocol }: RawSocket): boolean {
  return Object.values(RAW_PROTOCOLS).some(({ id, routing }) => id === protocol && routing);
}

/** One way of a device, still being counted. */
type DirectionCounter = Mutable<DirectionStats>;

/** Passes on, one way, until told to stop or one of the sockets is closed; then the other way stops as well. */
async function forward(
  from: RawSocket,
  to: RawSocket,
  stats: DirectionCounter,
  abort: AbortController,
): Promise<void> {
  const { signal } = abort;
  /** Messages that were taken and have not gone on. */
  let left = 0;
  try {
    for (;;) {
      const batch = await receive(from, signal);
      left = batch.length;
      for (const message of batch) {
        const full = passOn(message, to, stats, signal);
        if (full !== undefined) await full;
        left--;
      }
    }
  } catch (error) {
    if (!signal.aborted && !hasCode(error, "ECLOSED")) throw error;
  } finally {
    stats.dropped += left;
    abort.abort();
  }
}

/** The next messages, however long they take. */
async function receive(from: RawSocket, signal: AbortSignal): Promise<RawMessage[]> {
  for (;;) {
    try {
      return await from.receiveBatch({ signal });
    } catch (error) {
      if (!hasCode(error, "ETIMEDOUT")) throw error;
    }
  }
}

/** Returns a promise only where the other side has no room. */
function passOn(
  message: RawMessage,
  to: RawSocket,
  stats: DirectionCounter,
  signal: AbortSignal,
): Promise<void> | undefined {
  const sent = to.send(message, { signal });
  if (sent !== RESOLVED) {
    return sent.then(() => count(message, stats), (error) => {
      if (!hasCode(error, "EINVAL", "ETIMEDOUT")) throw error;
      stats.dropped++;
    });
  }
  count(message, stats);
}

function count(message: RawMessage, stats: DirectionCounter): void {
  stats.messages++;
  stats.bytes += message.body.length;
}

function hasCode(error: unknown, ...codes: SPErrorCode[]): boolean {
  return error instanceof SPError && codes.includes(error.code);
}
