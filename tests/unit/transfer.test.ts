/** Messages whose memory is given away. */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { Pair, Push, transfer } from "../../mod.ts";
import { toBytes } from "../../src/memory/message.ts";
import { disown, isOwned, TransferredMessage } from "../../src/memory/owned.ts";
import { Broadcast } from "../../src/pipes/routing.ts";
import { spError } from "../helpers/errors.ts";
import { mockPipe } from "../helpers/mock_pipe.ts";
import { freshName } from "../transports/threads.ts";

const SIZE = 20_000;

test("a whole buffer is detached, and its memory is the message's", () => {
  const whole = new Uint8Array(SIZE).fill(7);
  const forms = [whole, whole.slice().buffer, new DataView(whole.slice().buffer)];
  for (const form of forms) {
    const message = transfer(form);
    assert.equal((form instanceof ArrayBuffer ? form : form.buffer).byteLength, 0);
    assert.ok(message instanceof TransferredMessage);
    assert.equal(message.byteLength, SIZE);
    const bytes = toBytes(message);
    assert.deepEqual(bytes, new Uint8Array(SIZE).fill(7));
    assert.equal(isOwned(bytes), true);
  }
});

test("what can only be copied is copied, and stays as it is", () => {
  const buffer = new Uint8Array(2 * SIZE).fill(3);
  const memory = new WebAssembly.Memory({ initial: 1 });
  const kept = [
    buffer.subarray(0, SIZE),
    buffer.subarray(SIZE),
    new Uint8Array(new SharedArrayBuffer(SIZE)),
    new Uint8Array(memory.buffer),
    Buffer.from(buffer.buffer, 10, SIZE),
  ];
  for (const view of kept) {
    const { length } = view;
    const before = new Uint8Array(view);
    const bytes = toBytes(transfer(view));
    assert.equal(view.length, length);
    assert.equal(Object.getPrototypeOf(bytes), Uint8Array.prototype);
    assert.ok(bytes.buffer instanceof ArrayBuffer);
    assert.equal(bytes.buffer.byteLength, length);
    view.fill(before[0]! + 1);
    assert.deepEqual(bytes, before);
  }
});

test("a message is sent once, and its memory transferred once", async () => {
  const once = transfer(new Uint8Array(3));
  await using pair = new Pair();
  await using other = new Pair();
  const address = freshName();
  await pair.bind(address);
  other.connect(address);
  await pair.send(once);
  await assert.rejects(pair.send(once), spError("EINVAL", "twice"));
  const gone = new Uint8Array(3);
  transfer(gone);
  assert.throws(() => transfer(gone), spError("EINVAL", "transferred before"));
  assert.throws(() => transfer(gone.buffer), spError("EINVAL", "transferred before"));
  assert.equal((await other.receive()).length, 3);
});

test("what is no memory cannot be transferred", () => {
  for (const wrong of ["text", null, undefined, 1, {}, []]) {
    assert.throws(() => transfer(wrong as never), spError("EINVAL"));
  }
});

test("a writable takes such messages too", async () => {
  await using push = new Push();
  await using pair = new Pair();
  const address = freshName();
  await pair.bind(address);
  await using other = new Pair();
  other.connect(address);
  const message = new Uint8Array(SIZE).fill(1);
  const writer = other.writable.getWriter();
  await writer.write(transfer(message));
  assert.deepEqual([message.length, (await pair.receive()).length], [0, SIZE]);
  assert.equal(push.stats().messagesSent, 0);
});

test("what another socket of this thread was handed is nobody's alone", async () => {
  const address = freshName();
  await using pair = new Pair();
  await pair.bind(address);
  await using other = new Pair();
  other.connect(address);
  await other.send(transfer(new Uint8Array(SIZE)));
  assert.equal(isOwned(await pair.receive()), false);
});

test("a broadcast gives memory away to one peer, and to several no more", () => {
  for (const peers of [1, 2]) {
    const broadcast = new Broadcast("drop-oldest");
    for (let i = 0; i < peers; i++) broadcast.attach(mockPipe({ sendBuffer: Infinity }).pipe);
    const body = toBytes(transfer(new Uint8Array(SIZE)));
    broadcast.send({ header: new Uint8Array(4), body });
    assert.equal(isOwned(body), peers === 1);
    disown(body);
  }
});
