import type { BunSocket } from "./bun_api.ts";
import { builtin } from "./node.ts";
import type { FsModule } from "./node_api.ts";
import { platform } from "./platform.ts";

/*
 * Large messages without a detour. Bun reads into memory of its own, and copies that for each `data`; a message that lies
 * in several of these is then copied once more. So while one is under way, its socket is read here as well, to where the
 * message is to lie: as a file, by its descriptor. That is not documented; where it is missing, all comes by `data` as
 * ever. `npm run bench -- throughput` shows the difference at 1 MiB.
 */

/** On Windows, sockets are no files. */
const isPossible = platform() !== "win32";
let fs: FsModule | undefined;

/** Whose descriptor this is not, or not any more. */
const UNREADABLE = new Set(["EAGAIN", "EINTR", "EBADF", "EINVAL", "ENOTSUP"]);

/**
 * Reads what a socket has now. Returns how many bytes; 0 also at its end, which Bun finds too, and if it cannot be read.
 * Throws an error of the connection, which nobody can read twice.
 */
export function readNow({ fd }: Pick<BunSocket<unknown>, "fd">, into: Uint8Array): number {
  if (!isPossible || typeof fd !== "number") return 0;
  fs ??= builtin<FsModule>("node:fs");
  try {
    return fs.readSync(fd, into);
  } catch (error) {
    if (UNREADABLE.has((error as { code?: string }).code ?? "")) return 0;
    throw error;
  }
}
