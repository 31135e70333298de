import { SPError } from "../src/base/errors.ts";
import { systemError } from "./system_errors.ts";

/**
 * Why a TCP connection could not be made. `EADDRNOTAVAIL` where nobody chose the local address means that the operating system
 * found none, as when every port is taken.
 */
export function whyNotConnected(
  address: string,
  { local }: { readonly local?: string },
  error: unknown,
): SPError {
  const what = `Cannot connect to "${address}"`;
  if (local !== undefined || (error as { code?: unknown })?.code !== "EADDRNOTAVAIL") {
    return systemError(what, error);
  }
  const message = `${what}: this machine has no local address, ` +
    "or no free port, left to connect from (EADDRNOTAVAIL)";
  return new SPError("EADDRNOTAVAIL", message, { cause: error });
}
