/** The last number of an id that this process gave to a peer. */
let lastId = Math.floor(Math.random() * 0x1_0000_0000);

/** An id for a peer that has none (RFC 28): a zero, and a number. */
export function nextRoutingId(): Uint8Array<ArrayBuffer> {
  const id = new Uint8Array(5);
  lastId = (lastId + 1) >>> 0;
  new DataView(id.buffer).setUint32(1, lastId);
  return id;
}

/** Bytes as what can be looked up: a character for each. */
export function keyOf(bytes: Uint8Array): string {
  let key = "";
  for (let at = 0; at < bytes.length; at += CHARACTERS) {
    key += String.fromCharCode(...bytes.subarray(at, at + CHARACTERS));
  }
  return key;
}

/** The bytes again. */
export function bytesOf(key: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(key.length);
  for (let i = 0; i < key.length; i++) bytes[i] = key.charCodeAt(i);
  return bytes;
}

/** How many bytes are made characters by one call, which puts each on the stack. */
const CHARACTERS = 4096;
