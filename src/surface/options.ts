import { checkOptions } from "../base/check_options.ts";
import { DEFAULT_MAX_MESSAGE_SIZE } from "../memory/message.ts";
import type { AcceptHook } from "./peer.ts";
// Types alone: which options the transports of this package have. Their rules come with them, as they are registered.
import type {
  TransportBindOptions,
  TransportOptions,
  TransportUpdateOptions,
} from "../../transports/options.ts";
import {
  BOOLEAN,
  BYTES,
  COUNT,
  DURATION,
  FUNCTION,
  integer,
  mergeRules,
  MILLISECONDS,
  oneOf,
  orFalse,
  type Rule,
  type Rules,
  SIGNAL,
  TEXT,
} from "../base/rules.ts";
import { transportRules } from "./transports.ts";

export {
  BOOLEAN,
  BYTES,
  checkOptions,
  COUNT,
  FUNCTION,
  integer,
  MILLISECONDS,
  oneOf,
  orFalse,
  type Rule,
  type Rules,
};

/** Options of `bind` and of `connect`; what is left out is taken from the socket's options. */
export interface EndpointOptions extends TransportOptions {
  /**
   * Asked before a peer joins, once its protocol is known to be right; `false` (or a rejection, or
   * a throw) closes the connection, with an event.
   */
  accept?: AcceptHook;
  /**
   * How long the peer may take for its part of the handshake, and the accept hook to decide, each in milliseconds;
   * default 10,000, `Infinity` for no limit.
   */
  handshakeTimeout?: number;
  /**
   * How long nothing may come from a peer, in milliseconds, before its connection ends with `ETIMEDOUT`; default `Infinity`. What
   * comes is looked at four times in that time, so that it may take a quarter longer.
   *
   * Anything counts that comes: part of a message, and over `ws://` by the package `ws` pings and pongs. A peer that we do not read,
   * since its messages wait to be taken, is not held to it. PUSH, PUB and SOURCE hear nothing from their peers: there it ends every
   * connection, so use `keepAlive` and `sendStall` instead. A dialer connects again.
   */
  idleTimeout?: number;
  /**
   * The largest message taken from a peer, in bytes, the protocol's header included; default 1 MiB,
   * `Infinity` for no limit. A larger one closes the connection, and the sender is not told.
   */
  maxMessageSize?: number;
  /** 1 (first) to 16: peers with a lower number are taken from first; default 8. */
  receivePriority?: number;
  /** 1 (first) to 16: peers with a lower number are sent to first; default 8. */
  sendPriority?: number;
  /**
   * How long a write may make no progress, in milliseconds, before the connection ends with `ETIMEDOUT`; default `Infinity`, since
   * a peer that pushes back, because nobody takes its messages, stalls as well. It may take a quarter longer.
   *
   * It looks at the connection: one message is enough that the operating system does not take, because the peer has vanished or reads
   * nothing at all. A byte that leaves is progress. On Deno and Bun, TLS and WebSockets show only the end of a write: up to
   * 512 KiB, or one larger message, have to leave in that time. What had not left is dropped, or goes to another peer, as with any
   * connection that is lost.
   */
  sendStall?: number;
  /**
   * On sockets that send: how long a peer's queue (`sendBuffer`) may be full without a break, in milliseconds, before the connection
   * ends with `ETIMEDOUT`; default `Infinity`. It may take a quarter longer.
   *
   * It looks at the queue: a peer is let go only while it costs memory, messages (`overflow`) or time, also one that still reads a byte
   * now and then. A write that is taken whole is a break, and so a peer that is slow and steady stays.
   */
  slowPeerTimeout?: number;
}

/** Options of dialers; `connect` takes them, and each socket for all of its dialers. */
export interface DialOptions {
  /**
   * How long a connection may take to be made, in milliseconds; default 10,000, `Infinity` for no limit. Then the try has
   * failed with `ETIMEDOUT`. What follows, also that of TLS and WebSocket, is limited by `handshakeTimeout`, which counts
   * from then on (in browsers from the beginning). An `inproc://` address may be bound as late as you like.
   */
  connectTimeout?: number;
  /**
   * After how many failed tries in a row a dialer gives up, with an event, and closes itself; `dialer.opened` rejects
   * if it had no peer. Default `Infinity`. A connection that stands for 20 ms, and for `reconnectMin`, begins the count
   * again. Where the peer does not accept our credentials (`EAUTH`), the first try is the last.
   */
  maxAttempts?: number;
  /** The longest pause between two tries to connect, in milliseconds; default 2,000. Less than 20 counts as 20. */
  reconnectMax?: number;
  /**
   * The pause that the tries start from, in milliseconds; default 100. Each pause is random, up to a limit that
   * doubles. With 0 the first try again follows at once, and the limit of the next pause is 20.
   */
  reconnectMin?: number;
}

/** Options of `connect`. */
export interface ConnectOptions extends EndpointOptions, DialOptions {
  /** Whether to give up, with `dialer.opened` rejecting, when the first try fails; default false. */
  failFast?: boolean;
  /** Has `dialer.opened` reject with its reason. The dialer goes on; `dialer.close()` ends it. */
  signal?: AbortSignal;
  /**
   * How long `dialer.opened` waits, in milliseconds, before it rejects with `ETIMEDOUT`; default `Infinity`. The dialer
   * goes on.
   */
  timeout?: number;
}

/** Limits of a listener on the connections that it takes; `bind` takes them. */
export interface ListenLimits {
  /**
   * How many connections may be on their way to being peers: their handshake is under way (also that of TLS and
   * WebSocket), or an accept hook has not decided. When there have been more for a second, the oldest of them are closed,
   * and events say `EMAXHANDSHAKES`. Default 1,024, `Infinity` for no limit.
   */
  maxHandshakes?: number;
  /**
   * How many peers the listener has at most, with those on their way. One more is refused before the handshake: its
   * connection is closed at once (over WebSocket with HTTP status 503), and an event says `EMAXPEERS`. Default
   * `Infinity`. The socket's option of this name counts the peers of all its endpoints together.
   */
  maxPeers?: number;
  /**
   * How many peers one remote address may have here at most, with those on their way. One more is refused as by
   * `maxPeers`, with `EMAXPEERSPERHOST`. Default `Infinity`. An address is an IP address without a port; behind a proxy
   * all peers have the proxy's. It has no effect on `ipc://`, `abstract://` and `inproc://`, whose peers have none.
   */
  maxPeersPerHost?: number;
}

/** Options of `bind`. */
export interface BindOptions extends EndpointOptions, ListenLimits, TransportBindOptions {}

/** Options of `listener.update`; what is left out stays as it is. */
export interface UpdateOptions extends TransportUpdateOptions {}

/** Options of `attach`; what is left out is taken from the socket's options. */
export interface AttachOptions extends
  Pick<
    EndpointOptions,
    | "accept"
    | "handshakeTimeout"
    | "idleTimeout"
    | "maxMessageSize"
    | "receivePriority"
    | "sendPriority"
    | "sendStall"
    | "slowPeerTimeout"
  > {
  /** What errors, events and statistics call the peer; default `stream://1`, `stream://2` and so on. */
  address?: string;
  /**
   * How messages lie on the streams; default `"tcp"`, as with nng's `socket://`. `"ipc"` is for a stream
   * of the operating system's whose other end is an `ipc://` address.
   */
  framing?: "tcp" | "ipc";
  /**
   * Who made the connection: we (`"connect"`, the default) or the peer (`"bind"`). It is told in events and
   * counted in statistics, and makes no other difference.
   */
  role?: "bind" | "connect";
}

/** Options of every socket. */
export interface SocketOptions extends EndpointOptions, DialOptions {
  /**
   * How long `close` goes on sending what was accepted, in milliseconds; default 1,000. What is left
   * then is dropped, and counted.
   */
  linger?: number;
  /**
   * How many peers the socket has at most, those of all its endpoints and those on their way together; default `Infinity`.
   * Who connects to a listener then is refused before the handshake, with the event `rejected` and `EMAXPEERS`. A dialer
   * does not connect: it tries again later, as after any failure, with the event `connect-failed` and `EMAXPEERS`. What is
   * attached is refused. `bind` has an option of this name for one listener.
   */
  maxPeers?: number;
}

/** Options of sockets that send. */
export interface SendOptions {
  /**
   * Bytes that wait for one peer before it counts as full; default 512 KiB (1 MiB for sockets that
   * broadcast). A single message may be larger.
   */
  sendBuffer?: number;
  /** How long `send` waits for a peer with room, in milliseconds; default `Infinity`. */
  sendTimeout?: number;
}

/** Options of sockets that receive. */
export interface ReceiveOptions {
  /**
   * Bytes that wait for the reader, of all peers together, before peers are pushed back; default 2 MiB, each message
   * counting 160 more, which is what it costs the process. A single message may be larger, and from each peer one message
   * may wait besides, and up to 64 KiB that were read and not looked at yet (on Bun, what one read brought).
   */
  receiveBuffer?: number;
  /** How long `receive` waits for a message, in milliseconds; default `Infinity`. */
  receiveTimeout?: number;
}

const ENDPOINT_RULES: Rules = {
  accept: FUNCTION,
  handshakeTimeout: MILLISECONDS,
  idleTimeout: DURATION,
  maxMessageSize: BYTES,
  receivePriority: integer(1, 16),
  sendPriority: integer(1, 16),
  sendStall: DURATION,
  slowPeerTimeout: DURATION,
};

const DIAL_RULES: Rules = {
  connectTimeout: MILLISECONDS,
  maxAttempts: COUNT,
  reconnectMax: MILLISECONDS,
  reconnectMin: MILLISECONDS,
};

const LISTEN_RULES: Rules = { maxHandshakes: COUNT, maxPeers: COUNT, maxPeersPerHost: COUNT };

const CONNECT_RULES: Rules = {
  ...ENDPOINT_RULES,
  ...DIAL_RULES,
  failFast: BOOLEAN,
  signal: SIGNAL,
  timeout: MILLISECONDS,
};

/** Rules of `connect`'s options, with those of the transports that are registered now. */
export function connectRules(): Rules {
  return mergeRules(CONNECT_RULES, transportRules("endpoint"));
}

/** Rules of `bind`'s options, with those of the transports that are registered now. */
export function bindRules(): Rules {
  return mergeRules(
    ENDPOINT_RULES,
    LISTEN_RULES,
    transportRules("endpoint"),
    transportRules("bind"),
  );
}

/** Rules of `listener.update`'s options: all of them are transports'. */
export function updateRules(): Rules {
  return transportRules("update");
}

/** Rules of every socket's options, with those of the transports that are registered now. */
export function socketRules(): Rules {
  return mergeRules(SOCKET_RULES, transportRules("endpoint"));
}

/** Rules of `attach`'s options. */
export const ATTACH_RULES: Rules = {
  ...ENDPOINT_RULES,
  address: TEXT,
  framing: oneOf("tcp", "ipc"),
  role: oneOf("bind", "connect"),
};

const SOCKET_RULES: Rules = {
  ...ENDPOINT_RULES,
  ...DIAL_RULES,
  linger: MILLISECONDS,
  maxPeers: COUNT,
};

/** Rules of a sending socket's options. */
export const SEND_RULES: Rules = { sendBuffer: BYTES, sendTimeout: MILLISECONDS };

/** Rules of a receiving socket's options. */
export const RECEIVE_RULES: Rules = { receiveBuffer: BYTES, receiveTimeout: MILLISECONDS };

/** Every option of an endpoint: those of the core filled in, those of transports as they were given. */
export interface ResolvedEndpointOptions
  extends
    Required<Omit<EndpointOptions, keyof TransportOptions | "accept">>,
    Required<DialOptions>,
    Required<ListenLimits>,
    TransportOptions,
    TransportBindOptions {
  /** The accept hook, if there is one. */
  readonly accept?: AcceptHook;
  /** Whether a dialer gives up when its first try fails. */
  readonly failFast: boolean;
}

const DEFAULTS: ResolvedEndpointOptions = {
  connectTimeout: 10_000,
  failFast: false,
  handshakeTimeout: 10_000,
  idleTimeout: Infinity,
  maxAttempts: Infinity,
  maxHandshakes: 1024,
  maxMessageSize: DEFAULT_MAX_MESSAGE_SIZE,
  maxPeers: Infinity,
  maxPeersPerHost: Infinity,
  receivePriority: 8,
  reconnectMax: 2_000,
  reconnectMin: 100,
  sendPriority: 8,
  sendStall: Infinity,
  slowPeerTimeout: Infinity,
};

/** The endpoint's own options before the socket's, or those that it had, before the defaults. */
export function resolveEndpointOptions(
  socket: SocketOptions,
  endpoint: ConnectOptions & BindOptions,
): ResolvedEndpointOptions {
  const rules = mergeRules(bindRules(), CONNECT_RULES);
  const resolved: Record<string, unknown> = { ...DEFAULTS };
  // The socket's own limit is that of all its endpoints together.
  for (const source of [{ ...socket, maxPeers: undefined }, endpoint]) {
    for (const [name, value] of Object.entries(source)) {
      if (value === undefined || !Object.hasOwn(rules, name)) continue;
      const isGroup = typeof rules[name] === "object";
      resolved[name] = isGroup ? { ...resolved[name] as object, ...value } : value;
    }
  }
  return resolved as unknown as ResolvedEndpointOptions;
}
