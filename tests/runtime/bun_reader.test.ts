/** What can be read of a descriptor, besides of a socket's: `adapter.test.ts` has those. And how much of it in a row. */

import assert from "node:assert/strict";
import fs from "node:fs";
import process from "node:process";
import { describe, test } from "node:test";
import type { BunSocket } from "../../transports/runtime/bun_api.ts";
import { BunConnection } from "../../transports/runtime/bun_connection.ts";
import { readNow } from "../../transports/runtime/bun_reader.ts";
import { turn } from "../helpers/turns.ts";
import { tcp } from "./stage.ts";

test("a socket without a descriptor, or with one that is none, has nothing to read", () => {
  for (const fd of [undefined, "5", 2 ** 30]) {
    assert.equal(readNow({ fd }, new Uint8Array(10)), 0);
  }
});

test("an error that a read meets is thrown, since no other read would meet it", () => {
  const fd = fs.openSync(import.meta.dirname!, "r");
  try {
    assert.throws(() => readNow({ fd }, new Uint8Array(10)), { code: "EISDIR" });
  } finally {
    fs.closeSync(fd);
  }
});

describe("of what comes without end", { skip: process.platform === "win32" }, () => {
  const room = new Uint8Array(1024);

  /** Has a chunk arrive on a socket that always has more; counts what is read behind it. */
  async function readsBehindChunk(
    onRead: (connection: BunConnection, reads: number) => void = () => {},
  ): Promise<{ inRow: number; inTurn: number }> {
    const fd = fs.openSync("/dev/zero", "r");
    try {
      const socket = { fd, pause() {}, resume() {}, close() {} };
      const connection = new BunConnection(
        socket as unknown as BunSocket<BunConnection>,
        tcp("127.0.0.1", 1),
      );
      let reads = -1;
      connection.start({
        data: () => onRead(connection, ++reads),
        drain: () => {},
        closed: () => {},
        room: () => room,
      });
      connection.received(room);
      const inRow = reads;
      await turn();
      const inTurn = reads;
      await turn();
      assert.equal(reads, inTurn, "nothing is read before the next chunk");
      return { inRow, inTurn };
    } finally {
      fs.closeSync(fd);
    }
  }

  test("16 reads are one row, and a turn has three: others want to do something too", async () => {
    assert.deepEqual(await readsBehindChunk(), { inRow: 16, inTurn: 48 });
  });

  test("nothing more is read once the connection is paused", async () => {
    const pause = (at: number) => (connection: BunConnection, reads: number): void => {
      if (reads === at) connection.pause();
    };
    assert.deepEqual(await readsBehindChunk(pause(5)), { inRow: 5, inTurn: 5 });
    assert.deepEqual(await readsBehindChunk(pause(16)), { inRow: 16, inTurn: 16 });
  });

  test("nor once it is destroyed, by whoever had its turn between two rows", async () => {
    const destroy = (connection: BunConnection, reads: number): void => {
      if (reads === 16) queueMicrotask(() => connection.destroy());
    };
    assert.deepEqual(await readsBehindChunk(destroy), { inRow: 16, inTurn: 16 });
  });
});
