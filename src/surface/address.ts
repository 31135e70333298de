import { SPError } from "../base/errors.ts";
import { describe } from "../memory/message.ts";

/** What an address is for. */
export type AddressRole = "bind" | "connect";

/** An address that is wrong: `EINVAL`, with the address and what was wanted. */
export function badAddress(role: AddressRole, address: unknown, wanted: string): SPError {
  return new SPError("EINVAL", `Cannot ${role} to ${describe(address)}: ${wanted}`);
}
