import { SPError } from "./errors.ts";

/** The platform's `TextDecoder`, of which there is no type where there is no DOM. */
export interface Utf8Decoder {
  decode(bytes: Uint8Array): string;
}

/**
 * Decodes a message by a decoder that does not keep anything of it for the next.
 *
 * @throws {SPError} `EPROTO` if the decoder is `fatal` and the message is not UTF-8; the error names the offset.
 */
export function decodeUtf8(decoder: Utf8Decoder, message: Uint8Array): string {
  try {
    return decoder.decode(message);
  } catch (cause) {
    const what = `Cannot decode a message of ${message.length} bytes as UTF-8`;
    throw new SPError("EPROTO", `${what}: ${findUtf8Fault(message)}`, { cause });
  }
}

/** Says where a message stops being UTF-8: behind the longest beginning that another byte could still complete. */
export function findUtf8Fault(message: Uint8Array): string {
  let good = 0;
  let bad = message.length + 1;
  while (bad - good > 1) {
    const middle = (good + bad) >>> 1;
    if (isBeginning(message.subarray(0, middle))) good = middle;
    else bad = middle;
  }
  const byte = message[good];
  return byte === undefined
    ? "it ends inside a character"
    : `byte 0x${byte.toString(16).padStart(2, "0")} at offset ${good}`;
}

function isBeginning(bytes: Uint8Array): boolean {
  return isUtf8(bytes, { stream: true });
}

/** Whether bytes are UTF-8; with `stream`, another byte may complete them. */
export function isUtf8(bytes: Uint8Array, options: { readonly stream?: boolean } = {}): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes, options);
    return true;
  } catch {
    return false;
  }
}
