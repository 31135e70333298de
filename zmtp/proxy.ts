import { SPError } from "../src/base/errors.ts";
import { RESOLVED } from "../src/base/wait.ts";
import type { Frames, FramesLike } from "./wire/frames.ts";
import { sizeOfFrames } from "./wire/frames.ts";

/** What a proxy uses of a socket that receives. */
export interface ProxySource {
  /** All messages that have come; waits for the first. */
  receiveBatch(options: { signal: AbortSignal }): Promise<Frames[]>;
}

/** What a proxy uses of a socket that sends. */
export interface ProxyDestination {
  /** Sends one; resolves when it has a place in a queue. */
  send(message: FramesLike, options: { signal: AbortSignal }): Promise<void>;
}

/** A socket that a proxy can stand beside: `Router` and `Dealer`, `XSub` and `XPub`, `Pull` and `Push`, or any two that receive and send. */
export type ProxySocket = ProxySource | ProxyDestination | (ProxySource & ProxyDestination);

/** Options of {@linkcode proxy}. */
export interface ProxyOptions {
  /** Gets a copy of each message of both ways: a `Pub`, `Push`, `Dealer` or `Pair`; default none. While its `send` waits, so does the proxy. */
  capture?: ProxyDestination;
  /** Stops the proxy when it is aborted. The sockets stay open. */
  signal?: AbortSignal;
}

/** What went one way through a proxy. */
export interface ProxyDirection {
  /** Messages passed on. */
  readonly messages: number;
  /** Bytes of their frames. */
  readonly bytes: number;
  /** Messages that were lost: no peer had their routing id, or the proxy stopped before they were sent. */
  readonly dropped: number;
}

/** What went through a proxy. */
export interface ProxyStats {
  /** From the front to the back. */
  readonly forward: ProxyDirection;
  /** From the back to the front. */
  readonly backward: ProxyDirection;
}

/** A proxy at work: what `proxy` returns. */
export interface Proxy extends AsyncDisposable {
  /** Resolves when it has stopped: by its signal, by `stop`, or because a socket was closed. */
  readonly stopped: Promise<void>;
  /** Stops it. The sockets stay open. */
  stop(): Promise<void>;
  /** What went through it so far. */
  stats(): ProxyStats;
}

type Counter = { -readonly [Name in keyof ProxyDirection]: ProxyDirection[Name] };

/**
 * Passes whole messages between two sockets, in both directions where both sockets can: `Router` and `Dealer` make a queue of requests,
 * `XSub` and `XPub` a forwarder of publications, `Pull` and `Push` a streamer of work. While one side has no room, the other is not read, so
 * that its peers are pushed back.
 *
 * @param front The side of those who ask, publish or push.
 * @param back The side of those who answer, subscribe or pull.
 * @param options A socket that gets a copy of everything, and a signal that stops the proxy.
 * @throws {SPError} `EINVAL` if there is no way from either to the other.
 *
 * @example
 * ```ts
 * import { Dealer, proxy, Rep, Req, Router } from "@nanostreams/nanostreams/zmtp";
 *
 * await using front = new Router();
 * await using back = new Dealer();
 * await front.bind("inproc://zmtp-front");
 * await back.bind("inproc://zmtp-back");
 * await using queue = proxy(front, back);
 *
 * await using rep = new Rep();
 * rep.connect("inproc://zmtp-back");
 * rep.serve((question) => question);
 * await using req = new Req();
 * req.connect("inproc://zmtp-front");
 * console.log((await req.request("through")).length, queue.stats().forward.messages); // 1 1
 * ```
 */
export function proxy(front: ProxySocket, back: ProxySocket, options: ProxyOptions = {}): Proxy {
  const { capture, signal } = options;
  const stats = { forward: counter(), backward: counter() };
  const abort = new AbortController();
  const stop = (): void => abort.abort();
  if (signal?.aborted) stop();
  signal?.addEventListener("abort", stop, { once: true });
  const ways: Promise<void>[] = [];
  if (receives(front) && sends(back)) ways.push(pass(front, back, capture, stats.forward, abort));
  if (receives(back) && sends(front)) ways.push(pass(back, front, capture, stats.backward, abort));
  if (ways.length === 0) {
    const what =
      "Cannot make a proxy of these sockets: wanted one that receives and one that sends";
    throw new SPError("EINVAL", what);
  }
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

function counter(): Counter {
  return { messages: 0, bytes: 0, dropped: 0 };
}

function receives(socket: ProxySocket): socket is ProxySource {
  return "receiveBatch" in socket;
}

function sends(socket: ProxySocket): socket is ProxyDestination {
  return "send" in socket;
}

/** Passes on, one way, until told to stop or one of the sockets is closed; then the other way stops as well. */
async function pass(
  from: ProxySource,
  to: ProxyDestination,
  capture: ProxyDestination | undefined,
  counter: Counter,
  abort: AbortController,
): Promise<void> {
  const { signal } = abort;
  /** Messages that were taken and have not gone on. */
  let left = 0;
  try {
    for (;;) {
      const batch = await next(from, signal);
      left = batch.length;
      for (const message of batch) {
        const sent = to.send(message, { signal });
        if (sent !== RESOLVED) await whetherDropped(sent, counter);
        if (capture !== undefined) await capture.send(message, { signal });
        counter.messages++;
        counter.bytes += sizeOfFrames(message);
        left--;
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
async function next(from: ProxySource, signal: AbortSignal): Promise<Frames[]> {
  for (;;) {
    try {
      return await from.receiveBatch({ signal });
    } catch (error) {
      if (!hasCode(error, "ETIMEDOUT")) throw error;
    }
  }
}

/** A message that can go nowhere is lost, and no reason to stop. */
async function whetherDropped(sent: Promise<void>, counter: Counter): Promise<void> {
  try {
    await sent;
  } catch (error) {
    if (!hasCode(error, "EHOSTUNREACH", "EINVAL", "ETIMEDOUT")) throw error;
    counter.dropped++;
    counter.messages--;
  }
}

function hasCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof SPError && codes.includes(error.code);
}
