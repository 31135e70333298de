/** The operating system, as `process.platform` calls it: `"linux"`, `"win32"`; `"browser"` where there is none. */
export function platform(): string {
  const { process } = globalThis as { process?: { readonly platform?: string } };
  return process?.platform ?? "browser";
}
