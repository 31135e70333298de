/* What a bench writes into its messages: which it is, and when it was sent. */

/** By which a bench knows its messages: 4 bytes, then the number and the time, 8 bytes each (IEEE 754, little-endian). */
const MAGIC = 0x6e73_6231;
const LENGTH = 20;

/** As many bytes the library copies when it sends; of larger messages it keeps the caller's memory. */
const COPIED = 16 * 1024;

/** The number and the time of a message; the time is that of `clock`. */
export interface Stamp {
  readonly number: number;
  readonly time: number;
}

/** Milliseconds since 1970, finely: processes of one machine agree on it. */
export function clock(): number {
  return performance.timeOrigin + performance.now();
}

/** Makes the messages of a size, one after the other. Small ones share their memory. */
export function stamper(size: number): () => Uint8Array {
  let number = 0;
  let message = new Uint8Array(size);
  let view = new DataView(message.buffer);
  return () => {
    if (size < LENGTH) return message;
    if (size > COPIED && number > 0) {
      message = new Uint8Array(size);
      view = new DataView(message.buffer);
    }
    view.setUint32(0, MAGIC, true);
    view.setFloat64(4, number++, true);
    view.setFloat64(12, clock(), true);
    return message;
  };
}

/** Reads a stamp; undefined if there is none. */
export function stampOf(message: Uint8Array): Stamp | undefined {
  if (message.length < LENGTH) return undefined;
  const view = new DataView(message.buffer, message.byteOffset, LENGTH);
  if (view.getUint32(0, true) !== MAGIC) return undefined;
  return { number: view.getFloat64(4, true), time: view.getFloat64(12, true) };
}
