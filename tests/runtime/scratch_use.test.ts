/** That connections give the memory back in which they join chunks, however a write ends. */

import assert from "node:assert/strict";
import { afterEach, describe, test } from "node:test";
import { SPError } from "../../src/base/errors.ts";
import type { BunSocket } from "../../transports/runtime/bun/api.ts";
import { BunConnection } from "../../transports/runtime/bun/connection.ts";
import type { DenoConn } from "../../transports/runtime/deno/api.ts";
import { DenoConnection } from "../../transports/runtime/deno/connection.ts";
import { giveScratch, takeScratch } from "../../transports/runtime/shared/scratch.ts";
import { concat, pattern } from "../helpers/bytes.ts";
import { calm } from "../helpers/turns.ts";
import { tcp } from "./stage.ts";

const TARGET = tcp("127.0.0.1", 1);
const CHUNKS = [pattern(8), pattern(40_000), pattern(8, 1), pattern(40_000, 1)];

/** How many large pieces there are to be had. */
function free(): number {
  const taken = Array.from({ length: 5 }, takeScratch);
  taken.forEach(giveScratch);
  return taken.filter(({ length }) => length > 1024).length;
}

afterEach(() => assert.equal(free(), 4));

describe("a connection on Deno", () => {
  /** A connection whose writes end as the test says. */
  function connect(): {
    connection: DenoConnection;
    pieces: Uint8Array[];
    settle: (error?: Error) => void;
  } {
    const pieces: Uint8Array[] = [];
    let waiting: PromiseWithResolvers<number> | undefined;
    const address = { transport: "tcp", hostname: "127.0.0.1", port: 1 } as const;
    const conn: DenoConn = {
      remoteAddr: address,
      localAddr: address,
      read: () => new Promise(() => {}),
      write: (piece) => {
        pieces.push(piece);
        waiting = Promise.withResolvers();
        return waiting.promise;
      },
      close: () => waiting?.reject(new Error("operation canceled")),
      closeWrite: () => Promise.resolve(),
    } as DenoConn;
    const connection = new DenoConnection(conn, TARGET);
    connection.start({ data: () => {}, drain: () => {}, closed: () => {} });
    const settle = (error?: Error): void => {
      if (error === undefined) waiting!.resolve(pieces.at(-1)!.length);
      else waiting!.reject(error);
    };
    return { connection, pieces, settle };
  }

  test("keeps it while a write waits, and gives it back when that has ended", async () => {
    const { connection, pieces, settle } = connect();
    connection.write(CHUNKS);
    await calm();
    assert.equal(free(), 3);
    assert.deepEqual(pieces, [concat(CHUNKS)]);
    settle();
    await calm();
  });

  test("gives it back when a write fails", async () => {
    const { connection, settle } = connect();
    connection.write(CHUNKS);
    settle(new Error("broken pipe"));
    await calm();
  });

  test("gives it back when it is destroyed", async () => {
    const { connection } = connect();
    connection.write(CHUNKS);
    connection.destroy();
    await calm();
  });
});

describe("a connection on Bun", () => {
  /** A connection whose socket takes so many bytes. */
  function connect(
    take: number,
  ): { connection: BunConnection; bytes: Uint8Array[]; reason: Promise<unknown> } {
    const bytes: Uint8Array[] = [];
    const socket = {
      remoteAddress: "127.0.0.1",
      remotePort: 1,
      write: (piece: Uint8Array) => {
        bytes.push(piece.slice(0, take));
        return Math.min(piece.length, take);
      },
      close: () => {},
    } as unknown as BunSocket<BunConnection>;
    const connection = new BunConnection(socket, TARGET);
    const reason = new Promise((closed) => {
      connection.start({ data: () => {}, drain: () => {}, closed });
    });
    return { connection, bytes, reason };
  }

  test("gives it back at once, whatever the socket has taken", () => {
    const { connection, bytes } = connect(50_000);
    assert.equal(connection.write(CHUNKS), false);
    assert.equal(free(), 4);
    connection.drained();
    assert.deepEqual(concat(bytes), concat(CHUNKS));
  });

  test("gives it back, and is closed, when a chunk's memory was taken away", async () => {
    const { connection, reason } = connect(10);
    const chunks = CHUNKS.map((chunk) => chunk.slice());
    assert.equal(connection.write(chunks), false);
    structuredClone(chunks[1]!.buffer, { transfer: [chunks[1]!.buffer] });
    connection.drained();
    assert.ok(await reason instanceof SPError);
  });
});
