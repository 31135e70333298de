/** What is received belongs to who received it, empty frames too. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Assembler } from "../../../zmtp/wire/assembler.ts";
import { FramesDecoder } from "../../../zmtp/wire/decoder.ts";
import type { Frames } from "../../../zmtp/wire/frames.ts";
import { Collector } from "../../helpers/collector.ts";

for (const lent of [false, true]) {
  test(`a receiver that gives an empty frame away takes none from others, where chunks are ${lent ? "lent" : "given"}`, () => {
    const assembler = new Assembler({ maxMessageSize: 100, isPublisher: false, ping: () => {} });
    const decoder = new FramesDecoder(assembler, lent);
    const collector = new Collector<Frames>();
    for (let i = 0; i < 2; i++) {
      decoder.transform(Uint8Array.of(0), collector);
      decoder.transform(Uint8Array.of(0), collector);
    }
    const [[one], [other]] = collector.chunks as [[Frames[0]], [Frames[0]]];
    structuredClone(one, { transfer: [one.buffer] });
    assert.doesNotThrow(() => new Uint8Array(other.buffer));
  });
}
