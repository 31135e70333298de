/**
 * What a message costs in counts that do not depend on the clock: writes to the operating system,
 * promises, allocations. A regression fails here, and not in a benchmark.
 */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Pull, Push } from "../../patterns/pipeline.ts";
import { Pub } from "../../patterns/pubsub.ts";
import { Req } from "../../patterns/reqrep.ts";
import { allocations } from "../helpers/allocations.ts";
import { pattern, utf8 } from "../helpers/bytes.ts";
import type { MockConnection } from "../helpers/mock_connection.ts";
import { MockPlace } from "../helpers/mock_transport.ts";
import { frameAll, spHeader, unframeAll } from "../helpers/reference_codec.ts";
import { calm } from "../helpers/turns.ts";

const COUNT = 1000;
const SMALL = Array.from({ length: COUNT }, (_, i) => pattern(64, i));

/** A peer on a byte connection, past its handshake, with nothing written yet. */
async function bytePeer(place: MockPlace, number: number): Promise<MockConnection> {
  const peer = place.approach({ framing: "tcp" });
  peer.deliver(spHeader(number));
  await calm();
  assert.equal(peer.writes.length, 1);
  peer.writes.length = 0;
  return peer;
}

/** Resolves with the number of writes once so many messages are written. */
async function writesFor(peer: MockConnection, messages: number): Promise<number> {
  await calm();
  assert.equal(unframeAll("tcp", peer.written).length, messages);
  return peer.writes.length;
}

async function push(): Promise<[Push, MockConnection]> {
  const socket = new Push();
  return [socket, await bytePeer(await MockPlace.of(socket), 0x51)];
}

describe("1,000 messages of 64 bytes", () => {
  test("by send, not awaited, are 2 writes at the most", async () => {
    const [socket, peer] = await push();
    for (const message of SMALL) socket.send(message);
    assert.ok(await writesFor(peer, COUNT) <= 2, `${peer.writes.length} writes`);
    await socket.close();
  });

  test("by send, each awaited, are 3 writes at the most", async () => {
    const [socket, peer] = await push();
    for (const message of SMALL) await socket.send(message);
    assert.ok(await writesFor(peer, COUNT) <= 3, `${peer.writes.length} writes`);
    await socket.close();
  });

  test("by a writer that waits for ready are 4 writes at the most", async () => {
    const [socket, peer] = await push();
    const writer = socket.writable.getWriter();
    const written: Promise<void>[] = [];
    for (const message of SMALL) {
      await writer.ready;
      written.push(writer.write(message));
    }
    await Promise.all(written);
    assert.ok(await writesFor(peer, COUNT) <= 4, `${peer.writes.length} writes`);
    await socket.close();
  });

  test("by pipeTo are 4 writes at the most", async () => {
    const [socket, peer] = await push();
    let next = 0;
    const messages = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        if (next < COUNT) controller.enqueue(SMALL[next++]!);
        else controller.close();
      },
    });
    await messages.pipeTo(socket.writable, { preventClose: true });
    assert.ok(await writesFor(peer, COUNT) <= 4, `${peer.writes.length} writes`);
    await socket.close();
  });

  test("to 100 peers are 3 writes for each at the most", async () => {
    const pub = new Pub();
    const place = await MockPlace.of(pub);
    const peers: MockConnection[] = [];
    for (let i = 0; i < 100; i++) peers.push(await bytePeer(place, 0x21));
    for (const message of SMALL) await pub.send(message);
    for (const peer of peers) {
      assert.ok(await writesFor(peer, COUNT) <= 3, `${peer.writes.length} writes`);
    }
    await pub.close();
  });

  test("as requests that are in flight together are 3 writes at the most", async () => {
    const req = new Req();
    const peer = await bytePeer(await MockPlace.of(req), 0x31);
    const replies = SMALL.map((message) => req.request(message));
    assert.ok(await writesFor(peer, COUNT) <= 3, `${peer.writes.length} writes`);
    peer.deliver(peer.written);
    assert.equal((await Promise.all(replies)).length, COUNT);
    await req.close();
  });

  test("as requests leave nothing behind in a Map", async () => {
    const req = new Req();
    const peer = await bytePeer(await MockPlace.of(req), 0x31);
    const { set } = Map.prototype;
    let added = 0;
    Map.prototype.set = function (...entry) {
      added++;
      return Reflect.apply(set, this, entry);
    };
    try {
      const replies = SMALL.map((message) => req.request(message));
      await writesFor(peer, COUNT);
      peer.deliver(peer.written);
      await Promise.all(replies);
    } finally {
      Map.prototype.set = set;
    }
    assert.ok(added < COUNT / 10, `${added} times something was added to one`);
    await req.close();
  });

  test("take a few slabs of memory, and none once they are there", async () => {
    const [socket, peer] = await push();
    const sendAll = (): void => {
      for (const message of SMALL) socket.send(message);
    };
    assert.ok(allocations(sendAll).length <= 10);
    await writesFor(peer, COUNT);
    assert.ok(allocations(sendAll).length <= 1);
    await writesFor(peer, 2 * COUNT);
    await socket.close();
  });

  test("that come in one chunk are received without a copy, and in one batch", async () => {
    const pull = new Pull();
    const peer = await bytePeer(await MockPlace.of(pull), 0x50);
    const chunk = frameAll("tcp", SMALL);
    assert.deepEqual(allocations(() => peer.deliver(chunk)), []);
    const batch = await pull.receiveBatch();
    assert.deepEqual(batch, SMALL);
    assert.ok(batch.every(({ buffer }) => buffer === chunk.buffer));
    await pull.close();
  });
});

test("1,000 messages of 1 KiB are one write for each 64 KiB, and few more", async () => {
  const [socket, peer] = await push();
  const message = pattern(1024);
  for (let i = 0; i < COUNT; i++) await socket.send(message);
  assert.ok(await writesFor(peer, COUNT) <= 20, `${peer.writes.length} writes`);
  await socket.close();
});

test("a message of 1 MiB is one write, and is not copied", async () => {
  const [socket, peer] = await push();
  const message = pattern(1024 * 1024);
  assert.ok(allocations(() => socket.send(message)).every((length) => length <= 1024));
  assert.equal(await writesFor(peer, 1), 1);
  await socket.close();
});

test("a single message is written within its turn", async () => {
  const [socket, peer] = await push();
  socket.send("ping");
  await Promise.resolve();
  assert.equal(peer.writes.length, 1);
  await socket.close();
});

test("send returns one and the same promise while there is room, whatever is sent", async () => {
  const [socket, peer] = await push();
  const promises = new Set<Promise<void>>();
  for (let i = 0; i < 100; i++) promises.add(socket.send(SMALL[i]!));
  promises.add(socket.send("text"));
  promises.add(socket.send(utf8("bytes").buffer));
  assert.equal(promises.size, 1);
  await writesFor(peer, 102);
  promises.add(socket.send("in another turn"));
  const pub = new Pub();
  promises.add(pub.send("to nobody"));
  assert.equal(promises.size, 1);
  await Promise.all([socket.close(), pub.close()]);
});
