/** Raw sockets, protocol by protocol: what they make of headers (B4), and where they send, with mock peers. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { RawSocket } from "../../patterns/raw.ts";
import type { RawMessage } from "../../src/memory/message.ts";
import { concat, hex, text, utf8 } from "../helpers/bytes.ts";
import { spError } from "../helpers/errors.ts";
import type { MockConnection } from "../helpers/mock_connection.ts";
import { MockPlace } from "../helpers/mock_transport.ts";
import { nextDrops, nextEvent } from "../helpers/next_event.ts";
import { question, readQuestion } from "../helpers/questions.ts";
import { isPending } from "../helpers/turns.ts";

/** A message as text: its header in hexadecimal, then the body. */
function show({ header, body }: RawMessage): string {
  return `${Array.from(header, (byte) => byte.toString(16).padStart(2, "0")).join("")} ${
    text(body)
  }`;
}

/** The header of a message that came by the n-th peer, as the socket counts them. */
function pipeOf(socket: RawSocket, n: number): Uint8Array {
  const header = new Uint8Array(4);
  new DataView(header.buffer).setUint32(0, socket.stats().peers[n]!.id);
  return header;
}

async function messages(peer: MockConnection, count: number): Promise<Uint8Array<ArrayBuffer>[]> {
  await peer.until(() => peer.messages().length >= count);
  return peer.messages();
}

for (const name of ["req", "surveyor"] as const) {
  describe(`B4 raw ${name}`, () => {
    test("sends its header as it is", async () => {
      await using socket = new RawSocket(name);
      const place = await MockPlace.of(socket);
      const peer = await place.peer();
      await socket.send({ header: hex("0000 0007 8000 0001"), body: "a" });
      assert.deepEqual((await messages(peer, 1)).map(readQuestion), ["7 1 a"]);
    });

    test("has the whole backtrace of an answer for a header, and matches nothing", async () => {
      await using socket = new RawSocket(name);
      const place = await MockPlace.of(socket);
      const peer = await place.peer();
      peer.deliver(question("a", 1), question("b", 7, 8, 9), question("", 2));
      const received = [await socket.receive(), await socket.receive(), await socket.receive()];
      assert.deepEqual(received.map(show), [
        "80000001 a",
        "000000070000000880000009 b",
        "80000002 ",
      ]);
    });

    for (const malformed of ["", "80 00 00", "00 00 00 01"]) {
      test(`closes a connection whose answer has no id: "${malformed}"`, async () => {
        await using socket = new RawSocket(name);
        const place = await MockPlace.of(socket);
        const events = socket.events().getReader();
        (await place.peer()).deliver(hex(malformed));
        assert.equal((await nextEvent(events, "detached")).reason?.code, "EPROTO");
        assert.deepEqual(socket.stats().drops, { malformed: 1 });
      });
    }
  });
}

describe("B5 raw req and surveyor, several peers", () => {
  test("raw req sends to each in turn, raw surveyor to all", async () => {
    for (
      const [name, expected] of [["req", [["1"], ["2"]]], ["surveyor", [["1", "2"], ["1", "2"]]]]
    ) {
      await using socket = new RawSocket(name as "req" | "surveyor");
      const place = await MockPlace.of(socket);
      const peers = [await place.peer(), await place.peer()];
      for (const body of ["1", "2"]) await socket.send({ header: hex("80000001"), body });
      await messages(peers[1]!, expected![1]!.length);
      const bodies = peers.map((peer) => peer.messages().map((message) => text(message.slice(4))));
      assert.deepEqual(bodies, expected);
    }
  });
});

for (const name of ["rep", "respondent"] as const) {
  describe(`B4 raw ${name}`, () => {
    test("has the id of the pipe and the whole backtrace for a header, and answers there", async () => {
      await using socket = new RawSocket(name);
      const place = await MockPlace.of(socket);
      const [a, b] = [await place.peer(), await place.peer()];
      a.deliver(question("a", 7, 1));
      b.deliver(question("b", 1));
      const [first, second] = [await socket.receive(), await socket.receive()];
      assert.deepEqual(first.header, concat([pipeOf(socket, 0), hex("00000007 80000001")]));
      assert.deepEqual(second.header, concat([pipeOf(socket, 1), hex("80000001")]));
      assert.deepEqual([text(first.body), text(second.body)], ["a", "b"]);
      await socket.send({ header: second.header, body: "to b" });
      await socket.send({ header: first.header, body: "to a" });
      assert.deepEqual((await messages(a, 1)).map(readQuestion), ["7 1 to a"]);
      assert.deepEqual((await messages(b, 1)).map(readQuestion), ["1 to b"]);
    });

    test("counts and tells an answer whose peer is gone, or was never there", async () => {
      await using socket = new RawSocket(name);
      const place = await MockPlace.of(socket);
      const events = socket.events().getReader();
      const peer = await place.peer();
      peer.deliver(question("a", 1));
      const { header } = await socket.receive();
      peer.break();
      await socket.send({ header, body: "to nobody" });
      await socket.send({ header: hex("00"), body: "to nobody" });
      await socket.send({ body: "to nobody" });
      const { reason, count } = await nextDrops(events, 3);
      assert.deepEqual([reason, count], ["peer-gone", 3]);
      assert.deepEqual(socket.stats().drops, { "peer-gone": 3 });
    });

    test("drops a question that came too far, and keeps the connection", async () => {
      await using socket = new RawSocket(name, { ttl: 2 });
      const place = await MockPlace.of(socket);
      const peer = await place.peer();
      peer.deliver(question("too far", 1, 2, 3), question("near", 1, 2));
      assert.equal(text((await socket.receive()).body), "near");
      assert.deepEqual(socket.stats().peers.map(({ drops }) => drops), [{ ttl: 1 }]);
    });

    test("closes a connection whose question has no id", async () => {
      await using socket = new RawSocket(name);
      const place = await MockPlace.of(socket);
      const events = socket.events().getReader();
      (await place.peer()).deliver(hex("00000001"));
      assert.equal((await nextEvent(events, "detached")).reason?.code, "EPROTO");
    });

    test("does not hear a peer that takes no answers, which holds up nobody else", async () => {
      await using socket = new RawSocket(name, { sendBuffer: 1, linger: 0 });
      const place = await MockPlace.of(socket);
      const [slow, fast] = [await place.peer({ stuck: true }), await place.peer()];
      slow.deliver(question("s1", 1), question("s2", 2));
      const { header } = await socket.receive();
      await socket.send({ header, body: "1" });
      await messages(slow, 1);
      fast.deliver(question("f1", 1));
      const heard = await socket.receive();
      assert.equal(text(heard.body), "f1");
      for (const body of ["2", "3"]) await socket.send({ header, body });
      await socket.send({ header: heard.header, body: "to fast" });
      assert.deepEqual((await messages(fast, 1)).map(readQuestion), ["1 to fast"]);
      assert.deepEqual(socket.stats().peers.map(({ drops }) => drops), [{ overflow: 1 }, {}]);
      slow.release();
      assert.deepEqual((await messages(slow, 2)).map(readQuestion), ["1 1", "1 3"]);
      assert.equal(text((await socket.receive()).body), "s2");
    });

    test("waits for a peer that takes no answers, or drops the newest, if told so", async () => {
      for (const overflow of ["block", "drop-newest"] as const) {
        await using socket = new RawSocket(name, { sendBuffer: 1, linger: 0, overflow });
        const place = await MockPlace.of(socket);
        const slow = await place.peer({ stuck: true });
        slow.deliver(question("s1", 1));
        const { header } = await socket.receive();
        await socket.send({ header, body: "1" });
        await messages(slow, 1);
        const second = socket.send({ header, body: "2" });
        assert.equal(await isPending(second), overflow === "block");
        slow.release();
        await second;
        await socket.send({ header, body: "3" });
        const expected = overflow === "block" ? ["1 1", "1 2", "1 3"] : ["1 1", "1 3"];
        assert.deepEqual((await messages(slow, expected.length)).map(readQuestion), expected);
      }
    });
  });
}

describe("B4 raw pair1", () => {
  test("has the hop count for a header, and sends one more", async () => {
    await using socket = new RawSocket("pair1");
    const place = await MockPlace.of(socket);
    const peer = await place.peer();
    peer.deliver(concat([hex("00000001"), utf8("a")]));
    const message = await socket.receive();
    assert.equal(show(message), "00000001 a");
    await socket.send(message);
    await socket.send({ header: hex("00000000"), body: "b" });
    const sent = (await messages(peer, 2)).map((one) =>
      show({ header: one.slice(0, 4), body: one.slice(4) })
    );
    assert.deepEqual(sent, ["00000002 a", "00000001 b"]);
  });

  test("sends nothing without a hop count, or with one that is at its end", async () => {
    await using socket = new RawSocket("pair1", { ttl: 255 });
    const place = await MockPlace.of(socket);
    const peer = await place.peer();
    for (const header of ["", "000001", "000000ff", "00000100"]) {
      await assert.rejects(
        socket.send({ header: hex(header), body: "a" }),
        spError("EINVAL", `header of ${header.length / 2} bytes`, "hop count"),
      );
    }
    await socket.send({ header: hex("000000fe"), body: "a" });
    assert.equal((await messages(peer, 1)).length, 1);
  });
});

describe("B4 raw bus", () => {
  test("has the id of the pipe for a header, which stays here, and does not send back there", async () => {
    await using socket = new RawSocket("bus");
    const place = await MockPlace.of(socket);
    const [a, b, c] = [await place.peer(), await place.peer(), await place.peer()];
    b.deliver(utf8("from b"));
    const message = await socket.receive();
    assert.deepEqual(message, { header: pipeOf(socket, 1), body: utf8("from b") });
    await socket.send(message);
    await socket.send({ body: "to all" });
    for (const peer of [a, c]) assert.deepEqual(await peer.sent(2), ["from b", "to all"]);
    assert.deepEqual(await b.sent(1), ["to all"]);
  });

  test("sends to everybody what came by a peer that is gone", async () => {
    await using socket = new RawSocket("bus");
    const place = await MockPlace.of(socket);
    const [a, b] = [await place.peer(), await place.peer()];
    b.deliver(utf8("from b"));
    const message = await socket.receive();
    b.break();
    await socket.send(message);
    assert.deepEqual(await a.sent(1), ["from b"]);
  });
});

describe("B4 raw, where the body is all there is", () => {
  for (const name of ["pair", "pull", "sink", "sub"] as const) {
    test(`${name} has an empty header, and what comes is what there is`, async () => {
      await using socket = new RawSocket(name);
      const place = await MockPlace.of(socket);
      (await place.peer()).deliver(utf8("a"), utf8(""));
      assert.deepEqual(await socket.receiveBatch(), [
        { header: new Uint8Array(0), body: utf8("a") },
        { header: new Uint8Array(0), body: utf8("") },
      ]);
    });
  }

  for (const name of ["pair", "push", "pub", "source"] as const) {
    test(`${name} sends the body, behind a header if there is one`, async () => {
      await using socket = new RawSocket(name);
      const place = await MockPlace.of(socket);
      const peer = await place.peer();
      await socket.send({ body: "a" });
      await socket.send({ header: utf8("b"), body: utf8("c") });
      assert.deepEqual(await peer.sent(2), ["a", "bc"]);
    });
  }
});

describe("a raw socket", () => {
  test("has the directions of its protocol, and says so", async () => {
    await using push = new RawSocket("push");
    await using pull = new RawSocket("pull");
    assert.throws(() => push.readable, spError("ENOTSUP", "push", "only sends"));
    assert.throws(() => push.receive(), spError("ENOTSUP"));
    assert.throws(() => pull.writable, spError("ENOTSUP", "pull", "only receives"));
    assert.throws(() => pull.send({ body: "" }), spError("ENOTSUP"));
  });

  test("hands out message after message in a loop, until it is closed", async () => {
    const pull = new RawSocket("pull");
    const peer = await (await MockPlace.of(pull)).peer();
    peer.deliver(utf8("a"), utf8("b"));
    const bodies: string[] = [];
    for await (const { header, body } of pull) {
      assert.equal(header.length, 0);
      bodies.push(text(body));
      if (bodies.length === 2) pull.close();
    }
    assert.deepEqual(bodies, ["a", "b"]);
    await using push = new RawSocket("push");
    assert.throws(() => push[Symbol.asyncIterator](), spError("ENOTSUP", "push", "only sends"));
  });

  test("is of a protocol that there is, with options that there are", () => {
    const wrong = "dealer" as unknown as "req";
    assert.throws(() => new RawSocket(wrong), spError("EINVAL", '"dealer"', "bus, pair, pair1"));
    assert.throws(() => new RawSocket("rep", { ttl: 0 }), spError("EINVAL", "ttl", "raw rep"));
  });

  test("sends what has a body, and nothing else", async () => {
    await using socket = new RawSocket("push");
    for (const message of ["text", null, {}]) {
      await assert.rejects(
        socket.send(message as unknown as { body: string }),
        spError("EINVAL", "{ header, body }"),
      );
    }
    await assert.rejects(socket.send({ body: 5 as unknown as string }), spError("EINVAL"));
  });

  test("passes on as streams, and is closed when they are ended", async () => {
    const [rep, req] = [new RawSocket("rep"), new RawSocket("req")];
    const [front, back] = [await MockPlace.of(rep), await MockPlace.of(req)];
    const [asker, answerer] = [await front.peer(), await back.peer()];
    const there = rep.readable.pipeTo(req.writable);
    const stop = new AbortController();
    const back_ = req.readable.pipeTo(rep.writable, { signal: stop.signal });
    asker.deliver(question("a", 1));
    const [passed] = await messages(answerer, 1);
    answerer.deliver(passed!);
    assert.deepEqual((await messages(asker, 1)).map(readQuestion), ["1 a"]);
    stop.abort();
    await assert.rejects(back_);
    await Promise.all([rep.close(), req.close(), there.catch(() => {})]);
  });
});

for (const name of ["pair", "bus"] as const) {
  test(`a raw ${name}'s reader that writes to a header, or gives it away, changes no other`, async () => {
    await using socket = new RawSocket(name);
    const place = await MockPlace.of(socket);
    const peer = await place.peer();
    peer.deliver(utf8("a"), utf8("b"), utf8("c"));
    const [first, second] = [await socket.receive(), await socket.receive()];
    const before = show(second);
    first.header.fill(0);
    assert.equal(show(second), before);
    structuredClone(first.header, { transfer: [first.header.buffer as ArrayBuffer] });
    assert.doesNotThrow(() => new Uint8Array(second.header.buffer));
    assert.equal(show(await socket.receive()), before.replace(" b", " c"));
  });
}
