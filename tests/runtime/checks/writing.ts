/** What a connection writes, and what it says of it. */

import assert from "node:assert/strict";
import { describe, test } from "../../helpers/flat.ts";
import type { StreamRuntime } from "../../../transports/runtime.ts";
import { afterTraffic } from "../peer.ts";
import { Recorder } from "../recorder.ts";
import { bytes, TOO_MUCH, WAYS } from "../stage.ts";

export function checkWriting(runtime: StreamRuntime): void {
  for (const { name, open } of WAYS) {
    describe(`writing (${name})`, () => {
      test("sends chunks of any size in order, and leaves their array to the caller", async (t) => {
        const { connection, peer } = await open(t, runtime);
        const sink = new Recorder();
        sink.start(connection);
        const sizes = [1, 0, 8, 70_000, 8191, 8192, 8193, 3, 8, 1_000_000, 0, 8, 8, 16_384, 5, 1];
        const sent = bytes(sizes.reduce((sum, size) => sum + size));
        let at = 0;
        const chunks = sizes.map((size) => sent.subarray(at, at += size));
        await sink.written(connection, ...chunks);
        await peer.until(({ length }) => length >= sent.length);
        assert.ok(sent.equals(peer.bytes));
      });

      test("is done with the memory of what it says it has taken", async (t) => {
        const { connection, peer } = await open(t, runtime);
        const sink = new Recorder();
        sink.start(connection);
        const sent = bytes(4_000_000);
        const memory = new Uint8Array(100_000);
        for (let at = 0, i = 0; at < sent.length; i++) {
          const chunks = [];
          for (let used = 0, j = 0; j < 5; j++) {
            const piece = sent.subarray(at, at + [8, 40_000, 64, 900, 16_000][(i + j) % 5]!);
            memory.set(piece, used);
            chunks.push(memory.subarray(used, used += piece.length));
            at += piece.length;
          }
          await sink.written(connection, ...(i % 3 === 0 ? chunks.slice(0, 1) : chunks));
          if (i % 3 === 0) await sink.written(connection, ...chunks.slice(1));
          memory.fill(0xee);
        }
        await peer.until(({ length }) => length >= sent.length);
        assert.ok(sent.equals(peer.bytes));
      });

      test("sends 32 MiB at once, all of it, once the peer reads, and says so once", async (t) => {
        const { connection, peer } = await open(t, runtime);
        peer.socket.pause();
        const sink = new Recorder();
        sink.start(connection);
        const prefix = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
        const sent = TOO_MUCH;
        assert.equal(sink.write(connection, prefix, sent), false);
        await afterTraffic();
        assert.equal(sink.drains, 0);
        peer.socket.resume();
        await sink.until(({ drains }) => drains > 0);
        await peer.until(({ length }) => length >= 8 + TOO_MUCH.length);
        assert.ok(sent.equals(peer.bytes.subarray(8)));
        await sink.written(connection, prefix);
        await peer.until(({ length }) => length === 16 + TOO_MUCH.length);
        assert.ok(sink.drains <= 2);
      });

      test("writes 10,000 small chunks, one after the other", async (t) => {
        const { connection, peer } = await open(t, runtime);
        const sink = new Recorder();
        sink.start(connection);
        const sent = bytes(10_000 * 11);
        for (let i = 0; i < sent.length; i += 11) {
          await sink.written(connection, sent.subarray(i, i + 11));
        }
        await peer.until(({ length }) => length >= sent.length);
        assert.ok(sent.equals(peer.bytes));
      });

      test("reads and writes at the same time", async (t) => {
        const { connection, peer } = await open(t, runtime);
        const sink = new Recorder();
        sink.start(connection);
        peer.socket.pipe(peer.socket);
        const sent = bytes(5_000_000);
        for (let at = 0; at < sent.length; at += 100_000) {
          await sink.written(connection, sent.subarray(at, at + 100_000));
        }
        await sink.until(({ length }) => length >= sent.length);
        assert.ok(sent.equals(sink.bytes));
      });

      test("may be called again within the sink's drain", async (t) => {
        const { connection, peer } = await open(t, runtime);
        peer.socket.pause();
        const sink = new (class extends Recorder {
          override drain(): void {
            super.drain();
            if (this.drains === 1) this.write(connection, bytes(3));
          }
        })();
        sink.start(connection);
        assert.equal(sink.write(connection, TOO_MUCH), false);
        peer.socket.resume();
        await peer.until(({ length }) => length >= TOO_MUCH.length + 3);
        assert.ok(bytes(3).equals(peer.bytes.subarray(TOO_MUCH.length)));
      });
    });
  }
}
