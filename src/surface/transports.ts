/* The transports that sockets know: which scheme is whose, and which options they have. */
import { type AddressRole, badAddress } from "./address.ts";
import { describe } from "../memory/message.ts";
import { mergeRules, type Rules } from "../base/rules.ts";
import type { Transport, TransportRules } from "../contracts/transport.ts";

const transports: Map<string, Transport> = new Map();

/**
 * Makes a transport known to every socket, and its options with it. It takes the place of another one of the same scheme; what is
 * bound or connected by that goes on.
 *
 * @param transport Rules and an example are at {@linkcode Transport}.
 */
export function registerTransport(transport: Transport): void {
  for (const scheme of transport.schemes) transports.set(scheme, transport);
}

/** Makes a transport known for those of its schemes that no other serves, or only one that can do less. */
export function offerTransport(transport: Transport, lesser?: Transport): void {
  for (const scheme of transport.schemes) {
    const known = transports.get(scheme);
    if (known === undefined || known === lesser) transports.set(scheme, transport);
  }
}

/** Rules of the options that registered transports have. */
export function transportRules(kind: keyof TransportRules): Rules {
  return mergeRules(...Array.from(transports.values(), ({ rules }) => rules?.[kind] ?? {}));
}

/** The longest address that is taken, in characters. */
const LONGEST_ADDRESS = 8192;

/** The transport of an address, `scheme://rest`, and what stands behind the scheme. */
export function findTransport(
  role: AddressRole,
  address: string,
): { transport: Transport; rest: string } {
  const text = typeof address === "string" ? address : "";
  if (text.length > LONGEST_ADDRESS) {
    const why = `${text.length} characters, expected at most ${LONGEST_ADDRESS}`;
    throw badAddress(role, address, why);
  }
  const at = text.indexOf("://");
  const scheme = text.slice(0, Math.max(at, 0)).toLowerCase();
  const transport = transports.get(scheme);
  if (transport !== undefined) return { transport, rest: text.slice(at + 3) };
  const what = scheme === "" ? "no scheme" : `unknown scheme ${describe(scheme)}`;
  // One scheme stands for those that are the same with a digit behind it.
  const isVariant = (name: string): boolean =>
    /\d$/.test(name) && transports.has(name.slice(0, -1));
  const known = Array.from(transports.keys()).filter((name) => !isVariant(name))
    .map((name) => `${name}://`).join(", ");
  throw badAddress(role, address, `${what}, expected one of ${known}`);
}
