/** What tests of codecs share. */

import fc from "fast-check";
import type { Codec } from "../../codecs/mod.ts";
import { toBytes } from "../../src/memory/message.ts";

/** The bytes of a text. */
export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

/** A message as it comes: a view in the middle of a chunk, whose other bytes are anything but zero. */
export function asReceived(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const chunk = new Uint8Array(bytes.length + 7).fill(0xee);
  chunk.set(bytes, 3);
  return chunk.subarray(3, 3 + bytes.length);
}

/** A value that went from one end to the other. */
export function carry<Out, In>(codec: Codec<Out, In>, value: In): Out {
  return codec.decode(asReceived(toBytes(codec.encode(value))));
}

/** The chunks of a stream, and the error that ended it. */
export async function collect<T>(
  stream: ReadableStream<T>,
): Promise<{ chunks: T[]; error: unknown }> {
  const chunks: T[] = [];
  const reader = stream.getReader();
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return { chunks, error: undefined };
      chunks.push(value);
    }
  } catch (error) {
    return { chunks, error };
  }
}

/** Bytes, cut into chunks behind each of these places. */
export function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array<ArrayBuffer>[] {
  const ends = [...places.map((place) => place % (bytes.length + 1)), bytes.length];
  let from = 0;
  return ends.sort((a, b) => a - b).map((end) => {
    const chunk = asReceived(bytes.subarray(from, end));
    from = end;
    return chunk;
  });
}

/** Any text that UTF-8 has. */
export const TEXT: fc.Arbitrary<string> = fc.string({ unit: "binary" });

/** Places to cut at. */
export const PLACES: fc.Arbitrary<number[]> = fc.array(fc.nat(), { maxLength: 8 });
