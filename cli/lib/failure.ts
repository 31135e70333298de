/** How nanocat fails: a text for stderr and an exit status, the same as the original's. */

/** The exit status of each kind of end. */
export const EXIT = { ok: 0, usage: 1, file: 2, library: 3 } as const;

/** An end of the program that is not a good one. */
export class Failure extends Error {
  override readonly name = "Failure";
  readonly exitCode: number;

  constructor(exitCode: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

/** `strerror` for the codes that can come up here; scripts look for these words on stderr. */
const REASONS: Readonly<Record<string, string>> = {
  EACCES: "Permission denied",
  EADDRINUSE: "Address already in use",
  EADDRNOTAVAIL: "Cannot assign requested address",
  ECONNREFUSED: "Connection refused",
  EINVAL: "Invalid argument",
  EISDIR: "Is a directory",
  EMSGSIZE: "Message too long",
  ENAMETOOLONG: "File name too long",
  ENOENT: "No such file or directory",
  ENOTSUP: "Protocol not supported",
  ETIMEDOUT: "Connection timed out",
};

/** The `code` of an error, if it has one. */
export function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return String(error.code);
}

/** The words of the C library for an error, or the error's own. */
export function reasonOf(error: unknown): string {
  const known = REASONS[codeOf(error) ?? ""];
  if (known !== undefined) return known;
  return error instanceof Error ? error.message : String(error);
}

/**
 * "Can't bind: Address already in use", as nanocat says it. A second line has the library's own
 * message, which names the address and what to do.
 */
export function cannot(verb: string, error: unknown): Failure {
  const reason = reasonOf(error);
  const detail = error instanceof Error && error.message !== reason ? `\n    ${error.message}` : "";
  return new Failure(EXIT.library, `Can't ${verb}: ${reason}${detail}`, { cause: error });
}
