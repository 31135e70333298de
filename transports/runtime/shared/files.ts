/* Whether the system gives this process another file descriptor. */
import { builtin } from "./builtin.ts";
import { mayRead } from "./mended/deno_permission.ts";
import type { FsModule } from "./node_api.ts";

/** What anybody can open, without an effect. */
const FILE = "/dev/null";

/**
 * Why so many files cannot be opened now: an error with the code `EMFILE` or `ENFILE`. Undefined if they can, or if nobody
 * knows: on Deno without `--allow-read=/dev/null`, for one.
 */
export function lackOfFiles(count: number): Error | undefined {
  if (!mayRead(FILE)) return undefined;
  const { closeSync, openSync } = builtin<FsModule>("node:fs");
  const opened: number[] = [];
  try {
    while (opened.length < count) opened.push(openSync(FILE, "r"));
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (code === "EMFILE" || code === "ENFILE") return error as Error;
  } finally {
    for (const file of opened) closeSync(file);
  }
  return undefined;
}
