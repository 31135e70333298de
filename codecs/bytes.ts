import type { Codec } from "../src/contracts/codec.ts";
import type { MessageLike } from "../src/memory/message.ts";

/**
 * Messages as they are: bytes come out, and whatever a socket takes goes in, which is what a socket without a codec does. It
 * is for what wraps another codec, such as {@linkcode topic}.
 *
 * @returns A codec. It never throws, and copies nothing: what `decode` returns is the message.
 *
 * @example
 * ```ts
 * import { bytes, topic } from "@nanostreams/nanostreams/codecs";
 *
 * const frames = topic(bytes());
 * console.log(frames.encode({ topic: "camera", value: new Uint8Array([0xff, 0xd8]) }));
 * ```
 */
export function bytes(): Codec<Uint8Array<ArrayBuffer>, MessageLike> {
  return BYTES;
}

const BYTES: Codec<Uint8Array<ArrayBuffer>, MessageLike> = {
  encode: (value) => value,
  decode: (message) => message,
};
