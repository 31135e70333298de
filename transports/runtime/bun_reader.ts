import type { BunSocket } from "./bun_api.ts";
import { builtin } from "./node.ts";
import type { FsModule } from "./node_api.ts";
import { platform } from "./platform.ts";

/*
 * Large messages without a detour. Bun reads into memory of its own, and copies that for each `data`; a message that lies
 * in several of these is then copied once more. So while one is under way, its socket is read here as well, to where the
 * message is to lie: as a file, by its descriptor. That is not documented; where it is missing, all comes by `data` as
 * ever.
 */

/** On Windows, sockets are no files. */
const isPossible = platform() !== "win32";
let fs: FsModule | undefined;

/** What a read fails with that says nothing of the connection: there is nothing now, or it is no descriptor to read. */
const NO_NEWS = new Set(["EAGAIN", "EINTR", "EBADF", "EINVAL", "ENOTSUP"]);

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
    if (NO_NEWS.has((error as { code?: string }).code ?? "")) return 0;
    throw error;
  }
}
