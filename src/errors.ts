/**
 * What went wrong, as a stable name. The names are those of POSIX where it has one.
 *
 * | code | meaning |
 * | --- | --- |
 * | `EACCES` | the operating system does not permit it |
 * | `EADDRINUSE` | somebody else is bound to that address |
 * | `EADDRNOTAVAIL` | that local address is not this machine's |
 * | `EBUSY` | a one-peer socket has its peer already |
 * | `ECLOSED` | the socket (or the endpoint) is closed |
 * | `ECONNREFUSED`, `ECONNRESET`, `EHOSTUNREACH`, `ENOENT`, `ENOTFOUND` | the connection failed, as the operating system tells it |
 * | `EINVAL` | an argument, an address or an option is wrong |
 * | `EMSGSIZE` | a message is larger than `maxMessageSize` |
 * | `ENOBUFS` | a peer sent faster than it was read, where the platform cannot push it back |
 * | `ENOPEERS` | nobody is connected, and the socket was told to fail then |
 * | `ENOTSUP` | this runtime or this pattern cannot do that |
 * | `EPROTO` | the peer broke the protocol, or speaks another one |
 * | `EREJECTED` | an accept hook, or the peer's, said no |
 * | `ESTATE` | not now: a reply without a request, for example |
 * | `ETIMEDOUT` | the time given has passed |
 * | `ETLS` | the TLS handshake failed: an unknown authority, a wrong name, a missing certificate |
 * | `EIO` | anything else that the operating system reports |
 */
export type SPErrorCode =
  | "EACCES"
  | "EADDRINUSE"
  | "EADDRNOTAVAIL"
  | "EBUSY"
  | "ECLOSED"
  | "ECONNREFUSED"
  | "ECONNRESET"
  | "EHOSTUNREACH"
  | "EINVAL"
  | "EIO"
  | "EMSGSIZE"
  | "ENOBUFS"
  | "ENOENT"
  | "ENOPEERS"
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

const SYSTEM_CODES: ReadonlySet<string> = new Set<SPErrorCode>([
  "EACCES",
  "EADDRINUSE",
  "EADDRNOTAVAIL",
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTUNREACH",
  "ENOENT",
  "ENOTFOUND",
  "ETIMEDOUT",
]);

const ALIASES: Readonly<Record<string, SPErrorCode>> = {
  EAI_AGAIN: "ENOTFOUND",
  ENETUNREACH: "EHOSTUNREACH",
  EPERM: "EACCES",
  EPIPE: "ECONNRESET",
};

const REASONS: Readonly<Partial<Record<SPErrorCode, string>>> = {
  EACCES: "permission denied",
  EADDRINUSE: "the address is in use",
  EADDRNOTAVAIL: "the address is not one of this machine's",
  ECONNREFUSED: "nobody listens there",
  ECONNRESET: "the connection was reset",
  EHOSTUNREACH: "the host cannot be reached",
  ENOENT: "no such file",
  ENOTFOUND: "the name is unknown",
  ETIMEDOUT: "no answer in time",
};

const UNTRUSTED = "the peer's certificate is of no authority that is trusted here (see tls.ca)";
const NO_CERTIFICATE = "the peer wants a certificate of ours (see tls.cert and tls.key)";

/** What the three runtimes call the same failures of a TLS handshake. */
const TLS_REASONS: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: "the peer's certificate has expired",
  CERT_NOT_YET_VALID: "the peer's certificate is not valid yet",
  CERT_SIGNATURE_FAILURE: "the peer's certificate is forged",
  CERT_UNTRUSTED: UNTRUSTED,
  DEPTH_ZERO_SELF_SIGNED_CERT: UNTRUSTED,
  ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE: "the peer has no certificate, and one is required",
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: "the peer refuses our certificate",
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN: "the peer refuses our certificate",
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: NO_CERTIFICATE,
  ERR_SSL_TLSV1_ALERT_CERTIFICATE_REQUIRED: NO_CERTIFICATE,
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: "our certificate is of no authority that the peer trusts",
  ERR_SSL_WRONG_VERSION_NUMBER: "the peer does not speak TLS",
  ERR_TLS_CERT_ALTNAME_INVALID: "the peer's certificate is for another name (see tls.serverName)",
  ERR_TLS_HANDSHAKE_TIMEOUT: "no TLS handshake in time",
  SELF_SIGNED_CERT_IN_CHAIN: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNTRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNTRUSTED,
};

function isTlsCode(code: string): boolean {
  return Object.hasOwn(TLS_REASONS, code) || /^(ERR_(SSL|TLS|OSSL)_|CERT_)/.test(code);
}

/** Tells whether a string is one of the operating system's codes that {@linkcode SPError} carries on. */
function isSystemCode(code: string): code is SPErrorCode {
  return SYSTEM_CODES.has(code);
}

/**
 * Wraps what a runtime threw: `what` says what was tried, the code and the reason come from the cause.
 * An {@linkcode SPError} is returned as it is.
 */
export function wrapError(what: string, cause: unknown): SPError {
  if (cause instanceof SPError) return cause;
  const raw = typeof cause === "object" && cause !== null && "code" in cause
    ? String(cause.code)
    : "";
  const code = isSystemCode(raw) ? raw : ALIASES[raw] ?? (isTlsCode(raw) ? "ETLS" : "EIO");
  const reason = REASONS[code] ?? TLS_REASONS[raw] ??
    (cause instanceof Error ? cause.message : String(cause));
  return new SPError(code, `${what}: ${reason} (${raw === "" ? code : raw})`, { cause });
}

/** The error of every call on a socket that is closed. */
export function closedError(what: string): SPError {
  return new SPError("ECLOSED", `Cannot ${what}: the socket is closed`);
}
