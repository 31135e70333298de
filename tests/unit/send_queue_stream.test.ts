/** The way out as a stream. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { closedError } from "../../src/base/errors.ts";
import { SendQueue, type SendQueueOptions } from "../../src/pipes/send_queue.ts";
import type { Router } from "../../src/pipes/routing.ts";
import { spError } from "../helpers/errors.ts";

interface Room extends Router<string> {
  room: number;
  readonly sent: string[];
}

function sendQueue(
  room: number,
  options: Partial<SendQueueOptions<string, string>> = {},
): [SendQueue<string, string>, Room] {
  const router: Room = {
    room,
    sent: [],
    pending: 0,
    attach: () => {},
    detach: () => {},
    ready: () => {},
    send: (message) => router.room-- > 0 && router.sent.push(message) > 0,
  };
  return [
    new SendQueue({
      router,
      prepare: (chunk) => chunk,
      keep: (message) => message,
      sendTimeout: Infinity,
      ...options,
    }),
    router,
  ];
}

/** A writer that hands chunks straight to the send queue, and one that uses the stream's own queue, as `pipeTo` does. */
const WRITERS = {
  "its writer": <T>(stream: WritableStream<T>) => stream.getWriter(),
  "the platform's writer": <T>(stream: WritableStream<T>): WritableStreamDefaultWriter<T> =>
    WritableStream.prototype.getWriter.call(stream),
};

for (const [whose, writerOf] of Object.entries(WRITERS)) {
  describe(`the writable, by ${whose},`, () => {
    test("is one stream, made when it is asked for", () => {
      const [out] = sendQueue(0);
      assert.equal(out.writable, out.writable);
    });

    test("sends what is written, in order, together with what is sent", async () => {
      const [out, router] = sendQueue(10);
      const writer = writerOf(out.writable);
      await writer.write("1");
      await out.send("2");
      await writer.write("3");
      assert.deepEqual(router.sent, ["1", "2", "3"]);
    });

    test("has its write wait while there is no room", async () => {
      const [out, router] = sendQueue(0);
      const writer = writerOf(out.writable);
      let isWritten = false;
      const written = writer.write("1").then(() => isWritten = true);
      await new Promise((resolve) => setTimeout(resolve));
      assert.equal(isWritten, false);
      router.room = 1;
      out.pump();
      await written;
    });

    test("has ready wait once it holds 64 KiB itself", async () => {
      const [out, router] = sendQueue(0);
      const writer = writerOf(out.writable);
      await writer.ready;
      const written: Promise<void>[] = [];
      while (writer.desiredSize! > 0) written.push(writer.write("x".repeat(1000)));
      assert.ok(written.length > 32 && written.length <= 66, `took ${written.length}`);
      let isReady = false;
      const ready = writer.ready.then(() => isReady = true);
      await new Promise((resolve) => setTimeout(resolve));
      assert.equal(isReady, false);
      router.room = Infinity;
      out.pump();
      await Promise.all([ready, ...written]);
    });

    test("counts each chunk as more than its bytes, so that empty ones are bounded too", () => {
      for (
        const chunk of ["", new Uint8Array(0), new ArrayBuffer(0), new DataView(new ArrayBuffer(0))]
      ) {
        const [out] = sendQueue(0);
        const writer = writerOf(out.writable as WritableStream<unknown>);
        let chunks = 0;
        while (writer.desiredSize! > 0) {
          writer.write(chunk).catch(() => {});
          chunks++;
        }
        assert.ok(chunks <= 128, `took ${chunks}`);
        writer.abort().catch(() => {});
      }
    });

    test("errors with what the pattern says of a chunk", async () => {
      const [out] = sendQueue(1, {
        prepare: () => {
          throw new TypeError("no such message");
        },
      });
      const writer = writerOf(out.writable);
      const closed = assert.rejects(writer.closed, /no such message/);
      await assert.rejects(writer.write("1"), /no such message/);
      await closed;
    });

    test("when closed waits until all is sent, then tells, and waits for what that does", async () => {
      const [out, router] = sendQueue(0);
      const steps: string[] = [];
      out.onEnd(async (linger) => {
        await Promise.resolve();
        steps.push(`end ${linger}`);
      });
      const writer = writerOf(out.writable);
      const written = writer.write("1").then(() => steps.push("written"));
      const closed = writer.close().then(() => steps.push("closed"));
      router.room = 1;
      out.pump();
      await Promise.all([written, closed]);
      assert.deepEqual(steps, ["written", "end undefined", "closed"]);
    });

    test("when closed waits for what the router holds, too", async () => {
      const [out, router] = sendQueue(1);
      let hasEnded = false;
      out.onEnd(() => hasEnded = true);
      const writer = writerOf(out.writable);
      await writer.write("1");
      (router as { pending: number }).pending = 1;
      const closed = writer.close();
      await new Promise((resolve) => setTimeout(resolve));
      assert.equal(hasEnded, false);
      (router as { pending: number }).pending = 0;
      out.pump();
      await closed;
      assert.equal(hasEnded, true);
    });

    test("when aborted gives up the write that waits, and tells with a linger of 0", async () => {
      const [out, router] = sendQueue(0);
      const ends: unknown[] = [];
      out.onEnd((linger) => ends.push(linger));
      const writer = writerOf(out.writable);
      const write = assert.rejects(writer.write("1"), /no more/);
      await Promise.resolve();
      await writer.abort(new Error("no more"));
      await write;
      assert.deepEqual(ends, [0]);
      router.room = 1;
      out.pump();
      assert.deepEqual(router.sent, []);
      await writer.closed.catch(() => {});
    });

    test("takes nothing once the socket is closed, and errors when it is given up", async () => {
      const [out] = sendQueue(1);
      const writer = writerOf(out.writable);
      out.close();
      await assert.rejects(writer.write("1"), spError("ECLOSED", "Cannot send"));
      const [other] = sendQueue(0);
      const otherWriter = writerOf(other.writable);
      const write = assert.rejects(otherWriter.write("1"), spError("ECLOSED"));
      other.abandon(closedError("go on"));
      await write;
      await assert.rejects(otherWriter.closed, spError("ECLOSED"));
      await writer.closed.catch(() => {});
    });

    test("made after the socket was closed is errored", async () => {
      const [out] = sendQueue(1);
      out.close();
      await assert.rejects(writerOf(out.writable).closed, spError("ECLOSED", "Cannot send"));
    });

    test("has a write wait for what the pattern has to do after it", async () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      const [out, router] = sendQueue(1, { afterWrite: () => promise });
      let isWritten = false;
      const written = writerOf(out.writable).write("1").then(() => isWritten = true);
      await new Promise((resolve) => setTimeout(resolve));
      assert.deepEqual(router.sent, ["1"]);
      assert.equal(isWritten, false);
      resolve();
      await written;
    });
  });
}
