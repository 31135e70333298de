/*
 * What of the WebSocket mapping (sp-websocket-mapping-01) is the same in every runtime: the
 * subprotocols' names, and which requests for an upgrade are taken.
 */
import { SPError } from "../../src/base/errors.ts";
import { describe } from "../../src/memory/message.ts";
import type { ProtocolId } from "../../src/contracts/protocol.ts";
import type { ListenerSink, TransportContext } from "../../src/contracts/transport.ts";
import type { OriginCheck, UpgradeRequest, WebSocketOptions } from "../options.ts";

/** The subprotocol of a server's socket: what a client names is who it wants to talk to. */
export function subprotocol(name: string): string {
  return `${name}.sp.nanomsg.org`;
}

/** What a client is told where a limit on peers has been reached. */
export const TOO_MANY = "There are as many peers here as may be";

/** Why an upgrade is refused. */
export interface Refusal {
  /** The HTTP status of the answer. */
  readonly status: 400 | 403 | 404 | 500 | 503;
  /** Its body: what was wrong, and what was wanted. */
  readonly message: string;
  /** What our own side is told, if it is more. */
  readonly reason?: SPError;
  /** What a function of the user's threw: for the event, and not for the client. */
  readonly cause?: unknown;
}

/** On whose behalf a request is judged: the parts of a {@linkcode TransportContext} that matter. */
export type JudgingContext =
  & Pick<TransportContext, "protocol" | "reserve">
  & { readonly options: { readonly webSocket?: WebSocketOptions } };

/** What becomes of a request for an upgrade. */
export type Verdict = { readonly refusal: Refusal } | {
  readonly refusal?: undefined;
  /** What to echo, in the client's own spelling; undefined if it named none, and need not. */
  readonly subprotocol: string | undefined;
};

/**
 * Judges a request, before the upgrade.
 *
 * The mapping has the server close with code 1002; every implementation answers with HTTP status 400
 * instead, which a client can tell from a lost connection.
 */
export function judgeUpgrade(
  request: UpgradeRequest,
  { protocol, options: { webSocket: options = {} }, reserve }: JudgingContext,
): Verdict {
  const verdict = judgeRequest(request, protocol, options);
  if (verdict.refusal !== undefined) return verdict;
  try {
    // Given back at once: this says whether there is a place, and the connection takes it.
    reserve?.(request.remoteAddress)?.();
    return verdict;
  } catch (error) {
    const reason = error as SPError;
    const message = reason.code === "EBUSY"
      ? "The socket here has one peer at a time, and has it"
      : TOO_MANY;
    return { refusal: { status: 503, message, reason } };
  }
}

function judgeRequest(
  request: UpgradeRequest,
  protocol: ProtocolId,
  options: WebSocketOptions,
): Verdict {
  const path = request.path.replace(/\?.*/s, "");
  if (options.path !== undefined && path !== options.path) {
    const message = `The path is ${JSON.stringify(path)}, wanted ${JSON.stringify(options.path)}`;
    return { refusal: { status: 404, message } };
  }
  const origin = request.headers.get("origin") ?? undefined;
  try {
    if (options.origin !== undefined && !isWelcome(origin, options.origin, request)) {
      const message = `The origin ${origin ?? "(none)"} is not welcome`;
      return { refusal: { status: 403, message } };
    }
  } catch (cause) {
    return { refusal: { status: 500, message: "The origin could not be checked", cause } };
  }
  const wanted = subprotocol(protocol.name);
  const header = request.headers.get("sec-websocket-protocol");
  const offered = header?.split(",").map((one) => one.trim()) ?? [];
  // A browser wants its own offer back, letter by letter; nanomsg compares without regard to case.
  const found = offered.find((one) => one.toLowerCase() === wanted);
  if (found !== undefined) return { subprotocol: found };
  if (header === null && options.allowMissingProtocol === true) return { subprotocol: undefined };
  const given = header === null ? "(none)" : JSON.stringify(header);
  const message = `The WebSocket subprotocol is ${given}, wanted "${wanted}"`;
  return { refusal: { status: 400, message } };
}

/** Tells the socket of a request that was refused. */
export function tellRefusal(sink: ListenerSink, remoteAddress: string, refusal: Refusal): void {
  const code = refusal.status === 400 ? "EPROTO" : "EREJECTED";
  const { status, message, reason, cause } = refusal;
  const what = `Refused ${remoteAddress}: ${message}`;
  if (status !== 500) return sink.rejected(remoteAddress, reason ?? new SPError(code, what));
  const thrown = cause instanceof Error ? cause.message : describe(cause);
  const why = `${what}: webSocket.origin threw: ${thrown}`;
  sink.rejected(remoteAddress, new SPError(code, why, { cause }));
}

function isWelcome(
  origin: string | undefined,
  check: OriginCheck,
  request: UpgradeRequest,
): boolean {
  // A promise is none of what the type permits, and would let everybody in.
  if (typeof check === "function") return check(origin, request) === true;
  if (origin === undefined) return true;
  return typeof check === "string" ? check === origin : check.includes(origin);
}

/**
 * An {@linkcode OriginCheck}: web pages may connect only to the host that they come from. Programs that
 * are no browsers, and say no origin, may connect too.
 *
 * Behind a proxy that changes the header `Host` it refuses everybody: name the origin there instead.
 *
 * @param origin The request's `Origin`.
 * @param request The request.
 *
 * @example
 * ```ts
 * import { Pub, sameOrigin } from "@nanostreams/nanostreams";
 *
 * await using pub = new Pub();
 * await pub.bind("ws://127.0.0.1:0", { webSocket: { origin: sameOrigin } });
 * ```
 */
export function sameOrigin(origin: string | undefined, request: UpgradeRequest): boolean {
  if (origin === undefined) return true;
  const host = request.headers.get("host");
  if (host === null || !URL.canParse(origin)) return false;
  const { protocol, host: from } = new URL(origin);
  // Through the same parser, so that a default port that one of them leaves out makes no difference.
  return URL.canParse(`${protocol}//${host}`) && new URL(`${protocol}//${host}`).host === from;
}
