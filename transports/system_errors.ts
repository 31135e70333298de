/* What operating systems and their runtimes call the things that go wrong. Pages load nothing of it, for they are not told. */
import { COMMON_CODES, SPError, type SPErrorCode } from "../src/base/errors.ts";

const ALIASES: Readonly<Record<string, SPErrorCode>> = {
  EAI_AGAIN: "ENOTFOUND",
  ECONNABORTED: "ECONNRESET",
  ENETUNREACH: "EHOSTUNREACH",
  ENOTCONN: "ECONNRESET",
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
  EMFILE: "this process has too many files open",
  ENFILE: "this machine has too many files open",
  ENOENT: "no such file",
  ENOMEM: "no memory is left",
  ENOSPC: "no space is left on the disk",
  ENOTFOUND: "the name is unknown",
  ETIMEDOUT: "no answer in time",
};

const UNTRUSTED = "the peer's certificate is of no authority that is trusted here (see tls.ca)";
const NO_CERTIFICATE = "the peer asks for our certificate (see tls.cert and tls.key)";

const OTHER_VERSION = "no version of TLS in common with the peer (see tls.minVersion)";
const NOTHING_IN_COMMON =
  "no version of TLS, or no cipher suite, in common with the peer (see tls.minVersion)";

/** What the three runtimes call the same failures of a TLS handshake. */
const TLS_REASONS: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: "the peer's certificate has expired",
  CERT_NOT_YET_VALID: "the peer's certificate is not valid yet",
  CERT_SIGNATURE_FAILURE: "the peer's certificate is forged",
  CERT_UNTRUSTED: UNTRUSTED,
  DEPTH_ZERO_SELF_SIGNED_CERT: UNTRUSTED,
  ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE: "the peer has no certificate, and one is required",
  ERR_SSL_NO_SHARED_CIPHER: NOTHING_IN_COMMON,
  "ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE": NOTHING_IN_COMMON,
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: "the peer refuses our certificate",
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED:
    "the peer says that our certificate has expired, or is not valid yet",
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN: "the peer refuses our certificate",
  ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE: NOTHING_IN_COMMON,
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: NO_CERTIFICATE,
  ERR_SSL_TLSV1_ALERT_CERTIFICATE_REQUIRED: NO_CERTIFICATE,
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: OTHER_VERSION,
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: "our certificate is of no authority that the peer trusts",
  ERR_SSL_UNSUPPORTED_PROTOCOL: OTHER_VERSION,
  ERR_SSL_WRONG_VERSION_NUMBER: "the peer does not speak TLS",
  ERR_TLS_CERT_ALTNAME_INVALID: "the peer's certificate is for another name (see tls.serverName)",
  ERR_TLS_HANDSHAKE_TIMEOUT: "no TLS handshake in time",
  SELF_SIGNED_CERT_IN_CHAIN: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNTRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNTRUSTED,
};

/** What OpenSSL says in a `write EPROTO` of Node's, which has no code for it. */
function tlsCode(raw: string, cause: unknown): string {
  if (raw !== "EPROTO" || !(cause instanceof Error)) return raw;
  const [, text] = /SSL routines:[^:]*:([^:]+)/.exec(cause.message) ?? [];
  return text === undefined ? raw : `ERR_SSL_${text.toUpperCase().replaceAll(" ", "_")}`;
}

function isTlsCode(code: string): boolean {
  return Object.hasOwn(TLS_REASONS, code) || /^(ERR_(SSL|TLS|OSSL)_|CERT_)/.test(code);
}

/** Tells whether a string is one of the operating system's codes that {@linkcode SPError} carries on. */
function isSystemCode(code: string): code is SPErrorCode {
  return COMMON_CODES.has(code);
}

/** What a runtime's error is about. */
export interface Explanation {
  readonly code: SPErrorCode;
  /** What the code means; undefined if only the error itself can say. */
  readonly reason: string | undefined;
  /** The runtime's own code; empty if it has none. */
  readonly raw: string;
}

/** The runtime's own code; Deno has none for what its flags do not permit. */
function codeOf(cause: unknown): string {
  if (typeof cause !== "object" || cause === null) return "";
  if ("code" in cause && cause.code !== undefined) return String(cause.code);
  return cause instanceof Error && cause.name === "NotCapable" ? "EACCES" : "";
}

/** What a runtime threw, as an error of ours: `what` says what was tried. An {@linkcode SPError} is returned as it is. */
export function systemError(what: string, cause: unknown): SPError {
  if (cause instanceof SPError) return cause;
  const { code, reason, raw } = explain(cause);
  const said = reason ?? (cause instanceof Error ? cause.message : String(cause));
  return new SPError(code, `${what}: ${said} (${raw === "" ? code : raw})`, { cause });
}

/** Tries what a runtime does; what it throws is explained. */
export async function explaining<T>(what: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw systemError(what, error);
  }
}

/** Explains what a runtime threw. */
export function explain(cause: unknown): Explanation {
  const raw = tlsCode(codeOf(cause), cause);
  const code = isSystemCode(raw) ? raw : ALIASES[raw] ?? (isTlsCode(raw) ? "ETLS" : "EIO");
  return { code, reason: REASONS[code] ?? TLS_REASONS[raw], raw };
}
