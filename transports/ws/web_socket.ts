/*
 * What of the WebSocket mapping (sp-websocket-mapping-01) is the same in every runtime: the
 * subprotocols' names, and which requests for an upgrade are taken.
 */
import { SPError } from "../../src/base/errors.ts";
import { describe } from "../../src/memory/message.ts";
import type { AddressRole } from "../../src/surface/address.ts";
import type { ProtocolId } from "../../src/contracts/protocol.ts";
import type { ListenerSink, TransportContext } from "../../src/contracts/transport.ts";
import type { OriginCheck, UpgradeRequest, WebSocketOptions } from "../options.ts";

/** SP's subprotocol of a server's socket: what a client names is who it wants to talk to. */
export function subprotocol(name: string): string {
  return `${name}.sp.nanomsg.org`;
}

/**
 * What a client asks for, the best first, and what a server takes.
 *
 * @param isPossible Whether a name can be asked for here.
 * @throws {SPError} `ENOTSUP` if there is nothing.
 */
export function subprotocols(
  role: AddressRole,
  address: string,
  { name, peerName, subprotocols: given }: ProtocolId,
  isPossible: (name: string) => unknown = Boolean,
): string[] {
  const names = given?.[role] ?? [subprotocol(role === "bind" ? name : peerName)];
  const possible = names.filter(isPossible);
  if (possible.length > 0) return possible;
  throw new SPError("ENOTSUP", `Cannot ${role} to "${address}": ${given!.missing}`);
}

/** What a client is told where a limit on peers has been reached. */
export const TOO_MANY = "Too many peers";

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
  & Pick<TransportContext, "address" | "protocol" | "reserve">
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
  context: JudgingContext,
): Verdict {
  const verdict = judgeRequest(request, context);
  if (verdict.refusal !== undefined) return verdict;
  try {
    // Given back at once: this says whether there is a place, and the connection takes it.
    context.reserve?.(request.remoteAddress)?.();
    return verdict;
  } catch (error) {
    const reason = error as SPError;
    const message = reason.code === "EBUSY" ? "This socket takes one peer, and has it" : TOO_MANY;
    return { refusal: { status: 503, message, reason } };
  }
}

function judgeRequest(
  request: UpgradeRequest,
  { address, protocol, options: { webSocket: options = {} } }: JudgingContext,
): Verdict {
  const path = request.path.replace(/\?.*/s, "");
  if (options.path !== undefined && path !== options.path) {
    const message = `The path is ${JSON.stringify(path)}, expected ${JSON.stringify(options.path)}`;
    return { refusal: { status: 404, message } };
  }
  const origin = request.headers.get("origin") ?? undefined;
  try {
    if (!isAllowed(origin, options.origin ?? sameOrigin, request)) {
      return { refusal: { status: 403, message: notAllowed(origin, options.origin) } };
    }
  } catch (cause) {
    return { refusal: { status: 500, message: "The origin could not be checked", cause } };
  }
  const wanted = subprotocols("bind", address, protocol);
  const header = request.headers.get("sec-websocket-protocol");
  const offered = header?.split(",").map((one) => one.trim()) ?? [];
  // A browser wants its own offer back, letter by letter; nanomsg compares without regard to case.
  const found = offered.find((one) => wanted.includes(one) || wanted.includes(one.toLowerCase()));
  if (found !== undefined) return { subprotocol: found };
  const isOptional = protocol.subprotocols === undefined && options.allowMissingProtocol === true;
  if (header === null && isOptional) return { subprotocol: undefined };
  const given = header === null ? "(none)" : JSON.stringify(header);
  const message = `The WebSocket subprotocol is ${given}, expected "${wanted}"`;
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

function isAllowed(
  origin: string | undefined,
  check: OriginCheck,
  request: UpgradeRequest,
): boolean {
  // A promise is none of what the type permits, and would let everybody in.
  if (typeof check === "function") return check(origin, request) === true;
  if (origin === undefined) return true;
  return [check].flat().some((one) => one === "*" || one === origin);
}

/** What to do about it, for whoever reads the event or the answer. */
function notAllowed(origin: string | undefined, check: OriginCheck | undefined): string {
  if (origin === undefined) return "A request without an Origin header is not allowed here";
  const what = `Origin ${describe(origin)} is not allowed`;
  if (check === undefined) {
    return `${what}: bind with webSocket: { origin: ${describe(origin)} } or origin: "*"`;
  }
  return typeof check === "function" ? what : `${what}: add it to webSocket.origin, or use "*"`;
}

/**
 * An {@linkcode OriginCheck}, and the default: a web page may connect only to the host and the port that it came from. Programs
 * that are not browsers send no `Origin` header, and may connect too.
 *
 * It compares the headers `Origin` and `Host`. So it refuses every page behind a proxy that changes `Host`: name the origin there
 * instead. It does not protect against DNS rebinding: an attacker can have the name of a host of his own resolve to `127.0.0.1`, and
 * then both headers hold that name. A list of origins does protect, and so does `wss://`, because our certificate is not for his name.
 *
 * @param origin The request's `Origin`.
 * @param request The request.
 *
 * @example
 * ```ts
 * import { Pub, sameOrigin } from "@nanostreams/nanostreams";
 *
 * await using pub = new Pub();
 * const isOurs = (origin: string | undefined): boolean => origin === "https://example.org";
 * await pub.bind("ws://127.0.0.1:0", {
 *   webSocket: { origin: (origin, request) => isOurs(origin) || sameOrigin(origin, request) },
 * });
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
