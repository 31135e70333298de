/** Frames in: any messages in any chunks, commands between frames, odd forms, and limits. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { DecoderController } from "../../../src/contracts/wire.ts";
import { Assembler, type AssemblerOptions } from "../../../zmtp/wire/assembler.ts";
import { FramesDecoder, WebSocketDecoder } from "../../../zmtp/wire/decoder.ts";
import type { Frames } from "../../../zmtp/wire/frames.ts";
import { concat, cut, hex, pattern, text, utf8 } from "../../helpers/bytes.ts";
import { Collector } from "../../helpers/collector.ts";
import { spError } from "../../helpers/errors.ts";
import { announced, plainCommand, plainFrame, plainMessage } from "../helpers/reference.ts";

/** Sizes at which something changes. */
const SIZES = [0, 1, 255, 256, 16_384, 16_385, 40_000, 70_000] as const;

const small = fc.uint8Array({ maxLength: 40 });
const sized = fc.constantFrom(...SIZES).map((length) => pattern(length, length));
const frame = fc.oneof({ weight: 6, arbitrary: small }, { weight: 1, arbitrary: sized });
const messages = fc.array(fc.array(frame, { minLength: 1, maxLength: 5 }), { maxLength: 6 });
const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 30 });

function cutAnywhere(bytes: Uint8Array, fractions: readonly number[]): Uint8Array<ArrayBuffer>[] {
  const offsets = fractions.map((fraction) => Math.floor(fraction * bytes.length));
  return cut(bytes, offsets.sort((a, b) => a - b));
}

function layOut(messages: readonly (readonly Uint8Array[])[]): Uint8Array<ArrayBuffer> {
  return concat(messages.map(plainMessage));
}

function assembler(options: Partial<AssemblerOptions> = {}): Assembler {
  return new Assembler({
    maxMessageSize: Infinity,
    isPublisher: false,
    ping: () => {},
    ...options,
  });
}

/** Keeps messages, and is full behind every n-th. */
class Stopping extends Collector<object> implements DecoderController {
  readonly #every: number;
  isFull = false;

  constructor(every: number) {
    super();
    this.#every = every;
  }

  override enqueue(message: object): void {
    super.enqueue(message);
    this.isFull = this.chunks.length % this.#every === 0;
  }
}

/** Decodes chunks; what is lent is overwritten. Goes on with what is left wherever the controller is full. */
function decode(
  chunks: readonly Uint8Array<ArrayBuffer>[],
  { every = Infinity, isLent = false, options = {} }: {
    every?: number;
    isLent?: boolean;
    options?: Partial<AssemblerOptions>;
  } = {},
): Stopping {
  const controller = new Stopping(every);
  const decoder = new FramesDecoder(assembler(options), isLent);
  for (const chunk of chunks) {
    const given = chunk.slice();
    let rest = decoder.transform(given, controller);
    if (isLent) given.fill(0xdd);
    while (rest !== undefined) {
      assert.ok(controller.isFull, "left something though there was room");
      controller.isFull = false;
      const before = controller.chunks.length;
      const next: Uint8Array<ArrayBuffer> | undefined = decoder.resume(rest, controller);
      assert.ok(controller.chunks.length > before || next === undefined, "got no further");
      rest = next;
    }
    controller.isFull = false;
  }
  decoder.flush(controller);
  return controller;
}

for (const isLent of [false, true]) {
  const memory = isLent ? "lent memory" : "memory of its own";

  test(`any messages in any chunks of ${memory} are the same messages`, () => {
    fc.assert(fc.property(messages, cuts, (messages, cuts) => {
      const { chunks, errors } = decode(cutAnywhere(layOut(messages), cuts), { isLent });
      assert.deepEqual(errors, []);
      assert.deepEqual(chunks, messages);
    }));
  });

  test(`messages stop behind any of them and go on, in ${memory}`, () => {
    fc.assert(
      fc.property(messages, cuts, fc.integer({ min: 1, max: 4 }), (messages, cuts, every) => {
        const { chunks, errors } = decode(cutAnywhere(layOut(messages), cuts), { isLent, every });
        assert.deepEqual(errors, []);
        assert.deepEqual(chunks, messages);
      }),
    );
  });

  test(`byte by byte every size arrives, in ${memory}`, () => {
    const sizes = [0, 1, 255, 256, 300];
    const all = sizes.map((size) => [pattern(size), pattern(size, 1)]);
    const bytes = layOut(all);
    const { chunks } = decode(Array.from(bytes, (byte) => Uint8Array.of(byte)), { isLent });
    assert.deepEqual(chunks, all);
  });
}

test("what is read straight to where the decoder wants it is the same messages", () => {
  const reads = fc.array(fc.integer({ min: 1, max: 70_000 }), { maxLength: 40 });
  fc.assert(fc.property(messages, reads, fc.boolean(), (messages, reads, isLent) => {
    const bytes = layOut(messages);
    const controller = new Stopping(Infinity);
    const decoder = new FramesDecoder(assembler(), isLent);
    const shared = new Uint8Array(64 * 1024);
    let next = 0;
    for (let at = 0; at < bytes.length;) {
      const room = decoder.room() ?? (isLent ? shared : new Uint8Array(64 * 1024));
      const length = Math.min(room.length, bytes.length - at, reads[next++ % reads.length] ?? 9999);
      room.set(bytes.subarray(at, at + length));
      assert.equal(decoder.transform(room.subarray(0, length), controller), undefined);
      shared.fill(0xdd);
      at += length;
    }
    decoder.flush(controller);
    assert.deepEqual(controller.errors, []);
    assert.deepEqual(controller.chunks, messages);
  }));
});

test("frames of one message never share memory that either may grow into", () => {
  const { chunks } = decode([layOut([[utf8("a"), utf8("b")], [utf8("c")]])]);
  const [[a, b], [c]] = chunks as Frames[] as [Frames, Frames];
  a!.fill(88);
  assert.deepEqual([text(b!), text(c!)], ["b", "c"]);
});

test("any bytes never throw, and give up at most once", () => {
  fc.assert(fc.property(fc.array(fc.uint8Array()), fc.boolean(), (chunks, isLent) => {
    const { chunks: messages, errors } = decode(chunks, {
      isLent,
      options: { maxMessageSize: 200, isPublisher: true },
    });
    assert.ok(errors.length <= 1);
    for (const message of messages as Frames[]) {
      assert.ok(message.length > 0);
      assert.ok(message.reduce((sum, { length }) => sum + length, 0) <= 64 * 1024);
    }
  }));
});

test("the long form of a short body, and bits that are reserved, are taken", () => {
  const bytes = concat([
    plainFrame(2, utf8("long")),
    plainFrame(0x08, utf8("bit 3")),
    plainFrame(0x80 | 1, utf8("bit 7, more")),
    plainFrame(0xf8 | 2, utf8("all")),
  ]);
  const { chunks } = decode([bytes]);
  assert.deepEqual((chunks as Frames[]).map((frames) => frames.map(text)), [
    ["long"],
    ["bit 3"],
    ["bit 7, more", "all"],
  ]);
});

test("commands between the frames of a message do not disturb it, whatever they are", () => {
  const pings: [number, string][] = [];
  const bytes = concat([
    plainFrame(1, utf8("a")),
    plainCommand("PING", concat([hex("00 0a"), utf8("context")])),
    plainCommand("PING", concat([hex("ff ff"), utf8("0123456789abcdefgh")])),
    plainCommand("PING", hex("00")),
    plainCommand("PONG", utf8("context")),
    plainCommand("SUBSCRIBE", utf8("topic")),
    plainCommand("READY"),
    plainCommand("UNHEARD-OF", utf8("data")),
    plainFrame(4, new Uint8Array(0)),
    plainFrame(4, hex("09 50")),
    plainFrame(5, concat([hex("04"), utf8("PING"), hex("00 00")])),
    plainFrame(0, utf8("b")),
  ]);
  for (const chunks of [[bytes], Array.from(bytes, (byte) => Uint8Array.of(byte))]) {
    pings.length = 0;
    const { chunks: messages, errors } = decode(chunks, {
      options: { ping: (ttl, context) => pings.push([ttl, text(context)]) },
    });
    assert.deepEqual(errors, []);
    assert.deepEqual(messages, [[utf8("a"), utf8("b")]]);
    assert.deepEqual(pings, [[1000, "context"], [6_553_500, "0123456789abcdef"], [0, ""]]);
  }
});

test("a publisher gets subscriptions by command as messages, also within a message", () => {
  const bytes = concat([
    plainFrame(1, utf8("x")),
    plainCommand("SUBSCRIBE", utf8("topic")),
    plainCommand("CANCEL"),
    plainFrame(0, utf8("y")),
    plainMessage([utf8("\x01data")]),
  ]);
  const { chunks } = decode([bytes], { options: { isPublisher: true } });
  assert.deepEqual((chunks as Frames[]).map((frames) => frames.map(text)), [
    ["\x01topic"],
    ["\0"],
    ["x", "y"],
    ["\x01data"],
  ]);
});

const REFUSED: readonly (readonly [string, Uint8Array<ArrayBuffer>, RegExp])[] = [
  ["a frame over the limit", announced(0, 101n), /a message of 101 bytes, maxMessageSize is 100/],
  [
    "a frame that brings its message over the limit",
    concat([plainFrame(1, new Uint8Array(60)), announced(0, 41n)]),
    /a message of 101 bytes/,
  ],
  ["a size with the top bit", announced(0, 1n << 63n), /maxMessageSize is 100/],
  ["a size of all bits", announced(1, 0xffff_ffff_ffff_ffffn), /maxMessageSize is 100/],
  [
    "a command over 64 KiB",
    announced(4, 65_537n),
    /a command of 65537 bytes, expected at most 65536/,
  ],
  ["a command of all bits", announced(4, 0xffff_ffff_ffff_ffffn), /expected at most 65536/],
];

for (const [what, bytes, message] of REFUSED) {
  test(`${what} is refused before its body comes, once`, () => {
    for (const chunks of [[bytes], Array.from(bytes, (byte) => Uint8Array.of(byte))]) {
      const { chunks: taken, errors } = decode([...chunks, pattern(1000), hex("00 00")], {
        options: { maxMessageSize: 100 },
      });
      assert.deepEqual(taken, []);
      assert.equal(errors.length, 1);
      spError("EMSGSIZE")(errors[0]);
      assert.match((errors[0] as Error).message, message);
    }
  });
}

test("a size over 2^53 is refused though there is no limit", () => {
  const { errors } = decode([announced(0, 1n << 53n)]);
  spError("EMSGSIZE")(errors[0]);
});

test("a command of 64 KiB is taken whatever maxMessageSize says", () => {
  const prefix = pattern(64 * 1024 - 10);
  const { chunks, errors } = decode([plainCommand("SUBSCRIBE", prefix)], {
    options: { maxMessageSize: 1, isPublisher: true },
  });
  assert.deepEqual(errors, []);
  assert.equal((chunks as Frames[])[0]![0]!.length, 1 + prefix.length);
});

test("a publisher takes a subscription that is longer than a message may be, and no message", () => {
  const options = { maxMessageSize: 3, isPublisher: true };
  const subscription = concat([hex("01"), pattern(64 * 1024 - 1)]);
  const bytes = concat([plainMessage([subscription]), plainMessage([utf8("abc")])]);
  for (const chunks of [[bytes], cutAnywhere(bytes, [0.1, 0.5])]) {
    const { chunks: taken, errors } = decode(chunks, { options });
    assert.deepEqual([taken.length, errors], [2, []]);
  }
  for (
    const tooLarge of [
      plainMessage([utf8("abcd")]),
      plainMessage([utf8("ab"), utf8("cd")]),
      plainMessage([hex("01 61 61"), utf8("b")]),
      plainMessage([concat([hex("01"), pattern(64 * 1024)])]),
    ]
  ) {
    const { chunks: taken, errors } = decode([concat([tooLarge, plainMessage([utf8("abcd")])])], {
      options,
    });
    assert.deepEqual([taken, errors.length], [[], 1]);
    spError("EMSGSIZE", "maxMessageSize is 3")(errors[0]);
  }
});

test("a message of just the permitted size is taken in several frames too", () => {
  const frames = [new Uint8Array(50), new Uint8Array(0), new Uint8Array(50)];
  const { chunks, errors } = decode([plainMessage(frames)], { options: { maxMessageSize: 100 } });
  assert.deepEqual([chunks, errors], [[frames], []]);
});

test("a message of very many empty frames is refused, and never grows beyond what they may cost", () => {
  const empty = plainFrame(1, new Uint8Array(0));
  const chunk = concat(Array.from({ length: 1000 }, () => empty));
  const controller = new Stopping(Infinity);
  const decoder = new FramesDecoder(assembler({ maxMessageSize: 1000 }), false);
  let count = 0;
  while (controller.errors.length === 0 && count < 100) {
    decoder.transform(chunk.slice(), controller);
    count++;
  }
  spError("EMSGSIZE", "frames")(controller.errors[0]);
  assert.ok(count <= 7, `${count} thousand frames of 160 bytes are more than 1 MiB`);
  assert.equal(controller.chunks.length, 0);
});

for (
  const [where, bytes] of [
    ["a header", hex("00")],
    ["a long header", hex("02 00 00")],
    ["a body", hex("00 05 61")],
    ["a message, between its frames", hex("01 01 61")],
    ["a command", hex("04 05 04")],
  ] as const
) {
  test(`a stream that ends inside ${where} has lost it`, () => {
    const { errors } = decode([bytes]);
    assert.equal(errors.length, 1);
    spError("EPROTO", "ended inside a message")(errors[0]);
  });
}

test("a stream that ends behind a message has lost nothing", () => {
  assert.deepEqual(decode([]).errors, []);
  assert.deepEqual(decode([hex("00 01 61")]).errors, []);
});

test("each WebSocket message is a frame behind its flags", () => {
  const pings: string[] = [];
  const controller = new Collector<object>();
  const decoder = new WebSocketDecoder(
    assembler({ ping: (_, context) => pings.push(text(context)) }),
  );
  const chunks = ["01 61", "02 04 50 49 4e 47 00 00 78", "00 62", "00", "01", "00"];
  for (const chunk of chunks) decoder.transform(hex(chunk), controller);
  decoder.flush(controller);
  const [first, second, third] = controller.chunks as Frames[];
  assert.deepEqual(first!.map(text), ["a", "b"]);
  assert.deepEqual([second!.map(text), third!.map(text)], [[""], ["", ""]]);
  assert.deepEqual([controller.errors, pings], [[], ["x"]]);
});

for (
  const [what, chunks, code] of [
    ["an empty WebSocket message", [""], "EPROTO"],
    ["a frame over the limit", [`00 ${"61".repeat(101)}`], "EMSGSIZE"],
    ["a message that is cut off", ["01 61"], "EPROTO"],
  ] as const
) {
  test(`on a WebSocket ${what} ends the connection, once`, () => {
    const controller = new Collector<object>();
    const decoder = new WebSocketDecoder(assembler({ maxMessageSize: 100 }));
    for (const chunk of chunks) decoder.transform(hex(chunk), controller);
    decoder.flush(controller);
    if (code === "EMSGSIZE" || chunks[0] === "") decoder.transform(hex("00 61"), controller);
    assert.equal(controller.errors.length, 1);
    spError(code)(controller.errors[0]);
    assert.deepEqual(controller.chunks, []);
  });
}
