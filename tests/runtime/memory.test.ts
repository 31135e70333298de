/** The memory that messages come in; in a file, and so in a process, of its own: the whole thread has it. */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { FrameDecoder } from "../../src/sp/framing.ts";
import { newMemory } from "../../src/memory/new_memory.ts";
import { defaultRuntime } from "../../transports/runtime/default.ts";
import { pattern } from "../helpers/bytes.ts";
import { Collector } from "../helpers/collector.ts";
import { readAll } from "../helpers/reading.ts";
import { frameAll } from "../helpers/reference_codec.ts";

const KIB = 1024;
const MIB = 1024 * KIB;

const { allocUnsafeSlow } = Buffer;
/** Memory that was asked for without clearing it; whatever was in it before is seen here. */
const asked: number[] = [];
Buffer.allocUnsafeSlow = (length) => {
  asked.push(length);
  return allocUnsafeSlow(length).fill(0xaa);
};

function read(messages: readonly Uint8Array[]): readonly Uint8Array[] {
  const decoder = new FrameDecoder({ maxMessageSize: Infinity }, true);
  const collector = new Collector<Uint8Array>();
  asked.length = 0;
  readAll(frameAll("tcp", messages), decoder, collector);
  return collector.chunks;
}

test("memory is cleared until a transport knows a faster way", () => {
  asked.length = 0;
  assert.deepEqual(newMemory(200_000), new Uint8Array(200_000));
  assert.deepEqual(asked, []);
});

test("with a runtime's adapter, large memory is not cleared, and of messages only the large ones have it", () => {
  defaultRuntime();
  asked.length = 0;
  assert.equal(newMemory(200_000).length, 200_000);
  assert.deepEqual(asked, [200_000]);
  const small = Array.from({ length: 200 }, (_, i) => pattern(31 * KIB, i));
  assert.deepEqual(read(small), small);
  assert.deepEqual(asked, []);
});

test("nothing of what was in such memory is seen in a message or behind it", () => {
  defaultRuntime();
  for (const message of [pattern(200_000, 1), pattern(MIB + 1, 2)]) {
    const [received] = read([message]);
    assert.equal(asked.length, 2);
    assert.deepEqual(received, message);
    const behind = new Uint8Array(received!.buffer, message.length);
    assert.deepEqual(behind, new Uint8Array(behind.length));
  }
});
