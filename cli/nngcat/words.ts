/** How nngcat fails: always with status 1, and with nng's words for what went wrong. */

import { codeOf, Failure, reasonOf } from "../lib/failure.ts";

/** `nng_strerror` for the codes that can come up here; scripts look for these words on stderr. */
const REASONS: Readonly<Record<string, string>> = {
  EACCES: "Permission denied",
  EADDRINUSE: "Address in use",
  EADDRNOTAVAIL: "Address invalid",
  EAUTH: "Peer could not be authenticated",
  EBUSY: "Resource busy",
  ECLOSED: "Object closed",
  ECONNREFUSED: "Connection refused",
  // Whoever closes before the handshake is over.
  ECONNRESET: "Connection shutdown",
  EHOSTUNREACH: "Destination unreachable",
  EINVAL: "Address invalid",
  EMFILE: "Out of files",
  EMSGSIZE: "Message too large",
  ENFILE: "Out of files",
  ENOENT: "Entry not found",
  ENOMEM: "Out of memory",
  ENOTFOUND: "Address invalid",
  ENOTSUP: "Not supported",
  EPROTO: "Protocol error",
  EREJECTED: "Connection refused",
  ESTATE: "Incorrect state",
  ETIMEDOUT: "Timed out",
  ETLS: "Cryptographic error",
};

/** nng's words for an error of the library, or the error's own. */
export function nngReason(error: unknown): string {
  return REASONS[codeOf(error) ?? ""] ?? reasonOf(error);
}

/** An end of the program. */
export function fatal(message: string, cause?: unknown): Failure {
  return new Failure(1, message, { cause });
}

/** "Send error: Timed out". */
export function cannot(verb: "send" | "recv", error: unknown): Failure {
  return fatal(`${verb === "send" ? "Send" : "Receive"} error: ${nngReason(error)}`, error);
}
