/** The operating system, as `process.platform` calls it: `"linux"`, `"win32"`; `"browser"` where there is none. */
export function platform(): string {
  const { process } = globalThis as { process?: { readonly platform?: string } };
  return process?.platform ?? "browser";
}

/** The folder that relative paths begin in; undefined where this program may not know. */
export function workingFolder(): string | undefined {
  const { process } = globalThis as { process?: { cwd?(): string } };
  try {
    return process?.cwd?.();
  } catch {
    return undefined;
  }
}
