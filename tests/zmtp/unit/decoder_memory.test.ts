/** What messages keep in memory besides themselves: the chunks that they came in. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Assembler } from "../../../zmtp/wire/assembler.ts";
import { FramesDecoder } from "../../../zmtp/wire/decoder.ts";
import type { Frames } from "../../../zmtp/wire/frames.ts";
import { concat, pattern, utf8 } from "../../helpers/bytes.ts";
import { Collector } from "../../helpers/collector.ts";
import { COMMAND, frame, MORE } from "../helpers/frames.ts";
import { command } from "../helpers/stranger.ts";

const KIB = 1024;

function decoder(lent: boolean): FramesDecoder {
  const options = { maxMessageSize: 100 * KIB, isPublisher: false, ping: () => {} };
  return new FramesDecoder(new Assembler(options), lent);
}

/** Bytes that stay in memory as long as these messages do. */
function kept(messages: readonly Frames[]): number {
  const memories = new Set(messages.flat().map(({ buffer }) => buffer));
  return [...memories].reduce((sum, { byteLength }) => sum + byteLength, 0);
}

/** A chunk that is 60 KiB of commands, but for one small frame. */
function sparse(flags: number): Uint8Array<ArrayBuffer> {
  const commands = Array.from({ length: 60 }, () => command("PONG", pattern(KIB)));
  return concat([frame(flags, utf8("x")), ...commands]);
}

/** What there is much of, besides a small frame. */
const COMMANDS: Readonly<Record<string, Uint8Array<ArrayBuffer>>> = {
  "long": command("PONG", pattern(10 * KIB)),
  "as long as may be": command("PONG", pattern(63 * KIB)),
  "empty": frame(COMMAND, new Uint8Array(0)),
};

for (const [length, one] of Object.entries(COMMANDS)) {
  for (const size of [64 * KIB, 512 * KIB]) {
    test(`small messages keep no commands in memory that are ${length}, where ${size / KIB} KiB are read at once`, () => {
      const collector = new Collector<Frames>();
      const frames = decoder(false);
      const count = Math.floor(size / one.length);
      const round = concat([frame(0, utf8("x")), ...Array.from({ length: count }, () => one)]);
      const bytes = concat(Array.from({ length: 10 }, () => round));
      for (let at = 0; at < bytes.length; at += size) {
        frames.transform(bytes.slice(at, at + size), collector);
      }
      assert.equal(collector.chunks.length, 10);
      assert.ok(kept(collector.chunks) <= 2 * size + 64 * KIB, `${kept(collector.chunks)} bytes`);
    });
  }
}

for (const lent of [false, true]) {
  const how = lent ? "lent" : "given";

  test(`small messages among many commands do not keep the commands in memory, where chunks are ${how}`, () => {
    const collector = new Collector<Frames>();
    const frames = decoder(lent);
    for (let i = 0; i < 100; i++) frames.transform(sparse(0), collector);
    assert.equal(collector.chunks.length, 100);
    assert.ok(kept(collector.chunks) < 200 * KIB, `${kept(collector.chunks)} bytes are kept`);
  });

  test(`frames of one message, with many commands between them, do not keep these in memory, where chunks are ${how}`, () => {
    const collector = new Collector<Frames>();
    const frames = decoder(lent);
    for (let i = 0; i < 100; i++) frames.transform(sparse(MORE), collector);
    frames.transform(frame(0, utf8("end")), collector);
    assert.deepEqual(collector.chunks.map(({ length }) => length), [101]);
    assert.ok(kept(collector.chunks) < 200 * KIB, `${kept(collector.chunks)} bytes are kept`);
  });

  test(`small messages keep no commands in memory either that are left for another turn, where chunks are ${how}`, () => {
    const frames = decoder(lent);
    const messages: Frames[] = [];
    const reader = {
      isFull: false,
      enqueue(message: Frames): void {
        messages.push(message);
        reader.isFull = true;
      },
      error: assert.fail,
    };
    for (let i = 0; i < 100; i++) {
      let rest: Uint8Array<ArrayBuffer> | undefined = sparse(0);
      let isNew = true;
      while (rest !== undefined) {
        reader.isFull = false;
        rest = isNew ? frames.transform(rest, reader) : frames.resume(rest, reader);
        isNew = false;
      }
    }
    assert.equal(messages.length, 100);
    assert.ok(kept(messages) < 200 * KIB, `${kept(messages)} bytes are kept`);
  });
}

test("small messages are views on the chunk that they came in, also with a command among them", () => {
  const collector = new Collector<Frames>();
  const frames = decoder(false);
  const messages = Array.from({ length: 100 }, () => frame(0, pattern(64)));
  for (let i = 0; i < 10; i++) {
    const chunk = concat([...messages, command("PING", "\0\0"), ...messages]);
    frames.transform(chunk, collector);
    assert.equal(kept(collector.chunks.splice(0)), chunk.length);
  }
});
