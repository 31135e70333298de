/** Z85: four bytes as five printable characters (RFC 32). */

import { SPError } from "../../src/base/errors.ts";

const DIGITS =
  "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";

/** The largest number that four bytes hold. */
const LARGEST = 0xffff_ffff;

/**
 * Writes bytes as Z85.
 *
 * @param bytes Their number is a multiple of 4.
 * @throws {SPError} `EINVAL` if it is not.
 *
 * @example
 * ```ts
 * import { decodeZ85, encodeZ85 } from "@nanostreams/nanostreams/zmtp";
 *
 * const text = encodeZ85(new Uint8Array([0x86, 0x4f, 0xd2, 0x6f, 0xb5, 0x59, 0xf7, 0x5b]));
 * console.log(text, decodeZ85(text).length); // "HelloWorld" 8
 * ```
 */
export function encodeZ85(bytes: Uint8Array): string {
  if (bytes.length % 4 !== 0) {
    const wanted = "expected a multiple of 4";
    throw new SPError("EINVAL", `Cannot write ${bytes.length} bytes as Z85: ${wanted}`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let text = "";
  for (let at = 0; at < bytes.length; at += 4) {
    const value = view.getUint32(at);
    for (let power = 85 ** 4; power >= 1; power /= 85) {
      text += DIGITS[Math.floor(value / power) % 85];
    }
  }
  return text;
}

/**
 * Reads Z85.
 *
 * @param text Its length is a multiple of 5. No error shows it, since it may be a secret key.
 * @throws {SPError} `EINVAL` if they are not Z85.
 */
export function decodeZ85(text: string): Uint8Array<ArrayBuffer> {
  if (text.length % 5 !== 0) throw wrong(`${text.length} characters, expected a multiple of 5`);
  const bytes = new Uint8Array(text.length / 5 * 4);
  const view = new DataView(bytes.buffer);
  for (let group = 0; group < text.length / 5; group++) {
    let value = 0;
    for (let at = group * 5; at < group * 5 + 5; at++) {
      const digit = DIGITS.indexOf(text[at]!);
      if (digit < 0) throw wrong(`character ${at + 1} is not one of its 85`);
      value = value * 85 + digit;
    }
    if (value > LARGEST) {
      throw wrong(`characters ${group * 5 + 1} to ${group * 5 + 5} are more than 32 bits`);
    }
    view.setUint32(group * 4, value);
  }
  return bytes;
}

function wrong(why: string): SPError {
  return new SPError("EINVAL", `Cannot read the text as Z85: ${why}`);
}
