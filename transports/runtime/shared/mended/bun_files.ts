/*
 * Where a process has no file descriptor left, Bun says that nobody listens, or nothing at all (seen with Bun 1.4.5).
 */
import { lackOfFiles } from "../files.ts";

/** Gives an error of Bun's that comes of a lack of files its code: `EMFILE` or `ENFILE`. Returns any other as it is. */
export function withFilesCode<Failure>(error: Failure): Failure {
  if (!("Bun" in globalThis) || !(error instanceof Error)) return error;
  const { code } = error as { code?: unknown };
  if (code !== undefined && code !== "ECONNREFUSED") return error;
  const lack = lackOfFiles(1) as { code?: unknown } | undefined;
  return lack === undefined ? error : Object.assign(error, { code: lack.code });
}
