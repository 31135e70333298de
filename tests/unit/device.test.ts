/** Devices between mock peers. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { device } from "../../patterns/device.ts";
import { RawSocket } from "../../patterns/raw.ts";
import type { RawProtocolName } from "../../patterns/raw/protocols.ts";
import { hex, text, utf8 } from "../helpers/bytes.ts";
import { spError } from "../helpers/errors.ts";
import type { MockConnection } from "../helpers/mock_connection.ts";
import { MockPlace } from "../helpers/mock_transport.ts";
import { nextDrops } from "../helpers/next_event.ts";
import { question, readQuestion } from "../helpers/questions.ts";
import { SpiedSignal } from "../helpers/signal.ts";
import { isPending } from "../helpers/turns.ts";

const NOTHING = { messages: 0, bytes: 0, dropped: 0 };

async function messages(peer: MockConnection, count: number): Promise<Uint8Array<ArrayBuffer>[]> {
  await peer.until(() => peer.messages().length >= count);
  return peer.messages();
}

const QUESTIONS = [["rep", "req"], ["respondent", "surveyor"]] as const;
for (const [facing, behind] of QUESTIONS) {
  describe(`a device of ${facing} and ${behind}`, () => {
    test("pushes the id of the pipe on a question, and takes it off its answer, for each asker", async () => {
      await using front = new RawSocket(facing);
      await using back = new RawSocket(behind);
      const [askers, answerers] = [await MockPlace.of(front), await MockPlace.of(back)];
      const [a, b] = [await askers.peer(), await askers.peer()];
      const answerer = await answerers.peer();
      await using forwarder = device(front, back);
      a.deliver(question("from a", 1));
      b.deliver(question("from b", 7, 1));
      const passed = await messages(answerer, 2);
      const [idA, idB] = front.stats().peers.map(({ id }) => id);
      assert.deepEqual(passed.map(readQuestion), [`${idA} 1 from a`, `${idB} 7 1 from b`]);
      answerer.deliver(question("to b", idB!, 7, 1), question("to a", idA!, 1));
      assert.deepEqual((await messages(a, 1)).map(readQuestion), ["1 to a"]);
      assert.deepEqual((await messages(b, 1)).map(readQuestion), ["7 1 to b"]);
      assert.deepEqual(forwarder.stats(), {
        forward: { messages: 2, bytes: 12, dropped: 0 },
        backward: { messages: 2, bytes: 8, dropped: 0 },
      });
    });

    test("passes on what came as far as its ttl permits, and drops the rest: n permits n - 1 devices", async () => {
      await using front = new RawSocket(facing, { ttl: 2 });
      await using back = new RawSocket(behind);
      const [askers, answerers] = [await MockPlace.of(front), await MockPlace.of(back)];
      const [asker, answerer] = [await askers.peer(), await answerers.peer()];
      await using _ = device(front, back);
      asker.deliver(question("through two", 1, 2, 3), question("through one", 2, 3));
      const [passed] = await messages(answerer, 1);
      assert.match(readQuestion(passed!), / 2 3 through one$/);
      assert.deepEqual(front.stats().peers.map(({ drops }) => drops), [{ ttl: 1 }]);
      assert.equal(asker.destroyed, false);
    });

    test("drops and counts the answer to an asker that has gone", async () => {
      await using front = new RawSocket(facing);
      await using back = new RawSocket(behind);
      const [askers, answerers] = [await MockPlace.of(front), await MockPlace.of(back)];
      const [asker, answerer] = [await askers.peer(), await answerers.peer()];
      const events = front.events().getReader();
      await using _ = device(front, back);
      asker.deliver(question("a", 1));
      const [passed] = await messages(answerer, 1);
      asker.break();
      answerer.deliver(passed!);
      const { reason, count } = await nextDrops(events, 1);
      assert.deepEqual([reason, count], ["peer-gone", 1]);
    });
  });
}

describe("a device", () => {
  const ONE_WAY = [["pull", "push"], ["sub", "pub"], ["sink", "source"]] as const;
  for (const [from, to] of ONE_WAY) {
    for (const order of ["that way round", "the other way round"]) {
      test(`of ${from} and ${to}, ${order}, passes on one way, whatever it is`, async () => {
        await using inward = new RawSocket(from);
        await using outward = new RawSocket(to);
        const [speakers, hearers] = [await MockPlace.of(inward), await MockPlace.of(outward)];
        const [speaker, hearer] = [await speakers.peer(), await hearers.peer()];
        const sockets: [RawSocket, RawSocket] = order === "that way round"
          ? [inward, outward]
          : [outward, inward];
        await using forwarder = device(...sockets);
        speaker.deliver(utf8("a"), utf8(""));
        assert.deepEqual(await hearer.sent(2), ["a", ""]);
        const { forward, backward } = forwarder.stats();
        const way = { messages: 2, bytes: 1, dropped: 0 };
        const expected = order === "that way round" ? [way, NOTHING] : [NOTHING, way];
        assert.deepEqual([forward, backward], expected);
      });
    }
  }

  for (const name of ["pair", "bus"] as const) {
    test(`of two of ${name} passes on both ways`, async () => {
      await using left = new RawSocket(name);
      await using right = new RawSocket(name);
      const [places] = [[await MockPlace.of(left), await MockPlace.of(right)]];
      const [a, b] = [await places[0]!.peer(), await places[1]!.peer()];
      await using _ = device(left, right);
      a.deliver(utf8("from a"));
      assert.deepEqual(await b.sent(1), ["from a"]);
      b.deliver(utf8("from b"));
      assert.deepEqual(await a.sent(1), ["from b"]);
      assert.deepEqual(b.texts, ["from a"]);
    });
  }

  test("of two of pair1 counts its hop, and drops what is at the end of its count", async () => {
    await using left = new RawSocket("pair1", { ttl: 255 });
    await using right = new RawSocket("pair1");
    const [lefts, rights] = [await MockPlace.of(left), await MockPlace.of(right)];
    const [a, b] = [await lefts.peer(), await rights.peer()];
    await using forwarder = device(left, right);
    a.deliver(hex("000000ff61"), hex("0000000361"));
    assert.deepEqual(await messages(b, 1), [hex("0000000461")]);
    b.deliver(hex("0000000962"), hex("0000000862"));
    assert.deepEqual(await messages(a, 1), [hex("0000000962")]);
    assert.deepEqual(forwarder.stats(), {
      forward: { messages: 1, bytes: 1, dropped: 1 },
      backward: { messages: 1, bytes: 1, dropped: 0 },
    });
    assert.deepEqual(right.stats().peers.map(({ drops }) => drops), [{ ttl: 1 }]);
  });

  test("with one bus sends what comes to everybody but who sent it", async () => {
    await using bus = new RawSocket("bus");
    const place = await MockPlace.of(bus);
    const peers = [await place.peer(), await place.peer(), await place.peer()];
    await using reflector = device(bus);
    for (const [n, peer] of peers.entries()) peer.deliver(utf8(`from ${n}`));
    for (const peer of peers) await peer.sent(2);
    assert.deepEqual(peers.map(({ texts }) => texts.sort()), [
      ["from 1", "from 2"],
      ["from 0", "from 2"],
      ["from 0", "from 1"],
    ]);
    assert.deepEqual(reflector.stats().forward.messages, 3);
    assert.deepEqual(reflector.stats().backward, NOTHING);
  });

  test("with one pair, or pair1, sends what comes back", async () => {
    for (
      const [name, came, went] of [["pair", "61", "61"], ["pair1", "0000000161", "0000000261"]]
    ) {
      await using socket = new RawSocket(name as "pair" | "pair1");
      const place = await MockPlace.of(socket);
      const peer = await place.peer();
      await using _ = device(socket, socket);
      peer.deliver(hex(came!));
      assert.deepEqual(await messages(peer, 1), [hex(went!)]);
    }
  });

  test("is of two that are counterparts, or of one that is its own", async () => {
    const wrong: [RawProtocolName, RawProtocolName | undefined, string][] = [
      ["req", "req", "req needs rep"],
      ["rep", undefined, "rep needs req"],
      ["pair", "pair1", "pair needs pair"],
      ["push", "pub", "push needs pull"],
    ];
    for (const [one, other, wanted] of wrong) {
      await using a = new RawSocket(one);
      await using b = other === undefined ? a : new RawSocket(other);
      assert.throws(() => device(a, b), spError("EINVAL", `of ${one} and ${other ?? one}`, wanted));
    }
  });

  test("does not read for a side that cannot send, and loses nothing of it", async () => {
    await using pull = new RawSocket("pull", { receiveBuffer: 500 });
    await using push = new RawSocket("push");
    const [speakers, hearers] = [await MockPlace.of(pull), await MockPlace.of(push)];
    const speaker = await speakers.peer();
    await using forwarder = device(pull, push);
    const words = Array.from({ length: 100 }, (_, i) => `${i}`);
    for (const word of words) speaker.deliver(utf8(word));
    assert.equal(speaker.paused, true);
    assert.deepEqual(forwarder.stats().forward, NOTHING);
    const hearer = await hearers.peer();
    assert.deepEqual(await hearer.sent(100), words);
    assert.equal(forwarder.stats().forward.messages, 100);
  });

  test("drops and counts what finds no room within the sendTimeout of its socket, and goes on", async () => {
    await using pull = new RawSocket("pull", { receiveTimeout: 1 });
    await using push = new RawSocket("push", { sendTimeout: 1 });
    const [speakers, hearers] = [await MockPlace.of(pull), await MockPlace.of(push)];
    const speaker = await speakers.peer();
    await using forwarder = device(pull, push);
    speaker.deliver(utf8("to nobody"));
    while (forwarder.stats().forward.dropped === 0) {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    const hearer = await hearers.peer();
    speaker.deliver(utf8("to somebody"));
    assert.deepEqual(await hearer.sent(1), ["to somebody"]);
    assert.deepEqual(forwarder.stats().forward, { messages: 1, bytes: 11, dropped: 1 });
  });
});

describe("a device stops", () => {
  async function forwarder(options?: { signal?: AbortSignal }) {
    const [front, back] = [new RawSocket("rep"), new RawSocket("req")];
    const askers = await MockPlace.of(front);
    await MockPlace.of(back);
    return { front, back, asker: await askers.peer(), running: device(front, back, options) };
  }

  test("with its signal, leaves nothing on it, and leaves the sockets open", async () => {
    const signal = new SpiedSignal();
    const { front, back, asker, running } = await forwarder({ signal: signal.signal });
    assert.equal(await isPending(running.stopped), true);
    signal.abort("enough");
    await running.stopped;
    assert.equal(signal.listeners, 0);
    asker.deliver(question("a", 1));
    assert.equal(text((await front.receive()).body), "a");
    await Promise.all([front.close(), back.close()]);
  });

  test("before it has begun, where the signal is aborted already", async () => {
    const { front, back, running } = await forwarder({ signal: AbortSignal.abort() });
    await running.stopped;
    await Promise.all([front.close(), back.close()]);
  });

  test("when told so, and leaves nothing on its signal", async () => {
    const signal = new SpiedSignal();
    const { front, back, running } = await forwarder({ signal: signal.signal });
    await running.stop();
    await running.stopped;
    assert.equal(signal.listeners, 0);
    await Promise.all([front.close(), back.close()]);
  });

  test("when one of its sockets is closed, in both directions", async () => {
    for (const which of ["front", "back"] as const) {
      const device = await forwarder();
      await device[which].close();
      await device.running.stopped;
      await Promise.all([device.front.close(), device.back.close()]);
    }
  });

  test("and counts what it had taken and could not send", async () => {
    await using pull = new RawSocket("pull");
    await using push = new RawSocket("push", { sendBuffer: 1, linger: 0 });
    const [speakers, hearers] = [await MockPlace.of(pull), await MockPlace.of(push)];
    const [speaker, hearer] = [await speakers.peer(), await hearers.peer({ stuck: true })];
    const running = device(pull, push);
    speaker.deliver(...["1", "2", "3", "4"].map(utf8));
    await hearer.sent(1);
    assert.equal(await isPending(running.stopped), true);
    await running.stop();
    const { messages, dropped } = running.stats().forward;
    assert.equal(messages, 1);
    assert.ok(dropped > 0);
    assert.equal(dropped + pull.stats().queuedMessages, 3);
  });
});
