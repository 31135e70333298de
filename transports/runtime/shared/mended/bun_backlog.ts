/*
 * Bun says ECONNREFUSED also of a socket whose backlog is full, where the system says EAGAIN (seen with Bun 1.4.5). On Linux, the list
 * of all sockets tells whether somebody listens: proc_net(5).
 */
import { builtin } from "../builtin.ts";
import type { FsModule } from "../node_api.ts";
import { platform } from "../platform.ts";

/** A line of a socket that listens, with the path that it was bound to. */
const LISTENING = /^\S+: \S+ \S+ 00010000 0001 \S+ +\d+ (.*)$/gm;

/**
 * Tells whether somebody listens on a file of which Bun says that nobody does. False on other runtimes, which are right, and
 * where nothing more is known.
 *
 * @param folder Where the file lies, with a slash at the end.
 * @param isOne Whether a name in that folder, or in a folder there, may be the file's.
 */
export function isListening(folder: string, isOne: (name: string) => boolean): boolean {
  if (!("Bun" in globalThis) || platform() !== "linux") return false;
  const { readFileSync, realpathSync } = builtin<FsModule>("node:fs");
  const same = (other: string): boolean => {
    try {
      // Of a relative path nobody knows from where.
      return !other.startsWith("/") || realpathSync(other) === realpathSync(folder);
    } catch {
      return false;
    }
  };
  try {
    for (const [, path = ""] of readFileSync("/proc/net/unix", "utf8").matchAll(LISTENING)) {
      const end = path.lastIndexOf("/") + 1;
      const ends = [end, path.lastIndexOf("/", end - 2) + 1];
      if (ends.some((end) => isOne(path.slice(end)) && same(path.slice(0, end)))) return true;
    }
  } catch {
    // There is no such list.
  }
  return false;
}
