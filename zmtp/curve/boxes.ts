/** The boxes of NaCl that CURVE is made of: X25519, XSalsa20 and Poly1305, of the packages by Paul Miller. */

import { SPError } from "../../src/base/errors.ts";

/** Bytes of a key. */
export const KEY_SIZE = 32;
/** Bytes of a nonce. */
export const NONCE_SIZE = 24;
/** Bytes by which a box is longer than what is in it. */
export const BOX_OVERHEAD = 16;
/** Bytes before a box that `sealInto` uses as scratch memory. */
export const SEAL_SCRATCH = 16;
/** Bytes before what was in a box that are scratch memory in what `openInto` fills. */
export const OPEN_SCRATCH = 48;

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
  /**
   * Seals a box in place.
   *
   * @param memory {@linkcode SEAL_SCRATCH} bytes, which are overwritten, then the box: {@linkcode BOX_OVERHEAD} bytes and the content.
   */
  sealInto(key: Uint8Array, nonce: Uint8Array, memory: Uint8Array): void;
  /** Opens a box; undefined if it was not sealed with this key and nonce. */
  open(key: Uint8Array, nonce: Uint8Array, box: Uint8Array): Uint8Array<ArrayBuffer> | undefined;
  /**
   * Opens a box into given memory: {@linkcode OPEN_SCRATCH} bytes, which are overwritten, then room for the content.
   *
   * @returns Whether it was sealed with this key and nonce.
   */
  openInto(key: Uint8Array, nonce: Uint8Array, box: Uint8Array, memory: Uint8Array): boolean;
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
  const [{ hsalsa, xsalsa20poly1305 }, { x25519 }] = await Promise.all([
    import("@noble/ciphers/salsa.js"),
    import("@noble/curves/ed25519.js"),
  ]);
  const sigma = words(new TextEncoder().encode("expand 32-byte k"));
  const boxes: Boxes = {
    publicKey: (secretKey) => new Uint8Array(x25519.getPublicKey(secretKey)),
    sharedKey(secretKey, publicKey) {
      let point: Uint8Array;
      try {
        point = x25519.getSharedSecret(secretKey, publicKey);
      } catch (cause) {
        throw new SPError("EPROTO", "Invalid public key: it is a point of low order", { cause });
      }
      const key = new Uint32Array(KEY_SIZE / 4);
      hsalsa(sigma, words(point), new Uint32Array(4), key);
      return new Uint8Array(key.buffer);
    },
    seal(key, nonce, content) {
      const memory = new Uint8Array(SEAL_SCRATCH + BOX_OVERHEAD + content.length);
      memory.set(content, SEAL_SCRATCH + BOX_OVERHEAD);
      boxes.sealInto(key, nonce, memory);
      return memory.subarray(SEAL_SCRATCH);
    },
    sealInto(key, nonce, memory) {
      xsalsa20poly1305(key, nonce).encrypt(memory.subarray(SEAL_SCRATCH + BOX_OVERHEAD), memory);
    },
    open(key, nonce, box) {
      if (box.length < BOX_OVERHEAD) return undefined;
      const memory = new Uint8Array(OPEN_SCRATCH - BOX_OVERHEAD + box.length);
      return boxes.openInto(key, nonce, box, memory) ? memory.subarray(OPEN_SCRATCH) : undefined;
    },
    openInto(key, nonce, box, memory) {
      try {
        xsalsa20poly1305(key, nonce).decrypt(box, memory);
        return true;
      } catch {
        return false;
      }
    },
  };
  return boxes;
}

/** Bytes as words in this machine's order, which is what `hsalsa` takes. */
function words(bytes: Uint8Array): Uint32Array {
  return new Uint32Array(new Uint8Array(bytes).buffer);
}
