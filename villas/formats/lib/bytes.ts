const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** UTF-8. */
export function toBytes(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text);
}

/** UTF-8, and U+FFFD for what is none. */
export function toText(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/** A view of the same bytes. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** All bytes up to the last delimiter, with it; all of them at the end. */
export function wholeLines(bytes: Uint8Array, delimiter: number, ended: boolean): number {
  return ended ? bytes.length : bytes.lastIndexOf(delimiter) + 1;
}
