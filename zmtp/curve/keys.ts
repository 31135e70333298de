import { SPError } from "../../src/base/errors.ts";
import { type Boxes, KEY_SIZE, loadBoxes } from "./boxes.ts";
import { decodeZ85, encodeZ85 } from "./z85.ts";

/** A key: 40 characters of Z85, or 32 bytes. */
export type CurveKey = string | Uint8Array;

/** Characters of a key in Z85. */
const TEXT_SIZE = KEY_SIZE / 4 * 5;

/** Makes random bytes. */
export type RandomSource = (length: number) => Uint8Array<ArrayBuffer>;

/** The platform's random bytes. */
export function randomBytes(length: number): Uint8Array<ArrayBuffer> {
  return crypto.getRandomValues(new Uint8Array(length));
}

/** A pair of keys, as bytes. */
export interface KeyPair {
  readonly publicKey: Uint8Array<ArrayBuffer>;
  readonly secretKey: Uint8Array<ArrayBuffer>;
}

/**
 * Reads a key.
 *
 * @param key Text or bytes; the bytes are copied.
 * @param name What error messages call it. They never show the key.
 * @throws {SPError} `EINVAL` if it is invalid.
 */
export function parseKey(key: CurveKey, name: string): Uint8Array<ArrayBuffer> {
  const wrong = (why: string, cause?: unknown): SPError => {
    const wanted = `expected ${TEXT_SIZE} characters of Z85, or ${KEY_SIZE} bytes`;
    return new SPError("EINVAL", `Cannot use the ${name}: ${why}, ${wanted}`, { cause });
  };
  if (key instanceof Uint8Array) {
    if (key.length !== KEY_SIZE) throw wrong(`it has ${key.length} bytes`);
    return new Uint8Array(key);
  }
  if (typeof key !== "string") throw wrong(`it is a value of type ${typeof key}`);
  if (key.length !== TEXT_SIZE) throw wrong(`it has ${key.length} characters`);
  try {
    return decodeZ85(key);
  } catch (cause) {
    throw wrong("it is not Z85", cause);
  }
}

/** A socket's own keys, as its options give them. */
export interface OwnKeyOptions {
  /** Generated if left out. */
  readonly secretKey?: CurveKey | undefined;
  /** Computed if left out. */
  readonly publicKey?: CurveKey | undefined;
}

/** The long-term keys of a socket, for all its connections. Keys that its options leave out are made on first use. */
export class OwnKeys {
  readonly #given: { secretKey?: Uint8Array<ArrayBuffer>; publicKey?: Uint8Array<ArrayBuffer> } =
    {};
  readonly #random: RandomSource;
  #pair: KeyPair | undefined;

  /**
   * @param options The keys.
   * @throws {SPError} `EINVAL` if a key is invalid, or if there is a public key without its secret key.
   */
  constructor({ secretKey, publicKey }: OwnKeyOptions, random: RandomSource = randomBytes) {
    this.#random = random;
    if (secretKey !== undefined) this.#given.secretKey = parseKey(secretKey, "secretKey");
    if (publicKey === undefined) return;
    if (secretKey === undefined) {
      throw new SPError("EINVAL", "Cannot use a publicKey without its secretKey");
    }
    this.#given.publicKey = parseKey(publicKey, "publicKey");
  }

  /**
   * Returns both keys.
   *
   * @throws {SPError} `EINVAL` if they do not belong together.
   */
  pair(boxes: Boxes): KeyPair {
    if (this.#pair !== undefined) return this.#pair;
    const { secretKey = this.#random(KEY_SIZE), publicKey: given } = this.#given;
    const publicKey = boxes.publicKey(secretKey);
    if (given?.some((byte, at) => byte !== publicKey[at])) {
      throw new SPError("EINVAL", "Cannot use the keys: publicKey is not the one of secretKey");
    }
    return this.#pair = { publicKey, secretKey };
  }
}

/**
 * Makes a new pair of keys for CURVE, each as 40 characters of Z85.
 *
 * Needs the packages `@noble/ciphers` and `@noble/curves`.
 *
 * @throws {SPError} `ENOTSUP` if they are not installed.
 */
export async function curveKeyPair(): Promise<{ publicKey: string; secretKey: string }> {
  const { publicKey, secretKey } = new OwnKeys({}).pair(await loadBoxes());
  return { publicKey: encodeZ85(publicKey), secretKey: encodeZ85(secretKey) };
}

/**
 * The public key of a secret one, as 40 characters of Z85.
 *
 * Needs the packages `@noble/ciphers` and `@noble/curves`.
 *
 * @param secretKey 40 characters of Z85, or 32 bytes.
 * @throws {SPError} `EINVAL` if the key is invalid; `ENOTSUP` if the packages are not installed.
 */
export async function curvePublicKey(secretKey: CurveKey): Promise<string> {
  const bytes = parseKey(secretKey, "secretKey");
  return encodeZ85((await loadBoxes()).publicKey(bytes));
}
