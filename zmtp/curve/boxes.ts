/** The boxes of NaCl that CURVE is made of: X25519, XSalsa20 and Poly1305, of the packages by Paul Miller. */

import type { poly1305 as Poly1305 } from "@noble/ciphers/_poly1305.js";
import type { salsa20 as Salsa20 } from "@noble/ciphers/salsa.js";
import { SPError } from "../../src/base/errors.ts";
import { equalSecrets } from "../mechanisms/secrets.ts";

/** Bytes of a key. */
export const KEY_SIZE = 32;
/** Bytes of a nonce. */
export const NONCE_SIZE = 24;
/** Bytes by which a box is longer than what is in it. */
export const BOX_OVERHEAD = 16;

/** What boxes are made with. */
export interface Boxes {
  /** The public key of a secret one. */
  publicKey(secretKey: Uint8Array): Uint8Array<ArrayBuffer>;
  /**
   * The key that two parties share, for all boxes between them (`crypto_box_beforenm`).
   *
   * @throws {SPError} `EPROTO` if the public key is a point of low order: the shared key would be known to everybody.
   */
  sharedKey(secretKey: Uint8Array, publicKey: Uint8Array): Uint8Array<ArrayBuffer>;
  /** Seals a box. */
  seal(key: Uint8Array, nonce: Uint8Array, content: Uint8Array): Uint8Array<ArrayBuffer>;
  /** Opens a box; undefined if it was not sealed with this key and nonce. */
  open(key: Uint8Array, nonce: Uint8Array, box: Uint8Array): Uint8Array<ArrayBuffer> | undefined;
  /**
   * What seals or opens one box after the other.
   *
   * @param prefix The nonces' first 16 bytes.
   */
  series(key: Uint8Array, prefix: string): BoxSeries;
}

/** Boxes under one key whose nonces differ by a counter: the same as of `seal` and `open`. */
export interface BoxSeries {
  /**
   * Seals a box in place.
   *
   * @param counter The nonce's last 8 bytes.
   * @param memory {@linkcode BOX_OVERHEAD} bytes, which are overwritten, then the content.
   */
  seal(counter: Uint8Array, memory: Uint8Array): void;
  /**
   * Opens a box.
   *
   * @param counter The nonce's last 8 bytes.
   * @param target As long as the content.
   * @returns Whether it was sealed with this key and nonce; otherwise the target is left as it was.
   */
  open(counter: Uint8Array, box: Uint8Array, target: Uint8Array): boolean;
}

let loading: Promise<Boxes> | undefined;

/**
 * Loads the packages, once.
 *
 * @throws {SPError} `ENOTSUP` if they are not installed.
 */
export function loadBoxes(): Promise<Boxes> {
  return loading ??= load().catch((cause) => {
    // Try again next time: they may have been installed meanwhile.
    loading = undefined;
    throw new SPError(
      "ENOTSUP",
      "Cannot use CURVE without two packages: npm install @noble/ciphers @noble/curves",
      { cause },
    );
  });
}

async function load(): Promise<Boxes> {
  const [{ hsalsa, salsa20, xsalsa20poly1305 }, { poly1305 }, { x25519 }] = await Promise.all([
    import("@noble/ciphers/salsa.js"),
    import("@noble/ciphers/_poly1305.js"),
    import("@noble/curves/ed25519.js"),
  ]);
  const sigma = words(new TextEncoder().encode("expand 32-byte k"));
  const derive = (key: Uint8Array, input: Uint8Array): Uint8Array<ArrayBuffer> => {
    const derived = new Uint32Array(KEY_SIZE / 4);
    hsalsa(sigma, words(key), words(input), derived);
    return new Uint8Array(derived.buffer);
  };
  return {
    publicKey: (secretKey) => new Uint8Array(x25519.getPublicKey(secretKey)),
    sharedKey(secretKey, publicKey) {
      let point: Uint8Array;
      try {
        point = x25519.getSharedSecret(secretKey, publicKey);
      } catch (cause) {
        throw new SPError("EPROTO", "Invalid public key: it is a point of low order", { cause });
      }
      return derive(point, new Uint8Array(16));
    },
    seal: (key, nonce, content) => new Uint8Array(xsalsa20poly1305(key, nonce).encrypt(content)),
    open(key, nonce, box) {
      if (box.length < BOX_OVERHEAD) return undefined;
      try {
        return new Uint8Array(xsalsa20poly1305(key, nonce).decrypt(box));
      } catch {
        return undefined;
      }
    },
    series: (key, prefix) =>
      new XSalsaSeries(salsa20, poly1305, derive(key, new TextEncoder().encode(prefix))),
  };
}

/** Bytes that make the key of a box's authenticator, before those that hide its content. */
const AUTHENTICATOR_KEY = 32;

/** Memory up to this size is kept from box to box. */
const MOST_KEPT = 64 * 1024 + 256;

/**
 * XSalsa20 and Poly1305, with what is the same for all nonces computed once. The packages' own function for both makes some
 * twenty arrays for each box, of which half can be spared.
 */
class XSalsaSeries implements BoxSeries {
  readonly #salsa20: typeof Salsa20;
  readonly #poly1305: typeof Poly1305;
  readonly #key: Uint8Array;
  #kept = new Uint8Array(0);

  constructor(salsa20: typeof Salsa20, poly1305: typeof Poly1305, key: Uint8Array) {
    this.#salsa20 = salsa20;
    this.#poly1305 = poly1305;
    this.#key = key;
  }

  seal(counter: Uint8Array, memory: Uint8Array): void {
    const work = this.#encrypt(counter, memory.subarray(BOX_OVERHEAD));
    const hidden = work.subarray(AUTHENTICATOR_KEY);
    memory.set(this.#poly1305(hidden, work.subarray(0, AUTHENTICATOR_KEY)));
    memory.set(hidden, BOX_OVERHEAD);
  }

  open(counter: Uint8Array, box: Uint8Array, target: Uint8Array): boolean {
    if (box.length < BOX_OVERHEAD) return false;
    const hidden = box.subarray(BOX_OVERHEAD);
    // What comes of it is shown to nobody before it is known to be genuine.
    const work = this.#encrypt(counter, hidden);
    const authenticator = this.#poly1305(hidden, work.subarray(0, AUTHENTICATOR_KEY));
    if (!equalSecrets(box.subarray(0, BOX_OVERHEAD), authenticator)) return false;
    target.set(work.subarray(AUTHENTICATOR_KEY));
    return true;
  }

  /** The authenticator's key, then the bytes encrypted, or decrypted. In memory of its own: it has to be aligned to be fast. */
  #encrypt(counter: Uint8Array, bytes: Uint8Array): Uint8Array {
    const work = this.#memory(AUTHENTICATOR_KEY + bytes.length);
    work.fill(0, 0, AUTHENTICATOR_KEY);
    work.set(bytes, AUTHENTICATOR_KEY);
    return this.#salsa20(this.#key, counter, work, work);
  }

  #memory(size: number): Uint8Array {
    if (size > MOST_KEPT) return new Uint8Array(size);
    if (size > this.#kept.length) this.#kept = new Uint8Array(Math.min(MOST_KEPT, 2 * size));
    return this.#kept.subarray(0, size);
  }
}

/** Bytes as words in this machine's order, which is what `hsalsa` takes. */
function words(bytes: Uint8Array): Uint32Array {
  return new Uint32Array(new Uint8Array(bytes).buffer);
}
