import { SPError } from "../src/base/errors.ts";
import type { Rules } from "../src/base/rules.ts";
import { WAIT_RULES } from "../src/base/wait.ts";
import { type Relay, relay, type Way } from "../src/socket/relay.ts";
import { checkOptions } from "../src/surface/options.ts";
import { type Frames, type FramesLike, sizeOfFrames } from "./wire/frames.ts";

export type {
  DirectionStats as ProxyDirection,
  Relay as Proxy,
  RelayStats as ProxyStats,
} from "../src/socket/relay.ts";

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
  /**
   * Gets a copy of each message of both ways: a `Pub`, `Push`, `Dealer` or `Pair`; default none. While its `send` waits, so does the proxy;
   * once its `sendTimeout` is over, the proxy goes on without that copy.
   */
  capture?: ProxyDestination;
  /** Stops the proxy when it is aborted. The sockets stay open. */
  signal?: AbortSignal;
}

const PROXY_RULES: Rules = {
  capture: (value) =>
    typeof value === "object" && value !== null && "send" in value
      ? undefined
      : "a socket that sends",
  signal: WAIT_RULES.signal!,
};

/**
 * Passes whole messages between two sockets, in both directions where both sockets can: `Router` and `Dealer` make a queue of requests,
 * `XSub` and `XPub` a forwarder of publications, `Pull` and `Push` a streamer of work. While one side has no room, the other is not read, so
 * that its peers are pushed back.
 *
 * @param front The side of those who ask, publish or push.
 * @param back The side of those who answer, subscribe or pull.
 * @param options A socket that gets a copy of everything, and a signal that stops the proxy.
 * @throws {SPError} `EINVAL` if there is no way from either to the other, or an option is unknown or wrong.
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
export function proxy(front: ProxySocket, back: ProxySocket, options: ProxyOptions = {}): Relay {
  checkOptions("proxy's options", options, PROXY_RULES);
  const { capture, signal } = options;
  const way = (from: ProxySocket, to: ProxySocket): Way<Frames> | undefined =>
    receives(from) && sends(to)
      ? {
        receive: (until) => from.receiveBatch(until),
        send: (message, until) => to.send(message, until),
        sizeOf: sizeOfFrames,
        ...(capture && { capture: (message, until) => capture.send(message, until) }),
      }
      : undefined;
  const forward = way(front, back);
  const backward = way(back, front);
  if ((forward ?? backward) === undefined) {
    const what =
      "Cannot make a proxy of these sockets: expected one that receives and one that sends";
    throw new SPError("EINVAL", what);
  }
  return relay(forward, backward, signal);
}

function receives(socket: ProxySocket): socket is ProxySource {
  return "receiveBatch" in socket;
}

function sends(socket: ProxySocket): socket is ProxyDestination {
  return "send" in socket;
}
