/** Metadata: what a peer tells of itself in READY and INITIATE, by name (RFC 37, 3.5). */

import { join, malformed, shortText } from "./commands.ts";

/** The most properties to take from a peer, far more than real ones send. */
const MOST_PROPERTIES = 256;

const utf8 = new TextEncoder();
const text = new TextDecoder();

/** The properties of a peer. Names are case-insensitive; of two with the same name the first counts. */
export class Metadata {
  readonly #values: Map<string, Uint8Array<ArrayBuffer>> = new Map();
  readonly #names: string[] = [];

  /** How many there are. */
  get size(): number {
    return this.#names.length;
  }

  /** A property's value, as it was sent; undefined if there is none. */
  get(name: string): Uint8Array<ArrayBuffer> | undefined {
    return this.#values.get(name.toLowerCase());
  }

  /** A property's value as text. */
  text(name: string): string | undefined {
    const value = this.get(name);
    return value && text.decode(value);
  }

  /** Adds a property, unless there is one of that name. */
  add(name: string, value: Uint8Array<ArrayBuffer>): void {
    const key = name.toLowerCase();
    if (this.#values.has(key)) return;
    this.#values.set(key, value);
    this.#names.push(KNOWN.get(key) ?? name);
  }

  /** All of them as text, by their names: those of ZMTP as it spells them, others as the peer does. */
  toRecord(): Record<string, string> {
    return Object.fromEntries(this.#names.map((name) => [name, this.text(name)!]));
  }
}

/** ZMTP's own properties, by their names in lower case. */
const KNOWN: ReadonlyMap<string, string> = new Map(
  ["Socket-Type", "Identity", "Resource"].map((name) => [name.toLowerCase(), name]),
);

/** Lays properties out, in this order. libzmq compares names by case: `Socket-Type`, `Identity`. */
export function encodeMetadata(
  properties: readonly (readonly [name: string, value: string | Uint8Array])[],
): Uint8Array<ArrayBuffer> {
  return join(...properties.flatMap(([name, value]) => {
    const bytes = typeof value === "string" ? utf8.encode(value) : value;
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, bytes.length);
    return [shortText(name), length, bytes];
  }));
}

/**
 * Reads properties.
 *
 * @param bytes Values are copied, not viewed.
 * @throws {SPError} `EPROTO` if they are cut off, if a name is invalid, or if there are more than 256.
 */
export function parseMetadata(bytes: Uint8Array<ArrayBuffer>): Metadata {
  const metadata = new Metadata();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  /** Where the next part begins; the offset moves behind it. */
  const take = (length: number, what: string): number => {
    const [from, left] = [at, bytes.length - at];
    if (length > left) {
      throw malformed(`The peer's metadata ends within ${what}: ${left} of ${length} bytes`);
    }
    at += length;
    return from;
  };
  for (let count = 0; at < bytes.length; count++) {
    if (count === MOST_PROPERTIES) {
      throw malformed(`The peer's metadata has more than ${MOST_PROPERTIES} properties`);
    }
    const nameLength = bytes[at++]!;
    const nameAt = take(nameLength, "a name");
    const name = String.fromCharCode(...bytes.subarray(nameAt, nameAt + nameLength));
    if (!/^[\w.+-]+$/.test(name)) {
      throw malformed(`The peer's metadata has an invalid name: ${JSON.stringify(name)}`);
    }
    const valueLength = view.getUint32(take(4, `the length of ${name}`));
    const valueAt = take(valueLength, `the value of ${name}`);
    metadata.add(name, bytes.slice(valueAt, valueAt + valueLength));
  }
  return metadata;
}
