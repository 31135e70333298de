/** Memory for what comes: how much of the young heap is used up with it, so that Node frees it soon. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { FrameDecoder, FrameEncoder } from "../../src/framing.ts";
import { concat, pattern } from "../helpers/bytes.ts";
import { Collector } from "../helpers/collector.ts";
import { CURRENT } from "../helpers/runtimes.ts";

/** The lengths of the arrays that are made by `new Array` while something runs. */
function arrays(run: () => void): number[] {
  const lengths: number[] = [];
  const original = globalThis.Array;
  globalThis.Array = new Proxy(original, {
    construct(target, args: [number], newTarget) {
      lengths.push(args[0]);
      return Reflect.construct(target, args, newTarget);
    },
  });
  try {
    run();
  } finally {
    globalThis.Array = original;
  }
  return lengths;
}

/** Decodes so many messages, each in a chunk of its own that is lent. */
function decode(size: number, count: number): Uint8Array[] {
  const out = new Collector<Uint8Array>();
  new FrameEncoder().transform(pattern(size), out);
  const chunk = concat(out.chunks.splice(0));
  const decoder = new FrameDecoder({}, true);
  for (let i = 0; i < count; i++) decoder.transform(chunk, out);
  return out.chunks;
}

const used = CURRENT.name === "node" ? 1 / 8 : 0;

describe(`of the young heap, ${used} of the bytes that come are used up`, () => {
  for (const size of [1024, 16 * 1024, 64 * 1024, 1024 * 1024]) {
    test(`by messages of ${size / 1024} KiB`, () => {
      const count = 4 * 1024 * 1024 / size;
      let messages: Uint8Array[] = [];
      const lengths = arrays(() => messages = decode(size, count));
      assert.deepEqual(messages, Array.from({ length: count }, () => pattern(size)));
      const bytes = 8 * lengths.reduce((a, b) => a + b, 0);
      // Some may still be owed for what came before.
      assert.ok(Math.abs(bytes - used * size * count) <= 8 * 1024, `${bytes} bytes`);
    });
  }
});
