/*
 * The options that only addresses of some schemes have. Types alone, so that a page loads nothing with them; each transport has the
 * rules of its own.
 */

/** Options of sockets, of `bind` and of `connect` that only some transports have. */
export interface TransportOptions {
  /** What only `ipc://` and `unix://` have. */
  ipc?: IpcOptions;
  /**
   * Whether, and when, the operating system probes a TCP connection on which nothing has come; default true, which is after
   * 15 seconds. A number is that time, in milliseconds. See {@linkcode KeepAliveOptions} for what each runtime can do.
   */
  keepAlive?: boolean | number | KeepAliveOptions;
  /** Whether TCP sends small writes at once (`TCP_NODELAY`); default true. */
  noDelay?: boolean;
  /** Certificates and names, for `tls+tcp://` and `wss://`. */
  tls?: TlsOptions;
  /** What only `ws://` and `wss://` have. */
  webSocket?: WebSocketOptions;
}

/**
 * How the operating system finds out that a TCP peer has vanished, because its machine lost power or the network is gone. The
 * connection then ends with `ETIMEDOUT`, after `idle` + `interval` × `count`. For `tcp://`, `tls+tcp://`, `ws://` and `wss://`.
 *
 * | runtime | `idle` | `interval` and `count` |
 * | --- | --- | --- |
 * | Node 24 | set; default 15 s | set; default 1 s and 10 |
 * | Node 20 | set; default 15 s | always 1 s and 10 |
 * | Bun | set; default 15 s | always 1 s and 10 |
 * | Deno, `tcp://` | set if given; otherwise the system's, on Linux 2 hours | always the system's, on Linux 75 s and 9 |
 * | Deno, others | set; default 15 s | always the system's, on Linux 75 s and 9 |
 * | `Deno.serve`, `Bun.serve`, browsers | not set | not set |
 *
 * What a runtime cannot set is left as it is, without an error. `idleTimeout` works everywhere.
 *
 * `Deno.TcpConn.setKeepAlive` takes no times (denoland/deno#35634). With an object or a number, `tcp://` on Deno therefore goes
 * through `node:net`, which is slower.
 *
 * While data is on its way to a peer, operating systems send that data again and do not probe; Linux gives up after about
 * 15 minutes. `sendStall` ends the connection earlier.
 */
export interface KeepAliveOptions {
  /** How many probes in a row may go unanswered: 1 to 127. */
  count?: number;
  /** How long nothing has come before the first probe, in milliseconds: 1,000 to 32,767,000. Whole seconds; rounded up. */
  idle?: number;
  /** The time between two probes, in milliseconds: 1,000 to 32,767,000. Whole seconds; rounded up. */
  interval?: number;
}

/** Options of `bind` that only some transports have. */
export interface TransportBindOptions {
  /** How many connections the operating system lets wait to be accepted; its own default if left out. */
  backlog?: number;
}

/** Options that `listener.update` changes, of transports that can. */
export interface TransportUpdateOptions {
  /** Of `tls+tcp://` and `wss://`: other certificates, authorities, cipher suites or versions. What is left out stays. */
  tls?: Pick<TlsOptions, "ca" | "cert" | "certificates" | "ciphers" | "key" | "minVersion">;
}

/** What a WebSocket's opening handshake asked for, seen from the server. */
export interface UpgradeRequest {
  /** Path and query: `/feed?from=7`. */
  readonly path: string;
  /** All headers of the request. */
  readonly headers: Headers;
  /** Who asks, as an address of this library: `ws://10.0.0.7:41522`. */
  readonly remoteAddress: string;
}

/**
 * Which web pages may connect: one origin (`"https://example.org"`), several, all (`"*"`), or a function that decides.
 *
 * A browser sends the header `Origin`, which says where the page that connects comes from: scheme, host and port, or `"null"` for a
 * page from a file and for a sandboxed frame. Other programs, nanomsg and nng among them, do not send the header, and only a function
 * refuses them. `sameOrigin` is such a function. If a function throws, the request is refused with status 500, and an event says what
 * it threw.
 */
export type OriginCheck =
  | string
  | readonly string[]
  | ((origin: string | undefined, request: UpgradeRequest) => boolean);

/** Options of `ws://` and `wss://`. */
export interface WebSocketOptions {
  /**
   * When binding: whether a client that names no subprotocol is taken in, as if it had named the right
   * one; default false, it is refused with HTTP status 400.
   */
  allowMissingProtocol?: boolean;
  /** When connecting: headers for the request, such as `Authorization`. Not in browsers. */
  headers?: Headers | Readonly<Record<string, string>>;
  /**
   * Where the platform cannot push the peer back (browsers, `Deno.serve`, `Bun.serve`): how many bytes
   * may have come and not been taken, before the connection is closed with `ENOBUFS`; default 16 MiB.
   */
  maxBacklog?: number;
  /**
   * When binding: which web pages may connect; others are refused with status 403, and an event says how to allow them. By default
   * only pages from the host and port that they connect to (`sameOrigin`), so that not every page which a browser on this machine shows
   * can talk to a service on localhost. `"*"` allows all.
   */
  origin?: OriginCheck;
  /** When binding: the one path that is served, `"/feed"`; others are refused with status 404. Any, if left out. */
  path?: string;
  /**
   * After how long a silence the peer is sent a PING, in milliseconds. If nothing comes within the same time again, no PONG either,
   * the connection ends with `ETIMEDOUT`. Each may take a quarter longer. Default `Infinity`: libnanomsg takes a PING for a message,
   * and its connection breaks. A peer that we do not read is not pinged.
   *
   * Everywhere by the package `ws`, and in each `WebSocketMount`. In browsers it is refused with `EINVAL`: pages cannot ping.
   */
  ping?: number;
  /**
   * Whether messages are sent as text frames; default false, as binary ones. They must be UTF-8 then, which
   * REQ, REP, SURVEYOR and RESPONDENT's never are. Both kinds are always taken.
   */
  sendText?: boolean;
}

/** Options of `ipc://` and `unix://`. */
export interface IpcOptions {
  /**
   * When binding: the permissions of the socket's file, as of `chmod`: 0 to 0o777; default 0o600, whatever the process's umask. Who
   * connects needs the permission to write: with the default only programs of the same user and root, with 0o660 the file's group as
   * well, with 0o666 everybody. nanomsg and nng leave the file as the umask makes it, 0o755 as a rule, which also lets only its owner
   * connect.
   *
   * The file has its mode before it has its path, unless the path is over 96 bytes long, the file system has no hard links, or Deno
   * permits nothing but this path: then the umask is changed while the socket is bound, where the runtime allows that (a worker of
   * Node's may not, and Deno needs `--allow-sys=umask`), and otherwise the mode is set right after. Not on Windows. Some systems
   * other than Linux and macOS do not look at a socket's mode: use a folder with a mode of its own there.
   */
  mode?: number;
}

/** One of several certificates of a server: `tls.certificates`. */
export interface TlsCertificate {
  /** The certificate, with those between it and its authority behind it, as PEM text. */
  cert: string;
  /** Its key, as PEM text. */
  key: string;
  /**
   * The names that it is shown for: `"example.org"`, or `"*.example.org"` for every name with exactly one more label. The DNS
   * names in the certificate, if left out.
   */
  serverName?: string | readonly string[];
}

/** Options of `tls+tcp://` and `wss://`. Certificates and keys are PEM text, and no paths of files. */
export interface TlsOptions {
  /** The authorities that the peer's certificate may be of; those that the runtime trusts, if left out. */
  ca?: string | readonly string[];
  /**
   * Our certificate, with those between it and its authority behind it. To bind, this is needed or `certificates`; clients see it
   * that ask for no name, or for one of no other certificate.
   */
  cert?: string;
  /**
   * When binding: more certificates. A client sees the one for the name that it asks for (SNI); an exact name comes before one
   * with `*`. Without `cert`, the first stands in its place.
   */
  certificates?: readonly TlsCertificate[];
  /**
   * The cipher suites to choose from, as OpenSSL and `node:tls` write them: names between colons. Those of TLS 1.3 begin with `TLS_`;
   * without any of them, TLS 1.2 is spoken. The runtime's own, if left out. Deno takes none, and Bun none of TLS 1.3: there
   * `bind` and `connect` fail with `ENOTSUP`.
   */
  ciphers?: string;
  /** When connecting: whether any certificate will do, so that anybody may be at the other end; default false. */
  insecure?: boolean;
  /** The key of our certificate. */
  key?: string;
  /** The oldest version of TLS that is spoken; default `"TLSv1.2"`. */
  minVersion?: "TLSv1.2" | "TLSv1.3";
  /** When binding: whether peers need a certificate of one of the authorities in `ca`; default false. */
  requireClientCertificate?: boolean;
  /** When connecting: the name that the peer's certificate must be for; the address's host if left out. */
  serverName?: string;
}
