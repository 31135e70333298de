/** Throws `ENOTSUP` for an address with a zone, of which Deno's `node:net` says that it is invalid (seen with Deno 2.9.6). */
export function requireNoZone(...hosts: readonly (string | undefined)[]): void {
  if (!("Deno" in globalThis) || !hosts.some((host) => host?.includes("%"))) return;
  const message = "Deno's node:net, which this needs, takes no address with a zone";
  throw Object.assign(new Error(message), { code: "ENOTSUP" });
}
