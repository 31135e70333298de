/** `inproc://` and wires other than SP: one that lays bytes out, and two that are not the same. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Pull, Push } from "../../mod.ts";
import { EventLog } from "../conformance/events_log.ts";
import { BytesPub, BytesPull, BytesPush } from "../helpers/bytes_wire.ts";
import { settled } from "../conformance/stage.ts";
import { freshName, KINDS, Thread } from "./threads.ts";

const SOON = { reconnectMin: 5, reconnectMax: 50 };

/** A message of which every byte says which one it is. */
function pattern(number: number, size: number): Uint8Array {
  return new Uint8Array(size).fill(number);
}

test("what was received stays as it came, however much follows", async () => {
  await using pull = new BytesPull();
  await pull.bind("inproc://wires-kept");
  await using push = new BytesPush();
  push.connect("inproc://wires-kept");
  const got: Uint8Array[] = [];
  for (let i = 0; i < 200; i++) {
    await push.send(pattern(i, 700));
    got.push(await pull.receive());
  }
  got.forEach((message, i) => assert.deepEqual(message, pattern(i, 700)));
});

test("so does what waits because nobody reads", async () => {
  await using pull = new BytesPull({ receiveBuffer: 5000 });
  await pull.bind("inproc://wires-held");
  await using push = new BytesPush();
  push.connect("inproc://wires-held");
  await push.peers(1);
  for (let i = 0; i < 100; i++) await push.send(pattern(i, 700));
  await settled(() => pull.stats().messagesReceived);
  for (let i = 0; i < 100; i++) assert.deepEqual(await pull.receive(), pattern(i, 700));
});

test("each of several receivers has small messages to itself", async () => {
  await using pub = new BytesPub();
  await pub.bind("inproc://wires-several");
  await using left = new BytesPull();
  await using right = new BytesPull();
  for (const pull of [left, right]) pull.connect("inproc://wires-several");
  await pub.peers(2);
  await pub.send(pattern(1, 100));
  const [mine, theirs] = [await left.receive(), await right.receive()];
  mine.fill(9);
  assert.deepEqual(theirs, pattern(1, 100));
});

const REFUSED =
  /^(Cannot connect .*)?The peer speaks another wire; (PUSH needs PULL|PULL needs PUSH) /;

for (
  const [what, listener, dialer] of [
    ["another wire dials SP", () => new Pull(), () => new BytesPush(SOON)],
    ["SP dials another wire", () => new BytesPull(), () => new Push(SOON)],
  ] as const
) {
  test(`where ${what}, both sides are told, and nobody is taken in`, async () => {
    const address = freshName();
    await using bound = listener();
    const heard = new EventLog(bound);
    await bound.bind(address);
    await using dialling = dialer();
    const told = new EventLog(dialling);
    dialling.connect(address);
    const failed = await told.next("connect-failed");
    const rejected = await heard.next("rejected");
    for (const { reason } of [failed, rejected]) {
      assert.equal(reason.code, "EPROTO");
      assert.match(reason.message, REFUSED);
    }
    assert.deepEqual([bound.stats().peers, dialling.stats().peers], [[], []]);
  });
}

for (const kind of KINDS) {
  test(`${kind}: another wire here dials SP in a worker, and both are told`, async () => {
    const address = freshName();
    await using thread = new Thread(kind);
    await thread.tell({ do: "open", type: "pull" });
    await thread.tell({ do: "bind", address });
    await using push = new BytesPush(SOON);
    const told = new EventLog(push);
    push.connect(address);
    const { reason } = await told.next("connect-failed");
    assert.equal(reason.code, "EPROTO");
    assert.match(reason.message, /^The peer does not speak bytes: it began with 0$/);
    assert.deepEqual(await thread.tell({ do: "event", type: "rejected" }), { ok: "EPROTO" });
  });

  test(`${kind}: SP in a worker dials another wire here, and both are told`, async () => {
    const address = freshName();
    await using thread = new Thread(kind);
    await using pull = new BytesPull();
    const heard = new EventLog(pull);
    await pull.bind(address);
    await thread.tell({ do: "open", type: "push", options: SOON });
    await thread.tell({ do: "connect", address });
    const { reason } = await heard.next("rejected");
    assert.equal(reason.code, "EPROTO");
    assert.deepEqual(await thread.tell({ do: "event", type: "connect-failed" }), { ok: "EPROTO" });
  });
}
