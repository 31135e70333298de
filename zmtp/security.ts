import type { WireContext } from "../src/contracts/wire.ts";
import type { Mechanism, MechanismName } from "./mechanisms/mechanism.ts";
import { NullMechanism } from "./mechanisms/null.ts";
import type { ZmtpOptions } from "./options.ts";

/** Stub. */
export interface PlainOptions {
  username?: string;
  password?: string;
  server?: boolean;
  users?: Readonly<Record<string, string>>;
}
/** Stub. */
export interface CurveOptions {
  publicKey?: string | Uint8Array;
  secretKey?: string | Uint8Array;
  server?: boolean;
  serverKey?: string | Uint8Array;
}

/** The mechanism that a socket's options ask for. */
export function mechanismOf(_options: ZmtpOptions): MechanismName {
  return "NULL";
}

/** Makes mechanisms. */
export function mechanisms(
  _options: ZmtpOptions,
  metadata: Uint8Array,
): (name: MechanismName | undefined, context: WireContext) => Mechanism {
  return () => new NullMechanism({ metadata });
}
