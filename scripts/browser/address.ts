// Instead of src/address.ts: the platform reads addresses, however long.
import { SPError } from "../../src/errors.ts";
import { describe } from "../../src/message.ts";

export type AddressRole = "bind" | "connect";

export function badAddress(role: AddressRole, address: unknown, wanted: string): SPError {
  return new SPError("EINVAL", `Cannot ${role} to ${describe(address)}: ${wanted}`);
}

export function splitAddress(role: AddressRole, address: string): { scheme: string; rest: string } {
  const at = `${address}`.indexOf("://");
  if (at < 1) throw badAddress(role, address, "this is no URL");
  return { scheme: address.slice(0, at).toLowerCase(), rest: address.slice(at + 3) };
}
