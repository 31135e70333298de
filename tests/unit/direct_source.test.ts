/** Readers that pass by the queue of their stream: nobody can tell them from the platform's. */

import assert from "node:assert/strict";
import { Readable } from "node:stream";
import consumers from "node:stream/consumers";
import type { ReadableStream as NodeStream } from "node:stream/web";
import { test } from "node:test";
import fc from "fast-check";
import type { PipeQueue } from "../../src/receiving/fair_queue.ts";
import { ReceiveQueue } from "../../src/receiving/receive_queue.ts";
import { MockSource, textReceiveQueue } from "../helpers/mock_source.ts";
import { platformReader } from "../helpers/platform_reader.ts";
import { calm, isPending } from "../helpers/turns.ts";

function receiveQueueOf(...texts: string[]): [ReceiveQueue<string, string>, PipeQueue<string>] {
  const receiveQueue = textReceiveQueue();
  const pipeQueue = receiveQueue.open(new MockSource());
  for (const text of texts) pipeQueue.enqueue(text);
  return [receiveQueue, pipeQueue];
}

/** How often the streams of this thread are handed a chunk while something is done. */
async function enqueued(work: () => Promise<unknown>): Promise<number> {
  const { enqueue } = ReadableStreamDefaultController.prototype;
  let count = 0;
  ReadableStreamDefaultController.prototype.enqueue = function (...chunk) {
    count++;
    Reflect.apply(enqueue, this, chunk);
  };
  try {
    await work();
  } finally {
    ReadableStreamDefaultController.prototype.enqueue = enqueue;
  }
  return count;
}

const numbers = (count: number): string[] => Array.from({ length: count }, (_, i) => `${i}`);

test("what waits does not go through the queue of the stream", async () => {
  const [receiveQueue, pipeQueue] = receiveQueueOf();
  const reader = receiveQueue.readable.getReader();
  const first = reader.read();
  await calm();
  for (const text of numbers(1000)) pipeQueue.enqueue(text);
  const viaReader = await enqueued(async () => {
    assert.equal((await first).value, "0");
    for (let i = 1; i < 1000; i++) assert.equal((await reader.read()).value, `${i}`);
  });
  reader.releaseLock();
  for (const text of numbers(1000)) pipeQueue.enqueue(text);
  const viaIterator = await enqueued(async () => {
    let next = 0;
    for await (const text of receiveQueue.readable) {
      assert.equal(text, `${next++}`);
      if (next === 1000) break;
    }
  });
  assert.deepEqual([viaReader, viaIterator], [0, 0]);
});

test("what is asked for in one turn comes in order, whatever of it had to wait", async () => {
  const [receiveQueue, pipeQueue] = receiveQueueOf();
  const reader = receiveQueue.readable.getReader();
  const order: string[] = [];
  const read = async (): Promise<void> => {
    const { value } = await reader.read();
    order.push(value!);
  };
  const reads = [read(), read(), read()];
  await calm();
  for (const text of ["a", "b", "c", "d", "e"]) pipeQueue.enqueue(text);
  // The first two were given theirs; the third is pulled for in a microtask.
  await Promise.all([...reads, read(), read()]);
  assert.deepEqual(order, ["a", "b", "c", "d", "e"]);
});

test("what the stream holds from a pipe that was stopped comes first", async () => {
  const [receiveQueue, pipeQueue] = receiveQueueOf(...numbers(100));
  const stop = new AbortController();
  const taken: string[] = [];
  const slow = new WritableStream<string>({
    write: (text) => {
      taken.push(text);
      if (taken.length === 3) stop.abort("enough");
    },
  });
  await receiveQueue.readable.pipeTo(slow, { signal: stop.signal, preventCancel: true }).catch(
    () => {},
  );
  assert.ok(receiveQueue.length < 97, "the pipe has the stream hold nothing");
  pipeQueue.enqueue("100");
  const reader = receiveQueue.readable.getReader();
  for (let i = taken.length; i <= 100; i++) assert.equal((await reader.read()).value, `${i}`);
});

test("a reader that is released reads nothing more, and what it waited for is the next one's", async () => {
  const [receiveQueue, pipeQueue] = receiveQueueOf();
  const reader = receiveQueue.readable.getReader();
  assert.throws(() => receiveQueue.readable.getReader(), TypeError);
  const waiting = reader.read();
  reader.releaseLock();
  await assert.rejects(waiting, TypeError);
  await assert.rejects(reader.read(), TypeError);
  await assert.rejects(reader.cancel(), TypeError);
  await assert.rejects(reader.closed, TypeError);
  for (const text of ["a", "b", "c"]) pipeQueue.enqueue(text);
  const next = receiveQueue.readable.getReader();
  for (const text of ["a", "b", "c"]) assert.equal((await next.read()).value, text);
});

test("a reader of another kind is refused as by any stream of messages", () => {
  const { readable } = receiveQueueOf()[0];
  assert.throws(() => readable.getReader({ mode: "byob" }), TypeError);
  assert.throws(() => readable.getReader({ mode: "other" as "byob" }), TypeError);
  assert.equal(readable.locked, false);
});

test("an iterator that is left cancels the stream, or only lets go of it", async () => {
  const [receiveQueue, pipeQueue] = receiveQueueOf("a", "b");
  let cancels = 0;
  receiveQueue.onCancel(() => cancels++);
  for await (const text of receiveQueue.readable.values({ preventCancel: true })) {
    assert.equal(text, "a");
    break;
  }
  assert.deepEqual([cancels, receiveQueue.readable.locked], [0, false]);
  await assert.rejects(async () => {
    for await (const text of receiveQueue.readable) throw new Error(text);
  }, /^Error: b$/);
  assert.deepEqual([cancels, receiveQueue.readable.locked], [1, false]);
  for await (const text of receiveQueue.readable) assert.fail(`${text} after the end`);
  pipeQueue.enqueue("c");
  assert.equal(await receiveQueue.receive(), "c");
});

test("an iterator that is left while it waits is left behind what it waits for", async () => {
  const [receiveQueue, pipeQueue] = receiveQueueOf();
  const iterator = receiveQueue.readable.values();
  const next = iterator.next();
  const left = iterator.return!();
  assert.deepEqual(await iterator.next(), { done: true, value: undefined });
  assert.equal(await isPending(left), true);
  pipeQueue.enqueue("a");
  assert.deepEqual(await next, { done: false, value: "a" });
  assert.deepEqual(await left, { done: true, value: undefined });
  assert.equal(receiveQueue.readable.locked, false);
});

test("an iterator that waits for nothing lets go of the stream at once when it is left", async () => {
  const { readable } = receiveQueueOf("a")[0];
  const iterator = readable.values({ preventCancel: true });
  await iterator.next();
  const left = iterator.return!();
  assert.equal(readable.locked, false);
  await left;
});

test("of all that an iterator waits for, the first ends with the stream's error, and the rest with the end", async () => {
  const [receiveQueue] = receiveQueueOf();
  const iterator = receiveQueue.readable.values();
  const [first, second] = [iterator.next(), iterator.next()];
  receiveQueue.fail(new Error("nobody is connected"));
  await assert.rejects(first, /nobody is connected/);
  assert.deepEqual(await second, { done: true, value: undefined });
});

test("what a reader that was released had waited for is to be had by receive", async () => {
  const [receiveQueue, pipeQueue] = receiveQueueOf();
  const reader = receiveQueue.readable.getReader();
  const read = reader.read();
  await calm();
  reader.releaseLock();
  await assert.rejects(read, TypeError);
  pipeQueue.enqueue("a");
  assert.equal(receiveQueue.length, 1);
  assert.equal(await receiveQueue.receive(), "a");
  const next = receiveQueue.readable.getReader();
  const again = next.read();
  await calm();
  reader.releaseLock();
  pipeQueue.enqueue("b");
  assert.equal((await again).value, "b");
});

test("whatever takes a stream of bytes takes ours", async () => {
  const bytes = (): ReadableStream<Uint8Array<ArrayBuffer>> => {
    const receiveQueue = new ReceiveQueue<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
      receiveBuffer: 1000,
      receiveTimeout: Infinity,
      size: ({ length }) => length,
      take: (message) => message,
    });
    const { readable } = receiveQueue;
    const pipeQueue = receiveQueue.open(new MockSource());
    for (const text of ["a", "b", "c"]) pipeQueue.enqueue(new TextEncoder().encode(text));
    receiveQueue.close();
    return readable;
  };
  assert.equal(await new Response(bytes()).text(), "abc");
  assert.equal(await consumers.text(bytes()), "abc");
  assert.equal((await Array.fromAsync(bytes())).length, 3);
  const decoded = bytes().pipeThrough(new TextDecoderStream());
  assert.deepEqual(await Array.fromAsync(decoded), ["a", "b", "c"]);
  for (const branch of bytes().tee()) assert.equal(await new Response(branch).text(), "abc");
  assert.equal(await consumers.text(Readable.fromWeb(bytes() as NodeStream)), "abc");
  const reader = bytes().getReader() as { readMany?: () => Promise<{ value: unknown[] }> };
  // Bun's own; its consumers of streams call it in some versions.
  if (reader.readMany !== undefined) assert.ok((await reader.readMany()).value.length > 0);
  assert.equal("readMany" in reader, "readMany" in ReadableStreamDefaultReader.prototype);
});

test("an iterator ends with the stream, or with its error, and lets go of it", async () => {
  const [receiveQueue] = receiveQueueOf();
  const iterator = receiveQueue.readable.values();
  const both = [iterator.next(), iterator.next()];
  await calm();
  receiveQueue.close();
  for (const next of both) assert.deepEqual(await next, { done: true, value: undefined });
  assert.equal(receiveQueue.readable.locked, false);

  const [other] = receiveQueueOf("a");
  const failing = other.readable[Symbol.asyncIterator]();
  assert.equal((await failing.next()).value, "a");
  const next = failing.next();
  other.fail(new Error("nobody is connected"));
  await assert.rejects(next, /nobody is connected/);
  assert.deepEqual(await failing.next(), { done: true, value: undefined });
  assert.equal(other.readable.locked, false);
});

/** What somebody does with a stream. */
type Step = ["deliver", number] | ["read", number] | [
  "turn" | "release" | "cancel" | "close" | "fail",
];

const steps = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.tuple(fc.constant("deliver" as const), fc.integer({ min: 1, max: 5 })),
    },
    {
      weight: 6,
      arbitrary: fc.tuple(fc.constant("read" as const), fc.integer({ min: 1, max: 5 })),
    },
    { weight: 4, arbitrary: fc.constant<Step>(["turn"]) },
    { weight: 2, arbitrary: fc.constant<Step>(["release"]) },
    { weight: 1, arbitrary: fc.constantFrom<Step[]>(["cancel"], ["close"], ["fail"]) },
  ),
  { maxLength: 30 },
);

/** What comes of it: how each read ended, until nothing was left. */
async function play(
  script: readonly Step[],
  readerOf: (stream: ReadableStream<string>) => ReadableStreamDefaultReader<string>,
): Promise<unknown> {
  const [receiveQueue, pipeQueue] = receiveQueueOf();
  const results: Promise<unknown>[] = [];
  const note = (promise: Promise<unknown>): void => {
    results.push(promise.catch((error: Error) => error.name));
  };
  let delivered = 0;
  let reader = readerOf(receiveQueue.readable);
  for (const [what, count] of script) {
    // Until then the platform may not have looked what waits.
    if (what !== "deliver" && what !== "read") await calm();
    if (what === "deliver") { for (let i = 0; i < count; i++) pipeQueue.enqueue(`${delivered++}`); }
    if (what === "read") { for (let i = 0; i < count; i++) note(reader.read()); }
    if (what === "cancel") note(reader.cancel());
    if (what === "close") receiveQueue.close();
    if (what === "fail") receiveQueue.fail(new RangeError("nobody is connected"));
    if (what === "release") {
      note(reader.closed);
      reader.releaseLock();
      reader = readerOf(receiveQueue.readable);
    }
  }
  await calm();
  note(reader.closed);
  note(reader.read());
  await calm();
  receiveQueue.close();
  for (let i = 0; i < delivered; i++) note(reader.read());
  return await Promise.all(results);
}

test("its reader and the platform's come to the same, whatever is done", async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (script) => {
      const [direct, platform] = await Promise.all([
        play(script, (stream) => stream.getReader()),
        play(script, platformReader),
      ]);
      assert.deepEqual(direct, platform);
    }),
    { numRuns: 1000 },
  );
});
