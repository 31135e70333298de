/** What an encrypted connection makes of frames, and back: layout, chunks cut anywhere, and what nobody sealed. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { concat, hex, pattern, utf8 } from "../../helpers/bytes.ts";
import { spError } from "../../helpers/errors.ts";
import { MockConnection } from "../../helpers/mock_connection.ts";
import { COMMAND, type Frame, frame, MORE, unframe } from "../helpers/frames.ts";
import { boxes, type FrameSink, openEnd, pieces, sealed } from "../helpers/secured.ts";
import { MESSAGE_A, MESSAGE_HELLO, SHARED, times } from "../helpers/vectors.ts";
import { nonceOf } from "../../../zmtp/curve/nonces.ts";

/** Frames of every kind and size. */
const FRAMES: readonly Frame[] = [0, 1, 31, 32, 222, 223, 255, 256, 70_000].flatMap((size) => [
  { flags: MORE, body: pattern(size, size) },
  { flags: 0, body: pattern(size, size + 1) },
  { flags: COMMAND, body: pattern(size, size + 2) },
]);
const PLAIN = concat(FRAMES.map(({ flags, body }) => frame(flags, body)));

/** A MESSAGE with any counter and content. */
function message(counter: string, content: Uint8Array, key = SHARED): Uint8Array<ArrayBuffer> {
  const number = hex(counter.padStart(16, "0"));
  const box = boxes.seal(key, nonceOf("CurveZMQMESSAGEC", number), content);
  return concat([utf8("\x07MESSAGE"), number, box]);
}

test("the messages of the vectors are sealed and opened", () => {
  assert.deepEqual(sealed("C", frame(0, utf8("hello"))), frame(0, MESSAGE_HELLO));
  assert.deepEqual(sealed("S", frame(MORE, utf8("A"))), frame(0, MESSAGE_A));
  const server = openEnd("S");
  server.mock.deliver(frame(0, MESSAGE_HELLO));
  assert.deepEqual(server.sink.frames, [{ flags: 0, body: utf8("hello") }]);
  const client = openEnd("C");
  client.mock.deliver(frame(0, MESSAGE_A));
  assert.deepEqual(client.sink.frames, [{ flags: MORE, body: utf8("A") }]);
});

test("outside, no frame says MORE or COMMAND, and each is 33 bytes longer", () => {
  const outer = unframe(sealed("C", PLAIN));
  assert.deepEqual(outer.map(({ flags }) => flags), FRAMES.map(() => 0));
  assert.deepEqual(
    outer.map(({ body }) => body.length),
    FRAMES.map(({ body }) => body.length + 33),
  );
});

test("counters go on from the handshake, one by one", () => {
  const numbers = (side: "C" | "S") =>
    unframe(sealed(side, PLAIN)).map(({ body }) =>
      Number(new DataView(body.buffer).getBigUint64(8))
    );
  assert.deepEqual(numbers("C"), FRAMES.map((_, at) => at + 3));
  assert.deepEqual(numbers("S"), FRAMES.map((_, at) => at + 2));
});

for (const lendsMemory of [false, true]) {
  test(`frames of every size arrive through chunks of every size, ${lendsMemory ? "lent" : "given"}`, () => {
    const wire = sealed("C", PLAIN);
    for (const size of [1, 2, 7, 33, 64, 255, 1000, 4096, 65_536, wire.length]) {
      const server = openEnd("S", { mockOptions: { lendsMemory } });
      for (const piece of pieces(wire, size)) server.mock.deliver(piece);
      assert.deepEqual(server.sink.frames, FRAMES, `chunks of ${size}`);
      // Each delivery is whole frames.
      server.sink.chunks.forEach((chunk) => unframe(chunk));
    }
  });
}

test("frames are sealed however chunks cut them, several in one write", () => {
  const wire = sealed("C", PLAIN);
  for (const size of [1, 2, 3, 8, 9, 10, 1000, PLAIN.length]) {
    const client = openEnd("C");
    client.connection.write(pieces(PLAIN, size));
    assert.equal(client.mock.writes.length, 1);
    assert.deepEqual(client.mock.written, wire, `chunks of ${size}`);
  }
  const client = openEnd("C");
  for (const { flags, body } of FRAMES) client.connection.write([frame(flags, body)]);
  assert.deepEqual(client.mock.written, wire);
});

test("what is written is not changed, and its memory is free at once", () => {
  const client = openEnd("C", { mockOptions: { stuck: true } });
  const plain = PLAIN.slice();
  assert.equal(client.connection.write([plain]), false);
  assert.deepEqual(plain, PLAIN);
  plain.fill(0);
  client.mock.drain();
  const server = openEnd("S");
  server.mock.deliver(client.mock.written);
  assert.deepEqual(server.sink.frames, FRAMES);
});

test("a long frame that a peer lays out for a short message is taken", () => {
  const server = openEnd("S");
  server.mock.deliver(hex("02 0000000000000022"), message("2", utf8("\x00x")));
  assert.deepEqual(server.sink.frames, [{ flags: 0, body: utf8("x") }]);
});

test("bits of the inner flags that mean nothing are ignored", () => {
  const server = openEnd("S");
  server.mock.deliver(frame(0, message("2", hex("fd 61"))), frame(0, message("3", hex("fa 62"))));
  assert.deepEqual(server.sink.frames, [
    { flags: MORE, body: utf8("a") },
    { flags: COMMAND, body: utf8("b") },
  ]);
});

test("counters may leave out numbers, and be as large as 64 bits", () => {
  const server = openEnd("S");
  for (const number of ["2", "9", "ffffffff", "100000000", "20000000000001", "ffffffffffffffff"]) {
    server.mock.deliver(frame(0, message(number, utf8("\x00x"))));
  }
  assert.equal(server.sink.frames.length, 6);
});

/** Delivers, behind one good message. What comes behind is not read. */
function refused(...chunks: readonly Uint8Array<ArrayBuffer>[]): FrameSink {
  const server = openEnd("S", { limit: 1000 });
  const good = frame(0, message("2", utf8("\x00x")));
  const late = frame(0, message("ff", utf8("\x00late")));
  server.mock.deliver(concat([good, ...chunks, late]), late);
  assert.ok(server.mock.destroyed);
  assert.deepEqual(server.sink.frames, [{ flags: 0, body: utf8("x") }]);
  assert.deepEqual(server.sink.calls.slice(1), [`closed ${server.sink.reason?.code}`]);
  return server.sink;
}

test("a message that comes again, or out of order, ends the connection", () => {
  const numbers: readonly [string, string][] = [["2", "number 2"], ["1", "number 1"], ["0", "0"]];
  for (const [number, shown] of numbers) {
    const sink = refused(frame(0, message(number, utf8("\x00again"))));
    spError("EPROTO", shown, "more than 2")(sink.reason);
  }
});

test("a number whose upper half is smaller ends the connection, though the lower one is larger", () => {
  const server = openEnd("S");
  server.mock.deliver(frame(0, message("100000000", utf8("\x00x"))));
  server.mock.deliver(frame(0, message("ffffffff", utf8("\x00y"))));
  spError("EPROTO", "number 4294967295", "more than 4294967296")(server.sink.reason);
});

test("a flipped bit ends the connection, wherever it is", () => {
  const wire = frame(0, message("3", utf8("\x00hello")));
  for (let at = 0; at < wire.length; at++) {
    for (const bit of [0x01, 0x80]) {
      const changed = wire.slice();
      changed[at]! ^= bit;
      // A flipped bit in the length has it wait for more, or read less.
      if (at === 1) continue;
      const { reason } = refused(changed);
      spError("EPROTO")(reason);
    }
  }
});

test("a message by another key ends the connection", () => {
  const sink = refused(frame(0, message("3", utf8("\x00x"), times(9, 32))));
  spError("EPROTO", "does not open")(sink.reason);
});

test("a message of our own that is sent back ends the connection", () => {
  const server = openEnd("S");
  server.connection.write([frame(0, utf8("secret"))]);
  server.mock.deliver(server.mock.written);
  spError("EPROTO", "does not open")(server.sink.reason);
});

test("a frame with MORE, COMMAND or a reserved bit outside ends the connection at its first byte", () => {
  for (const [flags, shown] of [[1, "01"], [4, "04"], [6, "06"], [8, "08"], [128, "80"]] as const) {
    const server = openEnd("S");
    server.mock.deliver(Uint8Array.of(flags));
    spError("EPROTO", `0x${shown}`, "0x00 or 0x02")(server.sink.reason);
  }
});

test("a frame that is not a MESSAGE, or is too short for one, ends the connection", () => {
  const ping = concat([utf8("\x04PING\0\0"), times(0, 40)]);
  spError("EPROTO", "not encrypted")(refused(frame(0, ping)).reason);
  const low = concat([utf8("\x07message"), message("3", utf8("\x00x")).slice(8)]);
  spError("EPROTO", "not encrypted")(refused(frame(0, low)).reason);
  const { reason } = refused(frame(0, message("3", new Uint8Array(0))));
  spError("EPROTO", "32 bytes", "33 or more")(reason);
  spError("EPROTO", "0 bytes")(refused(frame(0, new Uint8Array(0))).reason);
});

test("a frame that is too large ends the connection as soon as it is announced", () => {
  const exact = openEnd("S", { limit: 1000 });
  exact.mock.deliver(frame(0, message("2", times(0, 1001))));
  assert.equal(exact.sink.frames[0]?.body.length, 1000);
  const sizes: readonly [string, string][] = [
    ["000000000000040a", "1001"],
    ["0000000100000000", "4294967263"],
    ["001fffffffffffff", "9007199254740958"],
  ];
  for (const [length, size] of sizes) {
    const server = openEnd("S", { limit: 1000 });
    server.mock.deliver(hex(`02 ${length}`));
    spError("EMSGSIZE", size, "1000")(server.sink.reason);
    assert.ok(server.mock.destroyed);
  }
  const server = openEnd("S");
  server.mock.deliver(hex("02 ffffffffffffffff"));
  spError("EPROTO", "2^53")(server.sink.reason);
});

test("a large frame that is announced takes no memory before it comes", () => {
  const server = openEnd("S");
  server.mock.deliver(hex("02 0010000000000000 07"));
  assert.deepEqual(server.sink.calls, []);
});

test("a frame that comes byte by byte is not gathered again with each of them", () => {
  // With a copy for each byte, 1 MiB would be moved 2^20 times: half an hour.
  const wire = sealed("C", frame(0, times(7, 1 << 20)));
  const server = openEnd("S", { mock: new MockConnection({ framing: "tcp" }) });
  for (let at = 0; at < wire.length; at++) server.mock.deliver(wire.subarray(at, at + 1));
  assert.equal(server.sink.frames[0]?.body.length, 1 << 20);
});
