import { SPError } from "../src/errors.ts";

/**
 * Explains `EADDRNOTAVAIL` of a connection whose local address nobody chose: the operating system found none, as when every
 * port is taken. Any other error is returned as it is.
 */
export function explainLocal(
  address: string,
  { local }: { readonly local?: string },
  error: unknown,
): unknown {
  if (local !== undefined || (error as { code?: unknown })?.code !== "EADDRNOTAVAIL") return error;
  const message = `Cannot connect to "${address}": this machine has no local address, ` +
    "or no free port, left to connect from (EADDRNOTAVAIL)";
  return new SPError("EADDRNOTAVAIL", message, { cause: error });
}
