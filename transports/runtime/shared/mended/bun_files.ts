/*
 * Where a process has no file descriptor left, Bun says that nobody listens, or nothing at all (seen with Bun 1.4.5).
 */
import { builtin } from "../builtin.ts";
import type { FsModule } from "../node_api.ts";

/** Gives an error of Bun's that comes of a lack of files its code: `EMFILE` or `ENFILE`. Returns any other as it is. */
export function withFilesCode<Failure>(error: Failure): Failure {
  if (!("Bun" in globalThis) || !(error instanceof Error)) return error;
  const { code } = error as { code?: unknown };
  if (code !== undefined && code !== "ECONNREFUSED") return error;
  const { closeSync, openSync } = builtin<FsModule>("node:fs");
  try {
    closeSync(openSync("/", "r"));
  } catch (lack) {
    const { code } = lack as { code?: string };
    if (code === "EMFILE" || code === "ENFILE") return Object.assign(error, { code });
  }
  return error;
}
