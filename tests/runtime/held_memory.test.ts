/** What memory a process holds once much has come; in a file, and so in a process, of its own. */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import process from "node:process";
import { test } from "node:test";
import { copyOf, newMemory, PLAIN, setAllocator } from "../../src/new_memory.ts";
import { addBallast } from "../../transports/runtime/ballast.ts";
import type { BunSocket } from "../../transports/runtime/bun_api.ts";
import { BunConnection } from "../../transports/runtime/bun_connection.ts";
import { defaultRuntime } from "../../transports/runtime/default.ts";
import { keepFreedMemory } from "../../transports/runtime/freed_memory.ts";
import { onceReceivedMany } from "../../transports/runtime/once_received.ts";
import { CURRENT } from "../helpers/runtimes.ts";
import { tcp } from "./stage.ts";

const MIB = 1024 * 1024;

/** Whether memory comes from glibc. */
function isGlibc(): boolean {
  if (CURRENT.name === "bun") return false;
  const { Deno } = globalThis as { Deno?: { build: { target: string } } };
  if (Deno !== undefined) return Deno.build.target.endsWith("linux-gnu");
  const { header } = process.report.getReport() as unknown as { header: object };
  return "glibcVersionRuntime" in header;
}

test("the system is not asked again for memory that was freed", { skip: !isGlibc() }, () => {
  /** Uses 40 MiB and frees them; how many pages the system gave meanwhile. */
  const pages = (): number => {
    const before = process.resourceUsage().minorPageFault;
    Array.from({ length: 40 }, () => new Uint8Array(MIB).fill(1))
      .forEach(({ buffer }) => buffer.transfer(0));
    return process.resourceUsage().minorPageFault - before;
  };
  keepFreedMemory();
  pages();
  const again = Math.min(pages(), pages());
  assert.ok(again < 1000, `${again} of ${40 * MIB / 4096} pages`);
});

test("once 16 MiB have come, it is seen to with a buffer that is freed at once; not on Bun", () => {
  const buffers: ArrayBuffer[] = [];
  const { ArrayBuffer: original } = globalThis;
  globalThis.ArrayBuffer = new Proxy(original, {
    construct(target, args, newTarget) {
      const buffer = Reflect.construct(target, args, newTarget) as ArrayBuffer;
      if (args[0] === 31 * MIB) buffers.push(buffer);
      return buffer;
    },
  });
  try {
    defaultRuntime();
    for (let i = 0; i < 15; i++) newMemory(MIB);
    assert.equal(buffers.length, 0);
    for (let i = 0; i < 40; i++) copyOf(newMemory(MIB));
  } finally {
    globalThis.ArrayBuffer = original;
    setAllocator(PLAIN);
  }
  assert.deepEqual(
    buffers.map(({ byteLength }) => byteLength),
    CURRENT.name === "bun" ? [] : [0],
  );
});

test("on Bun, 16 MiB are alive that nobody touches", { skip: CURRENT.name !== "bun" }, async () => {
  const jsc = "bun:jsc";
  const { fullGC, heapSize } = await import(jsc) as { fullGC(): void; heapSize(): number };
  fullGC();
  const [alive, resident] = [heapSize(), process.memoryUsage.rss()];
  addBallast();
  fullGC();
  assert.ok(heapSize() - alive > 15 * MIB, `${heapSize() - alive} bytes`);
  assert.ok(process.memoryUsage.rss() - resident < 8 * MIB);
});

test("that is so once a thread's connections have received 16 MiB", () => {
  const { allocUnsafeSlow } = Buffer;
  const asked: number[] = [];
  Buffer.allocUnsafeSlow = (length) => {
    asked.push(length);
    return allocUnsafeSlow(length);
  };
  try {
    const chunk = new Uint8Array(MIB);
    const connections = [1, 2].map((port) => {
      const socket = {} as BunSocket<BunConnection>;
      const connection = new BunConnection(socket, tcp("127.0.0.1", port));
      connection.start({ data() {}, drain() {}, closed() {} });
      return connection;
    });
    for (let i = 0; i < 15; i++) connections[i % 2]!.received(chunk);
    assert.deepEqual(asked, []);
    for (let i = 0; i < 100; i++) connections[i % 2]!.received(chunk);
    assert.deepEqual(asked, [16 * MIB]);
  } finally {
    Buffer.allocUnsafeSlow = allocUnsafeSlow;
  }
});

test("what is done once is done when 16 MiB have come, and not again", () => {
  let done = 0;
  const receive = onceReceivedMany(() => done++);
  for (let length = 0; length < 15 * MIB; length += 64 * 1024) receive(64 * 1024);
  assert.equal(done, 0);
  receive(MIB);
  assert.equal(done, 1);
  for (let i = 0; i < 100; i++) receive(MIB);
  assert.equal(done, 1);
});

test("who has no memory for it receives all the same", () => {
  let tried = 0;
  const receive = onceReceivedMany(() => {
    tried++;
    throw new RangeError("Array buffer allocation failed");
  });
  for (let i = 0; i < 100; i++) receive(MIB);
  assert.equal(tried, 1);
});
