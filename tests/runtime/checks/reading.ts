/** What a connection delivers, and when. */

import assert from "node:assert/strict";
import { describe, test } from "../../helpers/flat.ts";
import { CURRENT } from "../../helpers/runtimes.ts";
import { setImmediate, setTimeout } from "node:timers";
import type { StreamRuntime } from "../../../transports/runtime.ts";
import { afterTraffic } from "../peer.ts";
import { Recorder } from "../recorder.ts";
import { bytes, TOO_MUCH, WAYS } from "../stage.ts";

export function checkReading(runtime: StreamRuntime): void {
  for (const { name, open } of WAYS) {
    describe(`reading (${name})`, () => {
      test("delivers what came before the start, and what comes after, in order", async (t) => {
        const { connection, peer } = await open(t, runtime);
        const sent = bytes(200_000);
        peer.socket.write(sent.subarray(0, 1000));
        await afterTraffic();
        const sink = new Recorder();
        sink.start(connection);
        peer.socket.write(sent.subarray(1000));
        await sink.until(({ length }) => length >= sent.length);
        assert.ok(sent.equals(sink.bytes));
      });

      test("delivers to the sink that was started last, and to no other", async (t) => {
        const { connection, peer } = await open(t, runtime);
        const [first, second] = [new Recorder(), new Recorder()];
        first.start(connection);
        peer.socket.write("first");
        await first.until(({ length }) => length === 5);
        second.start(connection);
        peer.socket.write("second");
        await second.until(({ length }) => length === 6);
        connection.destroy();
        await second.untilClosed();
        assert.equal(first.length, 5);
        assert.equal(first.isClosed, false);
      });

      test("delivers to the next sink what came while it was paused for it", async (t) => {
        const { connection, peer } = await open(t, runtime);
        const [first, second] = [new Recorder(), new Recorder()];
        first.onData = () => connection.pause();
        first.start(connection);
        peer.socket.write("first");
        await first.until(({ length }) => length === 5);
        peer.socket.write("second");
        await afterTraffic();
        assert.equal(first.length, 5);
        second.start(connection);
        await afterTraffic();
        assert.equal(second.length, 0);
        connection.resume();
        await second.until(({ length }) => length === 6);
      });

      test("keeps 10,000 small chunks apart from each other's memory", async (t) => {
        const { connection, peer } = await open(t, runtime);
        const sink = new Recorder();
        sink.start(connection);
        const sent = bytes(10_000 * 7);
        for (let i = 0; i < sent.length; i += 7) {
          peer.socket.write(sent.subarray(i, i + 7));
          if (i % 700 === 0) await new Promise((resolve) => setTimeout(resolve));
        }
        await sink.until(({ length }) => length >= sent.length);
        assert.ok(sent.equals(sink.bytes));
      });

      test("reads to where the sink wants it, if it can choose, and then as ever", async (t) => {
        const { connection, peer } = await open(t, runtime);
        const sink = new Recorder();
        sink.wanted = new Uint8Array(TOO_MUCH.length / 2);
        sink.onData = () => {
          if (sink.chunks.length % 5 !== 0) return;
          connection.pause();
          setImmediate(() => connection.resume());
        };
        sink.start(connection);
        peer.socket.write(TOO_MUCH);
        await sink.until(({ length }) => length >= TOO_MUCH.length);
        assert.ok(TOO_MUCH.equals(sink.bytes));
        // Bun reads into memory of its own.
        assert.equal(sink.direct > 0, runtime.name === CURRENT.name && runtime.name !== "bun");
      });

      test("stops while paused, pushes the peer back, and goes on where it stopped", async (t) => {
        const { connection, peer } = await open(t, runtime);
        const sink = new Recorder();
        sink.onData = () => connection.pause();
        sink.start(connection);
        const sent = TOO_MUCH;
        peer.socket.write(sent);
        await sink.until(({ length }) => length > 0);
        await afterTraffic();
        assert.equal(sink.chunks.length, 1);
        assert.ok(peer.socket.writableLength > 0, "the operating system took it all");
        sink.onData = undefined;
        connection.resume();
        await sink.until(({ length }) => length >= sent.length);
        assert.ok(sent.equals(sink.bytes));
      });

      test("does not deliver at once what comes after a pause from outside", async (t) => {
        const { connection, peer } = await open(t, runtime);
        const sink = new Recorder();
        sink.start(connection);
        await afterTraffic();
        connection.pause();
        peer.socket.write("later");
        await afterTraffic();
        assert.equal(sink.length, 0);
        connection.resume();
        await sink.until(({ length }) => length === 5);
      });

      test("may be paused and resumed as often as one likes", async (t) => {
        const { connection, peer } = await open(t, runtime);
        const sink = new Recorder();
        sink.onData = () => {
          connection.pause();
          connection.resume();
          connection.pause();
          setImmediate(() => {
            connection.resume();
            connection.resume();
          });
        };
        sink.start(connection);
        const sent = bytes(3_000_000);
        peer.socket.write(sent);
        await sink.until(({ length }) => length >= sent.length);
        assert.ok(sent.equals(sink.bytes));
      });
    });
  }
}
