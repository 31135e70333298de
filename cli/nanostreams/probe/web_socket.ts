/* Who is at an address of a WebSocket: which subprotocols it takes. */
import { Buffer } from "node:buffer";
import type { SocketOptions } from "../../../mod.ts";
import { parseTarget, urlOf } from "../../../transports/ws/target.ts";
import { protocolNamed, SP_NAMES } from "../decode/sp.ts";
import { httpHead, webSocketFrames } from "../decode/web_socket.ts";
import { webSocketType } from "../decode/web_sockets.ts";
import { hasHead, whoSays } from "./answers.ts";
import { Call, type Deadline } from "./call.ts";
import type { Finding, Tls } from "./finding.ts";
import { isOfTls, probeStream, reasonOf } from "./stream.ts";

/** A subprotocol that no server has. */
const NONSENSE = "probe.nanostreams";

const SP_SUFFIX = ".sp.nanomsg.org";

/** Those of ZMTP (RFC 45), and of SP, which are called after the server. One at a time: nng refuses a list. */
const OFFERS: readonly string[] = [
  "ZWS2.0/NULL",
  "ZWS2.0/PLAIN",
  "ZWS2.0/CURVE",
  "ZWS2.0",
  ...SP_NAMES.map((name) => `${name}${SP_SUFFIX}`),
];

/** The status of a server that has no place for another peer: ours, where a PAIR has its peer. */
const BUSY = 503;

/** How many connections there are at once. */
const AT_ONCE = 4;

/** Where and how to ask. */
interface Place {
  /** Of the connection below. */
  readonly url: string;
  readonly host: string;
  readonly path: string;
  readonly headers: readonly string[];
  readonly options: SocketOptions;
}

/** What has come of an offer. */
interface Outcome {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Of the answer; NaN if there was none. */
  readonly status: number;
  /** Whether it is a WebSocket now. */
  readonly isUpgraded: boolean;
  /** The subprotocol that was agreed on. */
  readonly agreed?: string | undefined;
  /** The type that a ZMTP socket tells. */
  readonly type?: string | undefined;
  readonly roundTrip: number;
}

/** Asks for an upgrade to each subprotocol, and closes each connection once it is answered. */
export async function probeWebSocket(
  url: string,
  options: SocketOptions,
  deadline: Deadline,
): Promise<Finding> {
  let place = placeOf(url, options);
  let tls: Tls | undefined = place.url.startsWith("tls") ? { trusted: true } : undefined;
  let first: Outcome;
  try {
    first = await offer(place, NONSENSE, deadline.part(4));
  } catch (error) {
    if (tls === undefined || !isOfTls(error)) throw error;
    tls = { trusted: false, why: reasonOf(error) };
    place = { ...place, options: { ...options, tls: { ...options.tls, insecure: true } } };
    try {
      first = await offer(place, NONSENSE, deadline.part(4));
    } catch {
      return await probeStream(place.url, options, deadline);
    }
  }
  const { roundTrip } = first;
  const done = (finding: Finding): Finding => ({ roundTrip, tls, ...finding });
  const other = whoSays(first.bytes);
  if (other !== undefined && other.found !== "http") {
    return done({ ...other, note: "no WebSocket: try tcp://" });
  }
  if (sameName(first.agreed, NONSENSE)) {
    return done({ found: "websocket", subprotocols: [], note: "it accepts any subprotocol" });
  }
  const outcomes = await offerAll(place, deadline);
  const accepted = outcomes.filter(({ name, outcome }) => sameName(outcome.agreed, name));
  // It knows the subprotocol, and has no place.
  const busy = outcomes.filter(({ outcome }) => outcome.status === BUSY && first.status !== BUSY);
  const isWebSocket = first.isUpgraded || outcomes.some(({ outcome }) => outcome.isUpgraded);
  if (isWebSocket || busy.length > 0) {
    const type = accepted.find(({ outcome }) => outcome.type !== undefined)?.outcome.type;
    const subprotocols = [...accepted, ...busy].map(({ name }) => name);
    const note = busy.length > 0 ? "it has no room for another peer now" : undefined;
    return done({ found: "websocket", subprotocols, type, ...theProtocol(subprotocols), note });
  }
  if (other !== undefined) {
    return done({ ...other, note: "no WebSocket of SP or ZMTP at this path" });
  }
  // It does not answer HTTP.
  const bare = await probeStream(place.url, options, deadline);
  return { ...bare, note: bare.found === "nothing" ? bare.note : "no WebSocket" };
}

/** SP's, if it is the only one. */
function theProtocol(subprotocols: readonly string[]): Pick<Finding, "peer" | "protocol"> {
  const [name, ...others] = subprotocols.filter((one) => one.endsWith(SP_SUFFIX));
  if (name === undefined || others.length > 0) return {};
  const protocol = protocolNamed(name.slice(0, -SP_SUFFIX.length));
  return { protocol: protocol?.name, peer: protocol?.peerName };
}

/** The address of the connection below a WebSocket. */
export function belowWebSocket(url: string): string {
  return placeOf(url, {}).url;
}

function placeOf(url: string, options: SocketOptions): Place {
  const rest = url.slice(url.indexOf("://") + 3);
  const checked = parseTarget("connect", url, rest);
  const { scheme, secure, path } = checked;
  const { host, pathname, search } = new URL(urlOf(checked));
  const place = path === "" ? rest : rest.slice(0, rest.length - path.length);
  const family = /\d$/.exec(scheme)?.[0] ?? "";
  const hasPort = place.lastIndexOf(":") > place.lastIndexOf("]");
  const target = hasPort ? place : `${place}:${secure ? 443 : 80}`;
  return {
    url: `${secure ? "tls+tcp" : "tcp"}${family}://${target}`,
    host,
    path: pathname + search,
    headers: Object.entries(options.webSocket?.headers ?? {}).map(([name, value]) =>
      `${name}: ${value}`
    ),
    options,
  };
}

/** Offers all, a few at once. */
async function offerAll(
  place: Place,
  deadline: Deadline,
): Promise<readonly { name: string; outcome: Outcome }[]> {
  const found: { name: string; outcome: Outcome; index: number }[] = [];
  const offers = OFFERS.entries();
  const work = async (): Promise<void> => {
    for (const [index, name] of offers) {
      if (deadline.left === 0) return;
      try {
        found.push({ name, index, outcome: await offer(place, name, deadline.part(4)) });
      } catch {
        // A server that closes the connection does not accept it.
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return found.sort((a, b) => a.index - b.index);
}

/** Asks for an upgrade, by one subprotocol. */
async function offer(place: Place, name: string, deadline: Deadline): Promise<Outcome> {
  const { url, host, path, headers, options } = place;
  using call = await Call.dial(url, options, deadline);
  const { roundTrip } = call;
  const key = Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString("base64");
  call.say(
    new TextEncoder().encode([
      `GET ${path} HTTP/1.1`,
      `Host: ${host}`,
      "Upgrade: websocket",
      "Connection: Upgrade",
      `Sec-WebSocket-Key: ${key}`,
      "Sec-WebSocket-Version: 13",
      `Sec-WebSocket-Protocol: ${name}`,
      ...headers,
      "",
      "",
    ].join("\r\n")),
  );
  const bytes = await call.hear(isAnswered, deadline);
  const { start, headers: told, next } = httpHead(bytes);
  const status = Number(/^HTTP\/\S+ (\d+)/.exec(start)?.[1] ?? NaN);
  const isUpgraded = status === 101;
  const agreed = isUpgraded ? told.get("sec-websocket-protocol") : undefined;
  const isNull = agreed === "ZWS2.0/NULL";
  const typeOf = (): string | undefined => webSocketType(webSocketFrames(call.bytes, next));
  if (isNull) await call.hear(() => typeOf() !== undefined, deadline);
  return { bytes, status, isUpgraded, agreed, roundTrip, type: isNull ? typeOf() : undefined };
}

/** Whether the head is there; nanomsg's refusal has no end. */
function isAnswered(bytes: Uint8Array<ArrayBuffer>): boolean {
  if (hasHead(bytes)) return true;
  const line = /^HTTP\/\S+ (\d+).*\r?\n/.exec(new TextDecoder("latin1").decode(bytes));
  if (line !== null) return line[1] !== "101";
  const other = whoSays(bytes);
  return other !== undefined && other.found !== "http" && other.found !== "unknown";
}

function sameName(one: string | undefined, other: string): boolean {
  return one?.toLowerCase() === other.toLowerCase();
}
