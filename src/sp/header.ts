import { SPError } from "../base/errors.ts";

/** Length of the header that both sides of a byte connection send first. */
export const SP_HEADER_LENGTH = 8;

/** `00 53 50 00`, the sender's protocol number, `00 00` (sp-tcp-mapping-01, 2). */
export function encodeSPHeader(protocol: number): Uint8Array {
  return new Uint8Array([0, 0x53, 0x50, 0, protocol >> 8, protocol & 0xff, 0, 0]);
}

/** What every SP header has in each place; -1 where the protocol number stands. */
const TEMPLATE = [0x00, 0x53, 0x50, 0x00, -1, -1, 0x00, 0x00];

/**
 * Reads as much of an SP header as has arrived.
 *
 * @returns The peer's protocol number, or undefined while bytes are missing.
 * @throws {SPError} `EPROTO` at the first byte that no SP header has in its place.
 */
export function decodeSPHeader(bytes: Uint8Array): number | undefined {
  for (let i = 0; i < bytes.length && i < SP_HEADER_LENGTH; i++) {
    const wanted = TEMPLATE[i]!;
    if (wanted >= 0 && bytes[i] !== wanted) {
      const seen = Array.from(bytes.subarray(0, 8), (b) => b.toString(16).padStart(2, "0"));
      throw new SPError(
        "EPROTO",
        `The peer does not speak SP: it began with ${seen.join(" ")}, ` +
          "expected 00 53 50 00, a protocol number and 00 00",
      );
    }
  }
  return bytes.length < SP_HEADER_LENGTH ? undefined : bytes[4]! << 8 | bytes[5]!;
}
