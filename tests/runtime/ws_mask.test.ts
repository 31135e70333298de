/** Masking for `ws`; in a file, and so in a process, of its own: `ws` is loaded once. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Pull, Push } from "../../mod.ts";
import { builtin } from "../../transports/runtime/node.ts";
import { type Masking, withMasking } from "../../transports/runtime/ws_mask.ts";
import { pattern } from "../helpers/bytes.ts";

const http = builtin<Masking>("node:http");
// As it is before Node 26.12.
delete http.websocketMask;
delete http.websocketUnmask;
const { websocketMask: mask, websocketUnmask: unmask } = await withMasking(() =>
  Promise.resolve({ ...http } as Required<Masking>)
);

const keys = fc.uint8Array({ minLength: 4, maxLength: 4 });
const offsets = fc.nat(20);

/** Bytes that begin anywhere in their memory. */
const messages = fc.tuple(fc.uint8Array({ maxLength: 1300, size: "max" }), fc.nat(8))
  .map(([bytes, before]) => {
    const memory = new Uint8Array(before + bytes.length);
    memory.set(bytes, before);
    return memory.subarray(before);
  });

/** What RFC 6455, 5.3, says. */
function masked(bytes: Uint8Array, key: Uint8Array): Uint8Array {
  return bytes.map((byte, i) => byte ^ key[i % 4]!);
}

test("each byte is masked by one of the key's four, wherever it lies and goes to", () => {
  fc.assert(fc.property(messages, keys, offsets, offsets, (message, key, offset, behind) => {
    const output = new Uint8Array(offset + message.length + behind).fill(7);
    const expected = output.slice();
    expected.set(masked(message, key), offset);
    const before = message.slice();
    mask(message, key, output, offset, message.length);
    assert.deepEqual(output, expected);
    assert.deepEqual(message, before);
  }));
});

test("only so many bytes are masked as were asked for", () => {
  const output = new Uint8Array(300);
  mask(pattern(300), new Uint8Array([1, 2, 3, 4]), output, 10, 200);
  assert.deepEqual(output.subarray(10, 210), masked(pattern(200), new Uint8Array([1, 2, 3, 4])));
  assert.deepEqual(output.subarray(210), new Uint8Array(90));
});

test("a mask is taken off in place, and nothing beside is changed", () => {
  fc.assert(fc.property(messages, keys, (message, key) => {
    const memory = new Uint8Array(message.buffer);
    const expected = memory.slice();
    const at = message.byteOffset;
    memory.set(masked(message, key), at);
    unmask(message, key);
    assert.deepEqual(memory, expected);
  }));
});

test("node:http is as it was once ws is loaded, or could not be", async () => {
  assert.equal("websocketMask" in http, false);
  await assert.rejects(withMasking(() => Promise.reject(new Error("no such package"))));
  assert.equal("websocketMask" in http, false);
  assert.equal("websocketUnmask" in http, false);
});

test("functions that node:http has itself stay in their place", async () => {
  const own = (): void => {};
  http.websocketMask = own;
  try {
    await withMasking(() => {
      assert.equal(http.websocketMask, own);
      assert.equal(http.websocketUnmask, undefined);
      return Promise.resolve();
    });
    assert.equal(http.websocketMask, own);
  } finally {
    delete http.websocketMask;
  }
});

test("what cannot be added to node:http does not keep ws from being loaded", async () => {
  const { process } = globalThis as { process?: { getBuiltinModule?: unknown } };
  const { getBuiltinModule } = process!;
  process!.getBuiltinModule = () => Object.freeze({});
  try {
    assert.equal(await withMasking(() => Promise.resolve("loaded")), "loaded");
  } finally {
    process!.getBuiltinModule = getBuiltinModule;
  }
});

test("a message of 1 KiB over ws is masked and unmasked by one call each", async () => {
  const lengths: Record<keyof Masking, number[]> = { websocketMask: [], websocketUnmask: [] };
  watch("websocketMask", (...args) => lengths.websocketMask.push(args[4]));
  watch("websocketUnmask", (bytes) => lengths.websocketUnmask.push(bytes.length));
  await using pull = new Pull();
  const { address } = await pull.bind("ws://127.0.0.1:0");
  await using push = new Push();
  push.connect(address);
  await push.send(pattern(1024));
  assert.deepEqual(await pull.receive(), pattern(1024));
  assert.deepEqual(lengths, { websocketMask: [1024], websocketUnmask: [1024] });
});

/** From when it is set, tells of each call of a function. */
function watch<Name extends keyof Masking>(
  name: Name,
  called: (...args: Parameters<Required<Masking>[Name]>) => void,
): void {
  let value: Masking[Name];
  Object.defineProperty(http, name, {
    configurable: true,
    get: () => value,
    set: (original: (...args: unknown[]) => void) => {
      value = ((...args: unknown[]) => {
        called(...args as Parameters<Required<Masking>[Name]>);
        original(...args);
      }) as Masking[Name];
    },
  });
}
