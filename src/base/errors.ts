/**
 * What went wrong, as a stable name. The names are those of POSIX where it has one.
 *
 * | code | meaning |
 * | --- | --- |
 * | `EACCES` | the operating system does not permit it |
 * | `EADDRINUSE` | somebody else is bound to that address |
 * | `EADDRNOTAVAIL` | that local address or interface is not this machine's, or it has no port left to connect from |
 * | `EAUTH` | the peer does not accept our credentials, and need not be asked again |
 * | `EATTEMPTS` | a request was sent as often as `attempts` says, and not answered |
 * | `EBUSY` | a one-peer socket has its peer already |
 * | `ECLOSED` | the socket (or the endpoint) is closed |
 * | `ECONNREFUSED`, `ECONNRESET`, `EHOSTUNREACH`, `ENOENT`, `ENOTFOUND` | the connection failed, as the operating system tells it |
 * | `EINVAL` | an argument, an address or an option is wrong |
 * | `EMAXHANDSHAKES`, `EMAXPEERS`, `EMAXPEERSPERHOST` | a connection gave way, or was refused, because of the option of that name |
 * | `EMFILE`, `ENFILE` | the process, or the machine, has no file descriptor left |
 * | `EMSGSIZE` | a message is larger than `maxMessageSize` |
 * | `ENOBUFS` | a peer sent faster than it was read, where the platform cannot push it back |
 * | `ENOMEM`, `ENOSPC` | the machine has no memory, or no room on the disk, left |
 * | `ENOPEERS` | nobody is connected, and the socket was told to fail then |
 * | `ENOTSUP` | this runtime or this pattern cannot do that |
 * | `EPROTO` | the peer broke the protocol, or speaks another one |
 * | `EREJECTED` | an accept hook, or the peer, said no |
 * | `ESTATE` | not now: a reply without a request, for example |
 * | `ETIMEDOUT` | the time given has passed |
 * | `ETLS` | the TLS handshake failed: an unknown authority, a wrong name, a missing certificate |
 * | `EIO` | anything else that the operating system reports |
 */
export type SPErrorCode =
  | "EACCES"
  | "EADDRINUSE"
  | "EADDRNOTAVAIL"
  | "EATTEMPTS"
  | "EAUTH"
  | "EBUSY"
  | "ECLOSED"
  | "ECONNREFUSED"
  | "ECONNRESET"
  | "EHOSTUNREACH"
  | "EINVAL"
  | "EIO"
  | "EMAXHANDSHAKES"
  | "EMAXPEERS"
  | "EMAXPEERSPERHOST"
  | "EMFILE"
  | "EMSGSIZE"
  | "ENFILE"
  | "ENOBUFS"
  | "ENOENT"
  | "ENOMEM"
  | "ENOPEERS"
  | "ENOSPC"
  | "ENOTFOUND"
  | "ENOTSUP"
  | "EPROTO"
  | "EREJECTED"
  | "ESTATE"
  | "ETIMEDOUT"
  | "ETLS";

/**
 * Every error that this library makes: a `code` for programs, a message for people.
 *
 * @example
 * ```ts
 * import { Pull, SPError } from "@nanostreams/nanostreams";
 *
 * const pull = new Pull({ receiveTimeout: 10 });
 * await pull.receive().catch((error) => {
 *   console.log(error instanceof SPError && error.code); // "ETIMEDOUT"
 * });
 * await pull.close();
 * ```
 */
export class SPError extends Error {
  /** Always `"SPError"`. */
  override readonly name: string = "SPError";
  /** What went wrong, as a stable name. */
  readonly code: SPErrorCode;

  /**
   * Makes an error.
   *
   * @param code What went wrong.
   * @param message What went wrong with which value, and what was wanted.
   * @param options The `cause`, where another error is behind this one.
   */
  constructor(code: SPErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Codes that errors of operating systems, runtimes and streams have as well. */
export const COMMON_CODES: ReadonlySet<unknown> = new Set<SPErrorCode>([
  "EACCES",
  "EADDRINUSE",
  "EADDRNOTAVAIL",
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTUNREACH",
  "EMFILE",
  "ENFILE",
  "ENOENT",
  "ENOMEM",
  "ENOSPC",
  "ENOTFOUND",
  "ENOTSUP",
  "ETIMEDOUT",
]);

/**
 * Wraps what somebody else's code threw: `what` says what was tried, the rest is the cause's, its code too if it is a common one.
 * An {@linkcode SPError} is returned as it is.
 */
export function wrapError(what: string, cause: unknown): SPError {
  if (cause instanceof SPError) return cause;
  const { code: raw, message = String(cause) } = Object(cause) as Partial<SPError>;
  // Whoever writes to a stream that nobody reads any more is told EPIPE.
  const known = raw as unknown === "EPIPE" ? "ECONNRESET" : raw;
  const code = known !== undefined && COMMON_CODES.has(known) ? known : "EIO";
  return new SPError(code, `${what}: ${message} (${raw ?? code})`, { cause });
}

/** The error of every call on a socket that is closed. */
export function closedError(what: string): SPError {
  return new SPError("ECLOSED", `Cannot ${what}: the socket is closed`);
}
