/* Who is at an address that carries bytes: tcp, tls, ipc, abstract. */
import { type SocketOptions, SPError } from "../../../mod.ts";
import { encodeSPHeader } from "../../../src/sp/header.ts";
import { encodeGreeting } from "../../../zmtp/wire/greeting.ts";
import { learn } from "../decode/zmtp.ts";
import { beginsAsZmtp, zmtpGreeting } from "../decode/zmtp_greeting.ts";
import { hasHead, isClear, whoSays } from "./answers.ts";
import { Call, Deadline } from "./call.ts";
import type { Finding, Tls } from "./finding.ts";

/** The least time that is given to a handshake that goes on, in milliseconds. */
const LEAST = 50;

/** Ours, and where it is cut: behind the signature, and behind the major version. */
const GREETING: Uint8Array = encodeGreeting({ name: "NULL", isServer: false });
const SIGNATURE_LENGTH = 10;
const VERSION_END = 11;

/**
 * Finds out who is there.
 *
 * First it only listens: SP and most ZMTP servers greet at once, and a connection that has sent nothing is not a peer. If the server is
 * silent, it asks in SP, ZMTP, TLS and HTTP, on a new connection each.
 */
export async function probeStream(
  url: string,
  options: SocketOptions,
  deadline: Deadline,
): Promise<Finding> {
  const isTls = /^tls\+tcp/i.test(url);
  return isTls ? await probeTls(url, options, deadline) : await probeBytes(url, options, deadline);
}

/** With the certificate that it has, trusted or not. */
async function probeTls(url: string, options: SocketOptions, deadline: Deadline): Promise<Finding> {
  const within = { ...options, tls: { ...options.tls, insecure: true } };
  let tls: Tls = { trusted: true };
  try {
    using _call = await Call.dial(url, options, deadline.part(3));
  } catch (error) {
    if (!isOfTls(error)) throw error;
    tls = { trusted: false, why: reasonOf(error) };
    const refusal = await refusedTls(url, within, deadline.part(2));
    if (refusal !== undefined) {
      const bare = await probeBytes(url.replace(/^tls\+/i, ""), options, deadline);
      const note = `no TLS here: ${reasonOf(refusal)}`;
      return { ...bare, note: bare.note === undefined ? note : `${note}; ${bare.note}` };
    }
  }
  const finding = await probeBytes(url, within, deadline);
  if (finding.found === "nothing") return finding;
  const isKnown = finding.found !== "unknown";
  return { ...finding, found: isKnown ? finding.found : "tls", tls };
}

/** Why the TLS handshake fails; undefined if it does not. */
async function refusedTls(
  url: string,
  options: SocketOptions,
  deadline: Deadline,
): Promise<unknown> {
  try {
    using _call = await Call.dial(url, options, deadline);
    return undefined;
  } catch (error) {
    return error;
  }
}

async function probeBytes(
  url: string,
  options: SocketOptions,
  deadline: Deadline,
): Promise<Finding> {
  const mayBeTls = /^tcp/i.test(url);
  using call = await Call.dial(url, options, deadline);
  const { roundTrip } = call;
  const done = (finding: Finding): Finding => ({ roundTrip, ...finding });
  const first = await call.hear(isClear, deadline.part(5));
  if (beginsAsZmtp(first)) return done(await askZmtp(call, deadline));
  const heard = whoSays(first);
  if (heard !== undefined) return done(await known(heard, url, options, deadline, mayBeTls));
  const isClosed = call.isOver;
  call[Symbol.dispose]();
  let last: Finding | undefined;
  for (const [i, say] of [saySp, sayZmtp].entries()) {
    const finding = await ask(url, options, deadline.part(4 - i), say);
    if (finding !== undefined && finding.found !== "unknown" && finding.found !== "http") {
      return done(await known(finding, url, options, deadline, mayBeTls));
    }
    last ??= finding;
    if (finding?.found === "http") break;
  }
  const isHttp = last?.found === "http";
  const tls = mayBeTls && !isHttp ? await withinTls(url, options, deadline.part(2)) : undefined;
  if (tls !== undefined) return done(tls);
  const http = await ask(url, options, deadline, sayHttp(url));
  if (http?.found === "http") return done(http);
  const note = isClosed ? "it closes connections at once" : undefined;
  return done(last ?? http ?? { found: "unknown", note });
}

/** Looks into TLS, if the server answered with a record of it. */
async function known(
  finding: Finding,
  url: string,
  options: SocketOptions,
  deadline: Deadline,
  mayBeTls: boolean,
): Promise<Finding> {
  if (finding.found !== "tls" || !mayBeTls) return finding;
  return await withinTls(url, options, deadline) ?? finding;
}

/** Who is there behind TLS; undefined if there is none. */
async function withinTls(
  url: string,
  options: SocketOptions,
  deadline: Deadline,
): Promise<Finding | undefined> {
  const secure = `tls+${url}`;
  const insecure = { ...options, tls: { ...options.tls, insecure: true } };
  if (await refusedTls(secure, insecure, deadline.part(2)) !== undefined) return undefined;
  const finding = await probeTls(secure, options, deadline);
  return { ...finding, note: finding.note ?? `try ${secure}` };
}

/** Asks on a connection of its own; undefined if there is no answer. */
async function ask(
  url: string,
  options: SocketOptions,
  deadline: Deadline,
  say: (call: Call, deadline: Deadline) => Promise<Finding | undefined>,
): Promise<Finding | undefined> {
  try {
    using call = await Call.dial(url, options, deadline);
    return await say(call, deadline);
  } catch {
    return undefined;
  }
}

/**
 * For SP that waits for its peer's header, as our PAIR does so that a stranger does not take its place. Our header has a number that no
 * protocol has: our sockets, of ZMTP too, refuse it and send their own greeting.
 */
async function saySp(call: Call, deadline: Deadline): Promise<Finding | undefined> {
  call.say(encodeSPHeader(0));
  const bytes = await call.hear(isClear, deadline);
  if (!beginsAsZmtp(bytes)) return whoSays(bytes);
  await call.hear(hasGreeted, deadline);
  const { version, mechanism } = zmtpGreeting(call.bytes);
  const note = "it tells its type only to peers, as PAIR does";
  return { found: "zmtp", version, mechanism, note };
}

/** For ZMTP that waits for our signature. */
async function sayZmtp(call: Call, deadline: Deadline): Promise<Finding | undefined> {
  call.say(GREETING.subarray(0, SIGNATURE_LENGTH));
  const bytes = await call.hear(isClear, deadline);
  if (!beginsAsZmtp(bytes)) return whoSays(bytes);
  return await askZmtp(call, new Deadline(Math.max(LEAST, deadline.left)), SIGNATURE_LENGTH);
}

/**
 * Goes on once ZMTP's signature has come. We send our greeting, but never READY, so we do not become a peer. With NULL the server sends
 * its READY all the same, which has its type. The other mechanisms tell no more without a password or a key.
 */
async function askZmtp(call: Call, deadline: Deadline, said = 0): Promise<Finding> {
  // No mechanism yet: libzmq closes the connection if it is not its own.
  call.say(GREETING.subarray(said, VERSION_END));
  await call.hear(hasGreeted, deadline.part(2));
  const { version, mechanism, type } = zmtpGreeting(call.bytes);
  const finding: Finding = { found: "zmtp", version, mechanism, type };
  if (mechanism !== "NULL") return finding;
  call.say(GREETING.subarray(VERSION_END));
  await call.hear((bytes) => learn(bytes).type !== undefined, deadline);
  return { ...finding, type: learn(call.bytes).type };
}

function hasGreeted(bytes: Uint8Array): boolean {
  return bytes.length >= 64 || bytes.length >= 12 && bytes[10]! < 3;
}

/** Asks an HTTP server for as little as possible. */
function sayHttp(
  url: string,
): (call: Call, deadline: Deadline) => Promise<Finding | undefined> {
  const host = /^(?:tls\+)?tcp/i.test(url)
    ? url.replace(/^.*:\/\//, "").replace(/^.*;/, "")
    : "localhost";
  return async (call, deadline) => {
    call.say(
      new TextEncoder().encode(`HEAD / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`),
    );
    return whoSays(await call.hear(hasHead, deadline));
  };
}

/** Whether there was a connection, and it was TLS that failed on it. */
export function isOfTls(error: unknown): boolean {
  if (!(error instanceof SPError)) return false;
  return error.code === "ETLS" || error.code === "ECONNRESET" || error.code === "EPROTO" ||
    error.code === "ETIMEDOUT";
}

/** An error's reason, without what could not be done, and with our flags for the library's options. */
export function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/^Cannot connect to "(?:[^"\\]|\\.)*": /, "")
    .replace("tls.cert and tls.key", "--cert and --key").replace("tls.ca)", "--cacert)")
    .replace("tls.serverName", "--server-name");
}
