/* Who is at an address that carries bytes: tcp, tls, ipc, abstract. */
import { type SocketOptions, SPError } from "../../../mod.ts";
import { encodeGreeting } from "../../../zmtp/wire/greeting.ts";
import { learn } from "../decode/zmtp.ts";
import { beginsAsZmtp, zmtpGreeting } from "../decode/zmtp_greeting.ts";
import { hasHead, isClear, whoSays } from "./answers.ts";
import { Call, Deadline } from "./call.ts";
import type { Finding, Tls } from "./finding.ts";

/** The least time that is given to a handshake that goes on, in milliseconds. */
const LEAST = 50;

/**
 * Finds out who is there.
 *
 * First it listens: SP, and most of ZMTP, say who they are as soon as somebody connects, and a connection that has said nothing itself is
 * no peer of theirs. Only of who is silent then it asks, on a new connection each, in ZMTP, TLS and HTTP.
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

/** Why there is no TLS, whatever the certificate. */
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
  const first = await call.hear(isClear, deadline.part(4));
  if (beginsAsZmtp(first)) return done(await askZmtp(call, deadline));
  const heard = whoSays(first);
  if (heard !== undefined) return done(await known(heard, url, options, deadline, mayBeTls));
  const isClosed = call.isOver;
  call[Symbol.dispose]();
  const answer = await ask(url, options, deadline.part(3), sayZmtp);
  const zmtp = answer && (beginsAsZmtp(answer.bytes) ? answer.finding : whoSays(answer.bytes));
  if (zmtp !== undefined && zmtp.found !== "unknown" && zmtp.found !== "http") {
    return done(await known(zmtp, url, options, deadline, mayBeTls));
  }
  const tls = mayBeTls && zmtp?.found !== "http"
    ? await withinTls(url, options, deadline.part(2))
    : undefined;
  if (tls !== undefined) return done(tls);
  const http = await ask(url, options, deadline, sayHttp(url));
  const last = http && whoSays(http.bytes);
  if (last !== undefined && last.found !== "unknown") return done(last);
  if (zmtp !== undefined) return done(zmtp);
  if (last !== undefined) return done(last);
  return done({
    found: "unknown",
    note: isClosed
      ? "the connection is closed at once, as by a PAIR socket that has its peer"
      : undefined,
  });
}

/** TLS that has given itself away is looked into. */
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

interface Answer {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly finding: Finding;
}

/** Asks on a connection of its own; undefined if there is no answer. */
async function ask(
  url: string,
  options: SocketOptions,
  deadline: Deadline,
  say: (call: Call, deadline: Deadline) => Promise<Finding>,
): Promise<Answer | undefined> {
  try {
    using call = await Call.dial(url, options, deadline);
    const finding = await say(call, deadline);
    return call.bytes.length === 0 ? undefined : { bytes: call.bytes, finding };
  } catch {
    return undefined;
  }
}

/** ZMTP that waits for our signature before it says its own. */
async function sayZmtp(call: Call, deadline: Deadline): Promise<Finding> {
  const greeting = encodeGreeting({ name: "NULL", isServer: false });
  call.say(greeting.subarray(0, 10));
  const bytes = await call.hear(isClear, deadline);
  return beginsAsZmtp(bytes)
    ? await askZmtp(call, new Deadline(Math.max(LEAST, deadline.left)), 10)
    : { found: "unknown" };
}

/**
 * Asks on, of who has shown ZMTP's signature. We say our part of the greeting, and not READY: without that nobody becomes a peer. With
 * NULL the other end says it without being asked; with other mechanisms who wants to know more has to have a key or a password.
 */
async function askZmtp(call: Call, deadline: Deadline, said = 0): Promise<Finding> {
  const greeting = encodeGreeting({ name: "NULL", isServer: false });
  // The version's first byte, and no mechanism yet: libzmq would end the connection if that were another.
  call.say(greeting.subarray(said, 11));
  await call.hear(hasGreeted, deadline.part(2));
  const { version, mechanism, type } = zmtpGreeting(call.bytes);
  const finding: Finding = { found: "zmtp", version, mechanism, type };
  if (mechanism !== "NULL") return finding;
  call.say(greeting.subarray(11));
  await call.hear((bytes) => learn(bytes).type !== undefined, deadline);
  return { ...finding, type: learn(call.bytes).type };
}

function hasGreeted(bytes: Uint8Array): boolean {
  return bytes.length >= 64 || bytes.length >= 12 && bytes[10]! < 3;
}

/** The question that costs an HTTP server least. */
function sayHttp(url: string): (call: Call, deadline: Deadline) => Promise<Finding> {
  const host = /^(?:tls\+)?tcp/i.test(url)
    ? url.replace(/^.*:\/\//, "").replace(/^.*;/, "")
    : "localhost";
  return async (call, deadline) => {
    call.say(
      new TextEncoder().encode(`HEAD / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`),
    );
    await call.hear(hasHead, deadline);
    return { found: "http" };
  };
}

/** Whether there was a connection, and it was TLS that failed on it. */
function isOfTls(error: unknown): boolean {
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
