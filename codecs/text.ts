import { checkOptions } from "../src/base/check_options.ts";
import { describe } from "../src/base/describe.ts";
import { SPError } from "../src/base/errors.ts";
import { BOOLEAN } from "../src/base/rules.ts";
import { decodeUtf8 } from "../src/base/utf8.ts";
import type { Codec } from "../src/contracts/codec.ts";

/** Options of {@linkcode text}. */
export interface TextOptions {
  /**
   * Whether a message that is not UTF-8 is refused (`EPROTO`); default true. With false its bad bytes become U+FFFD, the
   * replacement character.
   */
  fatal?: boolean;
}

/**
 * Messages as texts, in UTF-8.
 *
 * A text comes as it was sent, a byte order mark at its beginning included. Half a surrogate pair, which UTF-8 does not have,
 * is sent as U+FFFD.
 *
 * @param options What to do about bytes that are not UTF-8.
 * @returns A codec. `encode` throws `EINVAL` if a value is not a string, `decode` throws `EPROTO` if a message is not UTF-8,
 * with the offset of the first bad byte.
 * @throws {SPError} `EINVAL` if an option is unknown or wrong.
 *
 * @example
 * ```ts
 * import { text } from "@nanostreams/nanostreams/codecs";
 *
 * const { decode } = text();
 * console.log(decode(new Uint8Array([0x68, 0x69]))); // "hi"
 * try {
 *   decode(new Uint8Array([0x68, 0xff]));
 * } catch (error) {
 *   console.log(String(error)); // … as UTF-8: byte 0xff at offset 1
 * }
 * ```
 */
export function text(options: TextOptions = {}): Codec<string> {
  checkOptions("the options of text", options, { fatal: BOOLEAN });
  const decoder = new TextDecoder("utf-8", { fatal: options.fatal ?? true, ignoreBOM: true });
  return {
    encode(value) {
      if (typeof value === "string") return value;
      throw new SPError("EINVAL", `Cannot encode ${describe(value)} as text: expected a string`);
    },
    decode: (message) => decodeUtf8(decoder, message),
  };
}
