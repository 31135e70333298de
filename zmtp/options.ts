import { SPError } from "../src/base/errors.ts";
import { describe, type MessageLike, toBytes } from "../src/memory/message.ts";
import {
  BOOLEAN,
  COUNT,
  DURATION,
  FUNCTION,
  MILLISECONDS,
  type Rule,
  type Rules,
  secret,
  TEXT,
} from "../src/base/rules.ts";
import {
  checkOptions,
  RECEIVE_RULES,
  type ReceiveOptions,
  SEND_RULES,
  type SendOptions,
  type SocketOptions,
  socketRules,
} from "../src/surface/options.ts";
import type { Authenticate } from "./mechanisms/authentication.ts";
import type { CurveOptions, PlainOptions } from "./security.ts";
import type { HeartbeatOptions } from "./wire/heartbeat.ts";

/** The largest message taken from a peer unless told otherwise, in bytes: ZeroMQ has no limit, and its users send large ones. */
export const DEFAULT_MAX_MESSAGE_SIZE: number = 64 * 1024 * 1024;

/** Options of every ZMTP socket. */
export interface ZmtpOptions extends SocketOptions {
  /**
   * Decides whether a peer is let in, by its credentials. It takes the place of ZAP (RFC 27). By default NULL and CURVE let in every peer,
   * and PLAIN those in `plain.users`. It is not asked over `inproc://`.
   */
  authenticate?: Authenticate;
  /**
   * CURVE: encrypts messages, and identifies both ends by their keys; default NULL, no security. Needs the packages `@noble/ciphers` and
   * `@noble/curves`; without them connections fail with `ENOTSUP`. Not together with `plain`.
   */
  curve?: CurveOptions;
  /** Passed to `authenticate`, so that one function can serve several sockets; default `""`. ZeroMQ's `zapDomain`. */
  domain?: string;
  /**
   * Pings peers, and disconnects those that do not answer; default never. Pings of peers are always answered. Over WebSocket use
   * `webSocket.ping` instead.
   */
  heartbeat?: HeartbeatOptions;
  /**
   * The largest message taken from a peer, in bytes, all of its frames together; default 64 MiB, `Infinity` for no limit. A larger one
   * closes the connection, and the event `detached` says `EMSGSIZE`; the sender is not told. So does a message of
   * very many frames: they cost 160 bytes each besides what is in them, and may cost as much again, or 1 MiB if that is more.
   */
  maxMessageSize?: number;
  /** PLAIN: a name and a password, in clear text; default NULL, no security. Not together with `curve`. */
  plain?: PlainOptions;
}

/** Options of ZMTP sockets that send. */
export interface ZmtpSendOptions extends SendOptions {
  /**
   * How many messages may wait for one peer before it counts as full: 1 or more. Default `Infinity`: only `sendBuffer` limits them, in
   * bytes. It also limits how many wait while there is no peer.
   */
  sendHighWaterMark?: number;
}

/** Options of ZMTP sockets that send each message to one peer. */
export interface ZmtpBalanceOptions extends ZmtpSendOptions {
  /**
   * Whether `send` waits while there is no peer. Default false: messages are accepted up to `sendHighWaterMark` and `sendBuffer`, and go
   * to the first peer that comes.
   */
  immediate?: boolean;
}

/** Options of ZMTP sockets that receive. */
export interface ZmtpReceiveOptions extends ReceiveOptions {
  /**
   * About how many messages, of all peers together, may wait for the reader before peers are pushed back: 1 or more. Default `Infinity`:
   * only `receiveBuffer` limits them, in bytes.
   */
  receiveHighWaterMark?: number;
}

/** Options of ZMTP sockets that have a name. */
export interface ZmtpIdentityOptions {
  /**
   * The name by which ROUTER peers address this socket: text (as UTF-8) or bytes, 1 to 255 of them, the first not zero. By default each
   * ROUTER makes one up. A REP tells it to nobody but `authenticate`.
   */
  routingId?: MessageLike;
}

/** Options of ZMTP sockets that can announce themselves. */
export interface ZmtpProbeOptions {
  /** Whether to send each new peer an empty message, so that a ROUTER learns of this socket; default false. */
  probeRouter?: boolean;
}

const ROUTING_ID: Rule = (value) => {
  const wanted = "a routing id: text or bytes, 1 to 255, not beginning with a zero byte";
  try {
    const { length, [0]: first } = toBytes(value as MessageLike);
    return length > 0 && length <= 255 && first !== 0 ? undefined : wanted;
  } catch {
    return wanted;
  }
};

/** A key as Z85, or its 32 bytes. */
const KEY: Rule = secret((value) =>
  typeof value === "string" && value.length === 40 ||
    value instanceof Uint8Array && value.length === 32
    ? undefined
    : "a key: 40 characters of Z85, or 32 bytes"
);

const USERS: Rule = secret((value) =>
  typeof value === "object" && value !== null &&
    Object.values(value).every((password) => typeof password === "string")
    ? undefined
    : "passwords by user name"
);

/** Rules of the option `routingId`. */
export const IDENTITY_RULES: Rules = { routingId: ROUTING_ID };
/** Rules of the option `probeRouter`. */
export const PROBE_RULES: Rules = { probeRouter: BOOLEAN };
/** Rules of a sending socket's options. */
export const ZMTP_SEND_RULES: Rules = { ...SEND_RULES, sendHighWaterMark: COUNT };
/** Rules of the options of a socket that sends each message to one peer. */
export const BALANCE_RULES: Rules = { ...ZMTP_SEND_RULES, immediate: BOOLEAN };
/** Rules of a receiving socket's options. */
export const ZMTP_RECEIVE_RULES: Rules = { ...RECEIVE_RULES, receiveHighWaterMark: COUNT };

const ZMTP_RULES: Rules = {
  authenticate: FUNCTION,
  curve: { publicKey: KEY, secretKey: KEY, server: BOOLEAN, serverKey: KEY },
  domain: TEXT,
  heartbeat: { interval: DURATION, timeout: DURATION, ttl: MILLISECONDS },
  plain: { password: secret(TEXT), server: BOOLEAN, username: TEXT, users: USERS },
};

/** Throws `EINVAL` unless every option of a socket is known and right. */
export function checkZmtpOptions(name: string, options: ZmtpOptions, ...rules: Rules[]): void {
  const all = Object.assign({}, socketRules(), ZMTP_RULES, ...rules);
  checkOptions(`the options of ${name}`, options, all);
  if (options.plain !== undefined && options.curve !== undefined) {
    const what = `Cannot take both plain and curve in the options of ${name}`;
    throw new SPError("EINVAL", `${what}: a socket has one mechanism`);
  }
}

/** A routing id of the user's, as bytes of our own. */
export function toRoutingId(routingId: MessageLike | undefined): Uint8Array<ArrayBuffer> {
  return new Uint8Array(routingId === undefined ? [] : toBytes(routingId));
}

/** Checks a routing id that is given to a call. */
export function checkRoutingId(routingId: MessageLike): Uint8Array<ArrayBuffer> {
  const wanted = ROUTING_ID(routingId);
  if (wanted === undefined) return toRoutingId(routingId);
  throw new SPError("EINVAL", `Cannot set routingId to ${describe(routingId)}: expected ${wanted}`);
}
