/** Messages whose memory is given back, and used for others. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Pub, Pull, Push, recycle, Rep, Req, Sub } from "../../mod.ts";
import { FrameDecoder } from "../../src/framing.ts";
import { takeHeader } from "../../src/recycle.ts";
import { allocations } from "../helpers/allocations.ts";
import { cut, pattern } from "../helpers/bytes.ts";
import { Collector } from "../helpers/collector.ts";
import { spError } from "../helpers/errors.ts";
import { frameAll } from "../helpers/reference_codec.ts";
import { freshName } from "../transports/threads.ts";

const KIB = 1024;
const MIB = 1024 * KIB;

// From here on, memory is looked after.
recycle(new Uint8Array(MIB));

/** Messages as they come out of a decoder, from a connection that lends its chunks. */
function decode(...messages: Uint8Array[]): Uint8Array[] {
  const collector = new Collector<Uint8Array>();
  new FrameDecoder({ maxMessageSize: Infinity }, true).transform(
    frameAll("tcp", messages),
    collector,
  );
  assert.deepEqual(collector.chunks, messages);
  return collector.chunks;
}

/** The same for one that comes in pieces, which are the decoder's to keep. */
function assemble(message: Uint8Array): Uint8Array<ArrayBuffer> {
  const collector = new Collector<Uint8Array<ArrayBuffer>>();
  const decoder = new FrameDecoder({ maxMessageSize: Infinity });
  for (const piece of cut(frameAll("tcp", [message]), [100, message.length >> 1])) {
    decoder.transform(piece, collector);
  }
  assert.deepEqual(collector.chunks, [message]);
  return collector.chunks[0]!;
}

/** Whether a message has the memory of one of this size, which is a size of its own in each test. */
function isRecycled(message: Uint8Array, size: number): boolean {
  return message.buffer.byteLength === size;
}

test("a message that is given back is gone, and its memory is the next one's", () => {
  const [size, smaller] = [700 * KIB + 1, 600 * KIB];
  for (const come of [(message: Uint8Array) => decode(message)[0]!, assemble]) {
    const first = come(pattern(size, 1));
    recycle(first);
    assert.equal(first.length, 0);
    const second = come(pattern(smaller, 2));
    assert.ok(isRecycled(second, size));
    recycle(second.subarray(0, 20 * KIB));
    assert.equal(second.length, 0);
    const third = come(pattern(smaller, 3));
    assert.ok(isRecycled(third, size));
    assert.ok(isRecycled(come(pattern(smaller, 4)), smaller));
  }
});

test("memory of more than twice a message's size is left for a larger one", () => {
  const size = 900 * KIB + 1;
  recycle(assemble(pattern(size)));
  assert.ok(!isRecycled(assemble(pattern(size / 2 - 1 | 0)), size));
  assert.ok(isRecycled(assemble(pattern(size)), size));
});

test("messages of one size that are given back cost no new memory", () => {
  const size = 800 * KIB + 3;
  recycle(assemble(pattern(size)));
  const framed = frameAll("tcp", [pattern(size)]);
  const lengths = allocations(() => {
    for (let i = 0; i < 20; i++) {
      const collector = new Collector<Uint8Array>();
      const decoder = new FrameDecoder();
      for (const piece of [framed.subarray(0, 1000), framed.subarray(1000)]) {
        decoder.transform(piece, collector);
      }
      recycle(collector.chunks[0]!);
    }
  });
  assert.deepEqual(lengths.filter((length) => length > 8), []);
  assert.ok(isRecycled(assemble(pattern(size)), size));
});

test("an announced message of 8 MiB may have recycled memory at once", () => {
  const size = 8 * MIB + 1;
  recycle(assemble(pattern(size)));
  const framed = frameAll("tcp", [pattern(size)]);
  const decoder = new FrameDecoder({ maxMessageSize: Infinity });
  const collector = new Collector<Uint8Array>();
  const lengths = allocations(() => {
    for (let at = 0; at < framed.length; at += 64 * KIB) {
      decoder.transform(framed.subarray(at, at + 64 * KIB), collector);
    }
  });
  assert.deepEqual(lengths, []);
  assert.deepEqual(collector.chunks, [pattern(size)]);
});

test("memory that others may look at stays as it is", () => {
  const small = decode(pattern(10), pattern(16 * KIB, 1), pattern(20, 2));
  const collector = new Collector<Uint8Array>();
  new FrameDecoder().transform(frameAll("tcp", [pattern(20_000)]), collector);
  const kept = [
    ...small,
    ...collector.chunks, // a view of its chunk
    pattern(20_000),
    new Uint8Array(new SharedArrayBuffer(20_000)),
    new Uint8Array(new WebAssembly.Memory({ initial: 1 }).buffer),
    new Uint8Array(0),
  ];
  for (const message of kept) {
    const before = message.slice();
    recycle(message);
    assert.deepEqual(message, before);
  }
});

test("a message is given back once, whatever is said twice", () => {
  const size = 500 * KIB + 7;
  const message = assemble(pattern(size));
  const [first, second] = [message.subarray(0, 200 * KIB), message.subarray(200 * KIB)];
  for (const part of [first, second, message, first]) recycle(part);
  assert.ok(isRecycled(assemble(pattern(size)), size));
  assert.ok(!isRecycled(assemble(pattern(size - 1)), size));
});

test("at most 32 MiB wait to be used again, the last ones", () => {
  const size = 5 * MIB + 11;
  const messages = Array.from({ length: 8 }, () => assemble(new Uint8Array(size)));
  messages.forEach(recycle);
  assert.deepEqual(messages.map(({ length }) => length), Array(8).fill(0));
  const again = Array.from({ length: 8 }, () => assemble(new Uint8Array(size - 1)));
  assert.equal(again.filter((message) => isRecycled(message, size)).length, 6);
  const tooLarge = assemble(new Uint8Array(32 * MIB + 1));
  recycle(tooLarge);
  assert.equal(tooLarge.length, 32 * MIB + 1);
});

test("a message that was sent on stays as it is, for everybody", async () => {
  await using pub = new Pub();
  await using subs = new AsyncDisposableStack();
  const address = freshName();
  await pub.bind(address);
  const received: Promise<Uint8Array>[] = [];
  for (let i = 0; i < 2; i++) {
    const sub = subs.use(new Sub({ subscribe: "" }));
    sub.connect(address);
    received.push(sub.receive());
  }
  await pub.peers(2);
  const message = assemble(pattern(100 * KIB));
  await pub.send(message);
  recycle(message);
  for (const copy of await Promise.all(received)) {
    recycle(copy);
    assert.deepEqual(copy, pattern(100 * KIB));
  }
  assert.deepEqual(message, pattern(100 * KIB));
});

test("a message that is sent on over tcp and given back arrives whole", async () => {
  await using pull = new Pull();
  await using push = new Push();
  const { address } = await pull.bind("tcp://127.0.0.1:0");
  push.connect(address);
  const message = assemble(pattern(300 * KIB));
  push.send(message);
  recycle(message);
  assert.deepEqual(await pull.receive(), pattern(300 * KIB));
});

test("a part of a message that waits for a peer arrives whole though the message is given back", async () => {
  await using push = new Push();
  const address = freshName();
  push.connect(address);
  const message = assemble(pattern(300 * KIB));
  const sent = push.send(message.subarray(100, 200));
  recycle(message);
  await using pull = new Pull();
  await pull.bind(address);
  assert.deepEqual(await pull.receive(), pattern(300 * KIB).subarray(100, 200));
  await sent;
});

test("what is no array of bytes cannot be given back", () => {
  for (const wrong of ["text", null, undefined, 1, new ArrayBuffer(20_000), [1]]) {
    assert.throws(() => recycle(wrong as never), spError("EINVAL", "Uint8Array"));
  }
});

test("a header outlives the message that it began", () => {
  const size = 400 * KIB + 5;
  const message = assemble(pattern(size));
  const header = takeHeader(message, 8);
  recycle(message);
  assert.equal(message.length, 0);
  assert.deepEqual(header, pattern(8));
});

test("over tcp every message is whole, though each is given back", async () => {
  await using pull = new Pull();
  await using push = new Push();
  const { address } = await pull.bind("tcp://127.0.0.1:0");
  push.connect(address);
  const sizes = fc.sample(fc.integer({ min: 1, max: 200 * KIB }), { numRuns: 200, seed: 5 });
  const sent = (async () => {
    for (const [i, size] of sizes.entries()) await push.send(pattern(size, i));
  })();
  for (const [i, size] of sizes.entries()) {
    const message = await pull.receive();
    assert.deepEqual(message, pattern(size, i));
    recycle(message);
  }
  await sent;
});

test("a question may be given back before it is answered", async () => {
  await using rep = new Rep();
  await using req = new Req();
  const { address } = await rep.bind("tcp://127.0.0.1:0");
  req.connect(address);
  const answered = (async () => {
    for (let i = 0; i < 10; i++) {
      const question = await rep.receive();
      const answer = question.slice(0, 50 * KIB);
      recycle(question);
      await rep.send(answer);
    }
  })();
  for (let i = 0; i < 10; i++) {
    const reply = await req.request(pattern(100 * KIB + i, i));
    assert.deepEqual(reply, pattern(50 * KIB, i));
    recycle(reply);
  }
  await answered;
});
