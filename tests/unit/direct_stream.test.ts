/** Writers that pass by the queue of their stream: nobody can tell them from the platform's. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { closedError, SPError } from "../../src/base/errors.ts";
import { SendQueue } from "../../src/pipes/send_queue.ts";
import type { Router } from "../../src/pipes/routing.ts";
import { spError } from "../helpers/errors.ts";
import { HeldTimers } from "../helpers/held_timers.ts";
import { calm, isPending } from "../helpers/turns.ts";

/** A router with room for so many messages. */
class Room implements Router<string> {
  readonly pending = 0;
  readonly sent: string[] = [];
  room: number;

  constructor(room: number) {
    this.room = room;
  }

  attach(): void {}
  detach(): void {}
  ready(): void {}

  send(message: string): boolean {
    if (message === "unwanted") throw new SPError("ENOPEERS", "Cannot send: there is nobody");
    return this.room-- > 0 ? this.sent.push(message) > 0 : (this.room = 0, false);
  }
}

function sendQueue(room: number, sendTimeout = Infinity): [SendQueue<string, string>, Room] {
  const router = new Room(room);
  const prepare = (chunk: string): string => {
    if (chunk === "wrong") throw new SPError("EINVAL", "Cannot send this");
    return chunk;
  };
  return [new SendQueue({ router, prepare, keep: (message) => message, sendTimeout }), router];
}

const LARGE = "x".repeat(64 * 1024);

test("what has room is sent before write returns, and no promise is made for it", () => {
  const [out, router] = sendQueue(Infinity);
  const writer = out.writable.getWriter();
  const first = writer.write("1");
  assert.deepEqual(router.sent, ["1"]);
  assert.equal(writer.write("2"), first);
});

test("what is written while there is no room is told of one by one", async () => {
  const [out, router] = sendQueue(0);
  const writer = out.writable.getWriter();
  const first = writer.write("1");
  const second = writer.write("2");
  router.room = 1;
  out.pump();
  await first;
  assert.equal(await isPending(second), true);
  router.room = 1;
  out.pump();
  await second;
  assert.deepEqual(router.sent, ["1", "2"]);
});

test("ready waits from 64 KiB on until all is sent, and desiredSize says how much is left", async () => {
  const [out, router] = sendQueue(0);
  const writer = out.writable.getWriter();
  const room = writer.desiredSize!;
  writer.write("1");
  assert.ok(writer.desiredSize! < room && writer.desiredSize! > 0);
  assert.equal(await isPending(writer.ready), false);
  writer.write(LARGE);
  assert.ok(writer.desiredSize! < 0);
  const { ready } = writer;
  router.room = 1;
  out.pump();
  assert.equal(await isPending(ready), true);
  router.room = 1;
  out.pump();
  await ready;
  assert.equal(writer.desiredSize, room);
});

test("a writer that is released takes nothing more, and the next one goes on behind it", async () => {
  const [out, router] = sendQueue(0);
  const writer = out.writable.getWriter();
  assert.throws(() => out.writable.getWriter(), TypeError);
  const first = writer.write("1");
  writer.releaseLock();
  assert.equal(out.writable.locked, false);
  await assert.rejects(writer.write("x"), TypeError);
  await assert.rejects(writer.ready, TypeError);
  await assert.rejects(writer.closed, TypeError);
  assert.throws(() => writer.desiredSize, TypeError);
  await assert.rejects(writer.close(), TypeError);
  await assert.rejects(writer.abort(), TypeError);
  const piped = new Blob(["2"]).stream().pipeThrough(new TextDecoderStream())
    .pipeTo(out.writable, { preventClose: true });
  router.room = 3;
  out.pump();
  await Promise.all([first, piped]);
  await out.writable.getWriter().write("3");
  assert.deepEqual(router.sent, ["1", "2", "3"]);
});

test("a writer that was released cannot end the stream for the next one", async () => {
  const [out, router] = sendQueue(Infinity);
  const writer = out.writable.getWriter();
  writer.releaseLock();
  await assert.rejects(writer.close(), TypeError);
  const next = out.writable.getWriter();
  await assert.rejects(out.writable.close(), TypeError);
  await assert.rejects(out.writable.abort(), TypeError);
  await next.write("1");
  assert.deepEqual(router.sent, ["1"]);
});

test("nothing is taken behind close, even in the turn in which the stream is made", async () => {
  const [out, router] = sendQueue(Infinity);
  const writer = out.writable.getWriter();
  const closed = writer.close();
  await assert.rejects(writer.write("late"), TypeError);
  await closed;
  const [other, otherRouter] = sendQueue(Infinity);
  const otherClosed = other.writable.close();
  await assert.rejects(other.writable.getWriter().write("late"), TypeError);
  await otherClosed;
  assert.deepEqual([router.sent, otherRouter.sent], [[], []]);
});

test("what is wrong breaks the stream behind what was written before it", async () => {
  const [out, router] = sendQueue(0);
  const writer = out.writable.getWriter();
  const first = writer.write("1");
  const wrong = assert.rejects(writer.write("wrong"), spError("EINVAL"));
  const closed = assert.rejects(writer.closed, spError("EINVAL"));
  const behind = assert.rejects(writer.write("behind"), spError("EINVAL"));
  await calm();
  router.room = 5;
  out.pump();
  await Promise.all([first, wrong, closed, behind]);
  assert.deepEqual(router.sent, ["1"]);
});

test("abort gives up what waits before something wrong", async () => {
  const [out, router] = sendQueue(0);
  const writer = out.writable.getWriter();
  const first = assert.rejects(writer.write("1"), /enough/);
  const wrong = assert.rejects(writer.write("wrong"), /enough/);
  const closed = assert.rejects(writer.closed, /enough/);
  await calm();
  await writer.abort(new Error("enough"));
  await Promise.all([first, wrong, closed]);
  router.room = 5;
  out.pump();
  assert.deepEqual([router.sent, out.idle], [[], true]);
});

test("a write that waits longer than sendTimeout breaks the stream, counted from when it is first", async () => {
  using timers = new HeldTimers((time) => time === 40);
  const [out, router] = sendQueue(0, 40);
  const writer = out.writable.getWriter();
  const first = writer.write(LARGE);
  const second = assert.rejects(writer.write("2"), spError("ETIMEDOUT", "40 ms"));
  const closed = assert.rejects(writer.closed, spError("ETIMEDOUT"));
  assert.deepEqual([timers.set, timers.times], [1, [40]]);
  router.room = 1;
  out.pump();
  await first;
  assert.deepEqual([timers.set, timers.times], [2, [40]]);
  timers.fire();
  await Promise.all([second, closed]);
  await assert.rejects(writer.ready, spError("ETIMEDOUT"));
  router.room = 1;
  out.pump();
  assert.deepEqual([router.sent, out.idle, timers.times], [[LARGE], true, []]);
});

/** What somebody does with a stream. */
type Step = ["write", string] | ["room", number] | [
  "close" | "abort" | "release" | "leave" | "give up",
];

const steps = fc.array(
  fc.oneof(
    {
      weight: 8,
      arbitrary: fc.tuple(fc.constant("write" as const), fc.constantFrom("a", "b", LARGE)),
    },
    {
      weight: 4,
      arbitrary: fc.tuple(fc.constant("room" as const), fc.integer({ min: 1, max: 3 })),
    },
    { weight: 1, arbitrary: fc.constant<Step>(["write", "wrong"]) },
    { weight: 1, arbitrary: fc.constant<Step>(["write", "unwanted"]) },
    {
      weight: 1,
      arbitrary: fc.constantFrom<Step[]>(["close"], ["abort"], ["release"], ["leave"], ["give up"]),
    },
  ),
  { maxLength: 20 },
);

/** What comes of it: what was sent after each step, and how each promise ended. */
async function play(
  script: readonly Step[],
  writerOf: (stream: WritableStream<string>) => WritableStreamDefaultWriter<string>,
): Promise<unknown> {
  const [out, router] = sendQueue(2);
  const log: unknown[] = [];
  const results: Promise<string>[] = [];
  const note = (promise: Promise<unknown>): void => {
    const outcome = (error: Error): string => error instanceof SPError ? error.code : error.name;
    results.push(promise.then(() => "done", outcome));
  };
  let writer = writerOf(out.writable);
  let closed = writer.closed;
  let isClosing = false;
  for (const [what, value] of script) {
    // Behind close Node's own writer throws an internal assertion.
    if (what === "write" && !isClosing) note(writer.write(value as string));
    if (what === "close") {
      isClosing = true;
      note(writer.close());
    }
    if (what === "abort") note(writer.abort(new SPError("ESTATE", "Enough")));
    if (what === "leave") out.close();
    if (what === "give up") out.abandon(closedError("send"));
    if (what === "release") {
      closed.catch(() => {});
      writer.releaseLock();
      writer = writerOf(out.writable);
      closed = writer.closed;
    }
    if (what === "room") {
      router.room += value as number;
      out.pump();
    }
    await calm();
    log.push([...router.sent]);
  }
  router.room = Infinity;
  out.pump();
  await calm();
  out.abandon(closedError("send"));
  note(closed);
  return { log, sent: router.sent, results: await Promise.all(results), idle: out.idle };
}

test("its writer and the platform's come to the same, whatever is done", async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (script) => {
      const [direct, platform] = await Promise.all([
        play(script, (stream) => stream.getWriter()),
        play(script, (stream) => WritableStream.prototype.getWriter.call(stream)),
      ]);
      assert.deepEqual(direct, platform);
    }),
    { numRuns: 1000 },
  );
});
