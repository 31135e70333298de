import { curveKeyPair, type CurveOptions, curvePublicKey } from "../../../zmtp/mod.ts";
import type { Settings } from "../../config/settings.ts";

/** A key as Z85. */
const KEY = /^[0-9a-zA-Z.:+=^!/*?&<>()[\]{}@%$#-]{40}$/;

/** The keys of a publisher, as its settings have them. */
export interface Keys {
  readonly publicKey: string;
  /** Undefined in a node that only subscribes. */
  readonly secretKey: string | undefined;
}

/** What both sockets of a node need. */
export interface Curve {
  readonly pub: CurveOptions | undefined;
  readonly sub: CurveOptions;
}

/**
 * Reads the group `curve`: one pair of keys for both sockets.
 *
 * @param publishes Whether there is a use for the secret key. VILLASnode wants it in subscribers too.
 * @returns Undefined without encryption.
 * @throws {ConfigError} If a key is missing or wrong; it does not show keys.
 */
export function readKeys(settings: Settings | undefined, publishes: boolean): Keys | undefined {
  if (settings === undefined) return undefined;
  const hasSecret = publishes || settings.get("secret_key") !== undefined;
  const publicKey = key(settings, "public_key");
  const secretKey = hasSecret ? key(settings, "secret_key") : undefined;
  return settings.boolean("enabled") ?? true ? { publicKey, secretKey } : undefined;
}

function key(settings: Settings, name: string): string {
  const setting = settings.get(name);
  if (setting?.kind === "string" && KEY.test(setting.value)) return setting.value;
  const wanted = "must be a Z85 encoded CurveZMQ key: expected 40 characters of Z85";
  throw settings.error(name, `Setting 'curve.${name}' ${wanted}`);
}

/**
 * Makes the options of the sockets, as VILLASnode does: the publisher is the server, and a subscriber has a pair of keys for once.
 *
 * @throws {Error} If the keys do not belong together, or a package is not installed that encryption needs.
 */
export async function openCurve({ publicKey, secretKey }: Keys): Promise<Curve> {
  if (secretKey !== undefined && await curvePublicKey(secretKey) !== publicKey) {
    throw new Error("Setting 'curve.public_key' does not belong to 'curve.secret_key'");
  }
  return {
    pub: secretKey === undefined ? undefined : { server: true, publicKey, secretKey },
    sub: { ...await curveKeyPair(), serverKey: publicKey },
  };
}
