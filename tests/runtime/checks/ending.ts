/** How a connection ends, and what its sink hears of it. */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, test } from "../../helpers/flat.ts";
import type { SPError } from "../../../src/base/errors.ts";
import type { StreamRuntime } from "../../../transports/runtime.ts";
import { RUNTIMES } from "../../helpers/runtimes.ts";
import { afterTraffic } from "../peer.ts";
import { Recorder } from "../recorder.ts";
import { bytes, freshPath, listen, tcp, TOO_MUCH, unix, WAYS } from "../stage.ts";

/** Connects, says something, and is gone before this process can look: without a goodbye, or with one. */
function comeAndGo(where: string, how: "resetAndDestroy" | "destroy"): void {
  const { command, args } = RUNTIMES.find(({ name }) => name === "node")!;
  const program = `const socket = require("node:net").connect(${where}, () => {
    socket.write("hello", () => socket.${how}());
  });`;
  const { status, stderr } = spawnSync(command, [...args, "-e", program]);
  assert.equal(status, 0, String(stderr));
}

export function checkEnding(runtime: StreamRuntime): void {
  for (
    const [how, isTcp] of [["resetAndDestroy", true], ["destroy", true], [
      "destroy",
      false,
    ]] as const
  ) {
    const title = `${isTcp ? "tcp" : "unix"}, ${how}`;
    test(`tells at once of a peer that was gone before it was accepted (${title})`, async (t) => {
      const path = freshPath(t);
      const target = isTcp ? tcp("127.0.0.1", 0) : unix(path);
      const { listener, accepted } = await listen(t, runtime, target);
      // Deno may find it gone when it accepts it.
      const failed = new Promise<Error>((resolve) => accepted.failed = resolve);
      comeAndGo(isTcp ? `${listener.port}, "127.0.0.1"` : JSON.stringify(path), how);
      const connection = await Promise.race([accepted.at(0), failed]);
      if (connection instanceof Error) {
        return assert.equal((connection as SPError).code, "ECONNRESET");
      }
      const sink = new Recorder();
      // As who shakes hands: it reads no more until both headers are there.
      sink.onData = () => connection.pause();
      sink.start(connection);
      const shaken = Promise.all([
        sink.until(({ length }) => length === 5),
        sink.written(connection, bytes(8)),
      ]);
      await Promise.race([shaken, sink.untilClosed()]);
      connection.resume();
      await sink.untilClosed();
      assert.ok(
        sink.reason === undefined || sink.reason.code === "ECONNRESET",
        sink.reason?.message,
      );
    });
  }

  for (const { name, isTcp, open } of WAYS) {
    describe(`ending (${name})`, () => {
      test("tells the end of the peer's stream after all that came before it", async (t) => {
        const { connection, peer } = await open(t, runtime);
        const sink = new Recorder();
        sink.start(connection);
        const sent = bytes(3_000_000);
        peer.socket.end(sent);
        await sink.untilClosed();
        assert.equal(sink.reason, undefined);
        assert.ok(sent.equals(sink.bytes));
      });

      test("tells a stream that had ended before the start, after all that it had", async (t) => {
        const { connection, peer } = await open(t, runtime);
        peer.socket.end("last words");
        await afterTraffic();
        const sink = new Recorder();
        sink.start(connection);
        await sink.untilClosed();
        assert.equal(sink.reason, undefined);
        assert.equal(sink.length, 10);
      });

      test("tells a stream that ended while it was paused once it is resumed", async (t) => {
        const { connection, peer } = await open(t, runtime);
        const sink = new Recorder();
        sink.onData = () => connection.pause();
        sink.start(connection);
        peer.socket.write("1");
        await sink.until(({ length }) => length === 1);
        sink.onData = undefined;
        peer.socket.end("23");
        await afterTraffic();
        assert.equal(sink.length, 1);
        connection.resume();
        await sink.untilClosed();
        assert.equal(sink.reason, undefined);
        assert.equal(sink.length, 3);
      });

      test("lets go of a peer that has ended its stream", async (t) => {
        const { connection, peer } = await open(t, runtime);
        const sink = new Recorder();
        sink.start(connection);
        peer.socket.end();
        await peer.until(({ hasEnded }) => hasEnded);
        await sink.untilClosed();
        assert.equal(sink.reason, undefined);
      });

      test("does not go on writing for a peer that has ended its stream and does not read", async (t) => {
        const { connection, peer } = await open(t, runtime);
        peer.socket.pause();
        const sink = new Recorder();
        sink.start(connection);
        assert.equal(sink.write(connection, TOO_MUCH), false);
        peer.socket.end();
        await sink.untilClosed();
        assert.equal(sink.drains, 0);
        peer.socket.resume();
        await peer.until(({ hasEnded, isClosed }) => hasEnded || isClosed);
        assert.ok(peer.length < TOO_MUCH.length);
      });

      test("reads on after its own end, until the peer ends too", async (t) => {
        const { connection, peer } = await open(t, runtime);
        const sink = new Recorder();
        sink.start(connection);
        sink.write(connection, bytes(10));
        connection.end();
        await peer.until(({ hasEnded }) => hasEnded);
        assert.equal(peer.length, 10);
        const answer = bytes(1_000_000);
        peer.socket.write(answer);
        await sink.until(({ length }) => length === answer.length);
        assert.equal(sink.isClosed, false);
        peer.socket.end("!");
        await sink.untilClosed();
        assert.equal(sink.reason, undefined);
        assert.equal(sink.length, answer.length + 1);
        assert.ok(answer.equals(sink.bytes.subarray(0, answer.length)));
      });

      test("sends all that is written before its end", async (t) => {
        const { connection, peer } = await open(t, runtime);
        peer.socket.pause();
        const sink = new Recorder();
        sink.start(connection);
        const sent = TOO_MUCH;
        assert.equal(sink.write(connection, sent), false);
        connection.end();
        peer.socket.resume();
        await peer.until(({ hasEnded }) => hasEnded);
        assert.ok(sent.equals(peer.bytes));
        peer.socket.end();
        await sink.untilClosed();
        assert.equal(sink.reason, undefined);
      });

      test("loses nothing that the peer sends while it is paused and ended", async (t) => {
        const { connection, peer } = await open(t, runtime);
        const sink = new Recorder();
        sink.start(connection);
        connection.pause();
        connection.end();
        await peer.until(({ hasEnded }) => hasEnded);
        const sent = bytes(50_000);
        peer.socket.end(sent);
        await afterTraffic();
        connection.resume();
        await sink.untilClosed();
        assert.equal(sink.reason, undefined);
        assert.ok(sent.equals(sink.bytes));
      });

      test("is over once, and without a reason, when it is destroyed", async (t) => {
        const { connection, peer } = await open(t, runtime);
        const sink = new Recorder();
        sink.start(connection);
        connection.destroy();
        connection.destroy();
        await sink.untilClosed();
        assert.equal(sink.reason, undefined);
        await peer.until(({ hasEnded, isClosed }) => hasEnded || isClosed);
        connection.destroy();
        await afterTraffic(); // the sink throws if it is told again
      });

      test("is over when it is destroyed while paused", async (t) => {
        const { connection } = await open(t, runtime);
        const sink = new Recorder();
        sink.start(connection);
        connection.pause();
        connection.destroy();
        await sink.untilClosed();
        assert.equal(sink.reason, undefined);
      });

      test("delivers nothing more when the sink destroys it", async (t) => {
        const { connection, peer } = await open(t, runtime);
        const sink = new Recorder();
        sink.onData = () => connection.destroy();
        sink.start(connection);
        peer.socket.write(bytes(1_000_000));
        await sink.untilClosed();
        assert.equal(sink.chunks.length, 1);
        assert.equal(sink.reason, undefined);
      });

      test("delivers nothing when another connection's data destroys it", async (t) => {
        const [a, b] = [await open(t, runtime), await open(t, runtime)];
        const sinks = [new Recorder(), new Recorder()];
        sinks[0]!.onData = () => b.connection.destroy();
        sinks[1]!.onData = () => a.connection.destroy();
        sinks[0]!.start(a.connection);
        sinks[1]!.start(b.connection);
        await afterTraffic();
        a.peer.socket.write("a");
        b.peer.socket.write("b");
        await Promise.race(sinks.map((sink) => sink.untilClosed()));
        await afterTraffic();
        assert.deepEqual(sinks.map(({ length }) => length).sort(), [0, 1]);
      });

      test("says that it is over to a sink that comes too late", async (t) => {
        const { connection } = await open(t, runtime);
        connection.destroy();
        const atOnce = new Recorder();
        atOnce.start(connection);
        await atOnce.untilClosed();
        await afterTraffic(); // the sink throws if it is told again
      });

      test("is over once when it is destroyed with a write under way", async (t) => {
        const { connection, peer } = await open(t, runtime);
        peer.socket.pause();
        const sink = new Recorder();
        sink.start(connection);
        assert.equal(sink.write(connection, bytes(8), TOO_MUCH), false);
        connection.destroy();
        await sink.untilClosed();
        assert.equal(sink.reason, undefined);
        assert.equal(sink.drains, 0);
        peer.socket.resume();
        await peer.until(({ hasEnded, isClosed }) => hasEnded || isClosed);
        assert.ok(peer.length < TOO_MUCH.length);
      });

      test("says nothing of a write that it is destroyed right after", async (t) => {
        const { connection } = await open(t, runtime);
        const sink = new Recorder();
        sink.start(connection);
        sink.write(connection, bytes(8));
        connection.destroy();
        await sink.untilClosed();
        assert.equal(sink.drains, 0);
      });

      test("is over with a reason when the peer goes with a write under way", async (t) => {
        const { connection, peer } = await open(t, runtime);
        peer.socket.pause();
        const sink = new Recorder();
        sink.start(connection);
        assert.equal(sink.write(connection, TOO_MUCH), false);
        peer.socket.destroy();
        await sink.untilClosed();
        assert.equal(sink.drains, 0);
        // Some runtimes end their stream before they let go of what they have not read.
        assert.ok(sink.reason === undefined || sink.reason.code === "ECONNRESET");
      });

      test("is over when a write finds that the peer is gone, also while it is paused", async (t) => {
        const { connection, peer } = await open(t, runtime);
        const sink = new Recorder();
        sink.onData = () => connection.pause();
        sink.start(connection);
        peer.socket.write("1");
        await sink.until(({ length }) => length === 1);
        peer.socket.write("unread");
        await afterTraffic();
        peer.socket.destroy();
        // The first write may be what asks a TCP peer whether it is there.
        while (!sink.isClosed) {
          await Promise.race([sink.written(connection, bytes(8)), sink.untilClosed()]);
          await afterTraffic();
        }
        assert.ok(
          sink.reason === undefined || sink.reason.code === "ECONNRESET",
          sink.reason?.message,
        );
      });

      test("takes a write after it is over, and says nothing of it", async (t) => {
        const { connection } = await open(t, runtime);
        const sink = new Recorder();
        sink.start(connection);
        connection.destroy();
        sink.write(connection, bytes(10));
        await sink.untilClosed();
        sink.write(connection, bytes(10), bytes(10));
        connection.pause();
        connection.resume();
        connection.end();
        await afterTraffic(); // the sink throws if it is told anything
        assert.equal(sink.drains, 0);
      });

      if (isTcp) {
        test("tells a reset as its reason", async (t) => {
          const { connection, peer } = await open(t, runtime);
          const sink = new Recorder();
          sink.start(connection);
          sink.write(connection, bytes(10));
          await peer.until(({ length }) => length === 10);
          peer.reset();
          await sink.untilClosed();
          assert.equal(sink.reason?.code, "ECONNRESET");
          assert.ok(sink.reason.message.includes(connection.remoteAddress));
        });

        test("tells a reset as its reason, wherever the sink wants read to", async (t) => {
          const { connection, peer } = await open(t, runtime);
          const sink = new Recorder();
          sink.wanted = new Uint8Array(100_000);
          sink.start(connection);
          await afterTraffic();
          connection.pause();
          peer.socket.write(bytes(10));
          await afterTraffic();
          peer.reset();
          await afterTraffic();
          connection.resume();
          await sink.untilClosed();
          assert.equal(sink.reason?.code, "ECONNRESET");
        });
      }
    });
  }
}
