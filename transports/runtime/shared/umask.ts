import { mayMask } from "./mended/deno_permission.ts";

/**
 * Has the socket file that `make` binds at once, before it returns, made with a mode. The umask is the whole process's; nothing else of this
 * thread runs meanwhile, and what another thread makes in this moment has fewer permissions, not more. Where the umask may not be
 * changed the file is as the umask makes it.
 */
export function withMode<T>(mode: number, make: () => T): T {
  const before = mask(0o777 & ~mode);
  try {
    return make();
  } finally {
    if (before !== undefined) mask(before);
  }
}

/** Sets the umask, and returns the one before; undefined where that cannot be done, as in a worker of Node's. */
function mask(wanted: number): number | undefined {
  const { process } = globalThis as { process?: { umask?(mask: number): number } };
  try {
    return mayMask() ? process?.umask?.(wanted) : undefined;
  } catch {
    return undefined;
  }
}
