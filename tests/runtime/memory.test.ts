/** How the runtimes make the memory of messages. */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { after, afterEach, describe, test } from "node:test";
import v8 from "node:v8";
import { FrameDecoder } from "../../src/sp/framing.ts";
import { newMemory, PLAIN, setAllocator } from "../../src/new_memory.ts";
import { defaultRuntime } from "../../transports/runtime/default.ts";
import { bunMemory, denoMemory, nodeMemory } from "../../transports/runtime/memory.ts";
import {
  fillYoungHeap,
  LONG_CYCLE,
  share,
  SHORT_CYCLE,
} from "../../transports/runtime/young_heap.ts";
import { constructions } from "../helpers/allocations.ts";
import { pattern } from "../helpers/bytes.ts";
import { Collector } from "../helpers/collector.ts";
import { MockWs } from "../helpers/mock_ws.ts";
import { readAll } from "../helpers/reading.ts";
import { frameAll } from "../helpers/reference_codec.ts";
import { CURRENT } from "../helpers/runtimes.ts";
import { turn } from "../helpers/turns.ts";

const KIB = 1024;
const MIB = 1024 * KIB;

afterEach(() => setAllocator(PLAIN));

/** Reads messages of 4 MiB in all as a connection does. */
function readSome(size: number): void {
  const sent = Array.from({ length: 4 * MIB / size }, () => pattern(size));
  const out = new Collector<Uint8Array>();
  readAll(frameAll("tcp", sent), new FrameDecoder({}, true), out);
  assert.deepEqual(out.chunks, sent);
}

/** How V8's own memory is made here. */
const v8Memory = CURRENT.name === "deno" ? denoMemory : nodeMemory;

/** How many arrays are made for nothing while 4 MiB of messages come. */
function arraysFor(size: number): number {
  // The first look at the heap is behind it.
  v8Memory.allocate(KIB);
  const [plain, nudged] = [PLAIN, v8Memory].map((allocator) => {
    setAllocator(allocator);
    return constructions("Array", () => readSome(size)).filter((length) => length > 100).length;
  });
  return nudged! - plain!;
}

describe("V8's young heap is used up", { skip: CURRENT.name === "bun" }, () => {
  const small = [KIB, 16 * KIB];
  const large = [64 * KIB, MIB];

  for (const size of CURRENT.name === "deno" ? large : [...small, ...large]) {
    test(`by an array for 64 KiB of messages of ${size / KIB} KiB`, () => {
      const used = arraysFor(size);
      // What lies across two chunks is copied with the first, and then by itself.
      assert.ok(used >= 63 && used <= 80, `${used} arrays for 4 MiB`);
    });
  }

  for (const size of CURRENT.name === "deno" ? small : []) {
    test(`not by messages of ${size / KIB} KiB, but for those that lie across two chunks`, () => {
      const used = arraysFor(size);
      assert.ok(used <= 16, `${used} arrays for 4 MiB`);
    });
  }

  test("by what ws makes for large messages: what is read, and what that is put together in", () => {
    const ws = new MockWs();
    ws.adopt();
    v8Memory.allocate(KIB);
    const arrays = (size: number): number =>
      constructions("Array", () => {
        for (let i = 0; i < 32; i++) ws.message!(new Uint8Array(size));
      }).filter((length) => length > 100).length;
    assert.equal(arrays(15 * KIB), 0);
    for (const [size, expected] of [[32 * KIB, 16], [64 * KIB, 64]] as const) {
      const used = arrays(size);
      // Some bytes may be left of what came before.
      assert.ok(used === expected || used === expected + 1, `${used} arrays for 32 messages`);
    }
  });

  for (const [cycle, base] of [[LONG_CYCLE, 32], [SHORT_CYCLE, 16]] as const) {
    for (const size of [1, 4, 16]) {
      test(`with ${size} MiB, by ${base + size} MiB of messages`, () => {
        const bytes = share(size * MIB, cycle) * 8 * (base + size) * 16;
        assert.ok(Math.abs(bytes / (size * MIB) - 1) < 0.01, `${bytes} bytes`);
      });
    }
  }

  test("sooner by what others make than by what Node makes for us; on Deno by both alike", () => {
    const { getHeapSpaceStatistics } = v8;
    const space = { space_name: "new_space", space_used_size: MIB, space_available_size: 7 * MIB };
    v8.getHeapSpaceStatistics = (() => [space]) as unknown as typeof getHeapSpaceStatistics;
    const arrays = (make: () => unknown): number[] =>
      constructions("Array", make).filter((length) => length > 100);
    try {
      v8Memory.made(64 * MIB + 1);
      const ours = CURRENT.name === "deno" ? SHORT_CYCLE : LONG_CYCLE;
      assert.deepEqual(arrays(() => v8Memory.allocate(64 * KIB)), [share(8 * MIB, ours)]);
      assert.deepEqual(arrays(() => v8Memory.made(64 * KIB)), [share(8 * MIB, SHORT_CYCLE)]);
    } finally {
      v8.getHeapSpaceStatistics = getHeapSpaceStatistics;
      v8Memory.made(64 * MIB + 1);
    }
  });

  test("by what V8 says after each 64 MiB; not at all if it says nothing, or does not know", () => {
    const { getHeapSpaceStatistics } = v8;
    const arrays = (statistics: () => object[]): number[] => {
      v8.getHeapSpaceStatistics = statistics as typeof getHeapSpaceStatistics;
      fillYoungHeap(64 * MIB + 1, LONG_CYCLE);
      return constructions("Array", () => fillYoungHeap(64 * KIB, LONG_CYCLE));
    };
    const space = { space_name: "new_space", space_used_size: MIB, space_available_size: 3 * MIB };
    try {
      assert.deepEqual(arrays(() => [space]), [share(4 * MIB, LONG_CYCLE)]);
      assert.deepEqual(arrays(() => []), []);
      assert.deepEqual(arrays(() => [space]), [share(4 * MIB, LONG_CYCLE)]);
      assert.deepEqual(
        arrays(() => {
          throw new Error("not implemented");
        }),
        [],
      );
    } finally {
      v8.getHeapSpaceStatistics = getHeapSpaceStatistics;
      fillYoungHeap(64 * MIB + 1, LONG_CYCLE);
    }
  });
});

test(
  "what is used up of V8's young heap is let go of",
  { skip: CURRENT.name === "bun" },
  async () => {
    let made = 0;
    let gone = 0;
    const registry = new FinalizationRegistry(() => gone++);
    const { Array: original } = globalThis;
    globalThis.Array = new Proxy(original, {
      construct(target, args, newTarget) {
        const array = Reflect.construct(target, args, newTarget) as object;
        registry.register(array, made++);
        return array;
      },
    });
    try {
      v8Memory.allocate(64 * KIB);
    } finally {
      globalThis.Array = original;
    }
    assert.equal(made, 1);
    // The collector takes what nobody holds once there is enough of it. If this is held, there is no end.
    while (gone === 0) {
      readSome(KIB);
      await turn();
    }
  },
);

describe("of memory that is not cleared", () => {
  const { allocUnsafeSlow } = Buffer;
  const asked: number[] = [];
  Buffer.allocUnsafeSlow = (length) => {
    asked.push(length);
    return allocUnsafeSlow(length).fill(0xaa);
  };
  after(() => Buffer.allocUnsafeSlow = allocUnsafeSlow);

  for (const allocator of [bunMemory, nodeMemory]) {
    const name = allocator === bunMemory ? "Bun" : "Node";
    test(`nothing is seen in a message or behind it (${name})`, () => {
      setAllocator(allocator);
      for (const message of [pattern(200_000, 1), pattern(MIB + 1, 2)]) {
        const decoder = new FrameDecoder({ maxMessageSize: Infinity }, true);
        const collector = new Collector<Uint8Array>();
        asked.length = 0;
        readAll(frameAll("tcp", [message]), decoder, collector);
        assert.equal(asked.length, 1);
        assert.deepEqual(collector.chunks, [message]);
        const behind = new Uint8Array(collector.chunks[0]!.buffer, message.length);
        assert.deepEqual(behind, new Uint8Array(behind.length));
      }
    });
  }

  test("there is some where the runtime's own adapter makes it", () => {
    defaultRuntime();
    asked.length = 0;
    newMemory(200_000);
    assert.deepEqual(asked, CURRENT.name === "deno" ? [] : [200_000]);
  });

  test("there is none for messages of less than 32 KiB", () => {
    setAllocator(nodeMemory);
    asked.length = 0;
    readSome(31 * KIB);
    assert.deepEqual(asked, []);
    readSome(64 * KIB);
    assert.equal(asked.length, 64);
  });
});
