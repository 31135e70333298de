/** That what many connections read at once on Deno is not delivered all before anybody takes a message. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { DenoConn } from "../../transports/runtime/deno/api.ts";
import { DenoConnection } from "../../transports/runtime/deno/connection.ts";
import { turn } from "../helpers/turns.ts";
import { tcp } from "./stage.ts";

const ADDRESS = { transport: "tcp", hostname: "127.0.0.1", port: 1 } as const;
/** How many messages somebody takes of each chunk, each in a microtask. */
const MESSAGES = 50;

/** Connections that read `bytes` each, all in the same turn, and what is done in which order. */
class Crowd {
  readonly log: string[] = [];
  readonly connections: DenoConnection[] = [];
  readonly #reads: (() => void)[] = [];

  constructor(count: number, bytes: number) {
    for (let i = 0; i < count; i++) this.connections.push(this.#connect(`${i}`, bytes));
  }

  /** All of them read. */
  arrive(): void {
    for (const read of this.#reads.splice(0)) read();
  }

  async ends(count: number): Promise<void> {
    while (this.log.filter((entry) => entry.startsWith("end")).length < count) await turn();
  }

  #connect(name: string, bytes: number): DenoConnection {
    const conn = {
      remoteAddr: ADDRESS,
      localAddr: ADDRESS,
      read: () => new Promise((resolve) => this.#reads.push(() => resolve(bytes))),
      close: () => {},
    } as unknown as DenoConn;
    const connection = new DenoConnection(conn, tcp("127.0.0.1", 1));
    connection.start({
      room: () => new Uint8Array(bytes),
      data: () => {
        this.log.push(`data ${name}`);
        this.#take(name);
      },
      drain: () => {},
      closed: () => {},
    });
    return connection;
  }

  async #take(name: string): Promise<void> {
    for (let i = 0; i < MESSAGES; i++) await Promise.resolve();
    this.log.push(`end ${name}`);
  }
}

describe("what ten connections on Deno have read in one turn", () => {
  test("is delivered one by one where it is much, each when the one before is taken, in order", async () => {
    const crowd = new Crowd(10, 64 * 1024);
    crowd.arrive();
    await crowd.ends(10);
    const names = Array.from({ length: 10 }, (_, i) => [`data ${i}`, `end ${i}`]);
    assert.deepEqual(crowd.log, names.flat());
  });

  test("is delivered in one turn where it is little", async () => {
    const crowd = new Crowd(10, 100);
    crowd.arrive();
    await turn();
    assert.deepEqual(crowd.log.slice(0, 10), Array.from({ length: 10 }, (_, i) => `data ${i}`));
  });

  test("is delivered together as far as it is little together", async () => {
    const crowd = new Crowd(10, 20 * 1024);
    crowd.arrive();
    await crowd.ends(10);
    assert.equal(crowd.log.findIndex((entry) => entry.startsWith("end")), 4);
  });

  test("is delivered in the same order the next time", async () => {
    const crowd = new Crowd(3, 64 * 1024);
    for (let round = 1; round <= 5; round++) {
      crowd.arrive();
      await crowd.ends(3 * round);
    }
    const names = Array.from({ length: 15 }, (_, i) => [`data ${i % 3}`, `end ${i % 3}`]);
    assert.deepEqual(crowd.log, names.flat());
  });

  test("goes nowhere where the connection was destroyed or paused meanwhile, until it goes on", async () => {
    const crowd = new Crowd(4, 64 * 1024);
    crowd.arrive();
    crowd.connections[1]!.destroy();
    crowd.connections[2]!.pause();
    await crowd.ends(2);
    assert.deepEqual(crowd.log, ["data 0", "end 0", "data 3", "end 3"]);
    crowd.connections[2]!.resume();
    await crowd.ends(3);
    assert.deepEqual(crowd.log.slice(4), ["data 2", "end 2"]);
  });
});
