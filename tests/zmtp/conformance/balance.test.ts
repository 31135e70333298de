/** PUSH, DEALER and PAIR of ZMTP: what waits where there is no peer or no room, and who gets it. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Dealer, Pair, Pub, Pull, Push, Rep, Router, Sub } from "../../../zmtp/mod.ts";
import { utf8 } from "../../helpers/bytes.ts";
import { spError } from "../../helpers/errors.ts";
import { isPending } from "../../helpers/turns.ts";
import { patience, settled, watch } from "../../conformance/stage.ts";
import { texts } from "../helpers/frames_text.ts";
import { SOME_TRANSPORTS } from "./places.ts";

const SENDERS = [Push, Dealer, Pair] as const;

for (const Sender of SENDERS) {
  const { name } = Sender;

  test(`a ${name} keeps as many messages as sendHighWaterMark while there is no peer, in order`, async () => {
    await using sender = new Sender({ sendHighWaterMark: 3 });
    const log = watch(sender);
    for (let i = 0; i < 3; i++) await sender.send([`${i}`, "and more"]);
    const fourth = sender.send("3");
    assert.ok(await isPending(fourth));
    assert.equal((await log.next("send-waits")).reason, "no-peer");
    await using receiver = name === "Push"
      ? new Pull()
      : name === "Pair"
      ? new Pair()
      : new Dealer();
    const address = `inproc://${crypto.randomUUID()}`;
    await receiver.bind(address);
    sender.connect(address);
    await fourth;
    await sender.send("4");
    for (let i = 0; i < 3; i++) {
      assert.deepEqual(texts(await receiver.receive({ signal: patience() })), [`${i}`, "and more"]);
    }
    for (const wanted of ["3", "4"]) {
      assert.deepEqual(texts(await receiver.receive({ signal: patience() })), [wanted]);
    }
  });

  test(`a ${name} keeps sendBuffer bytes while there is no peer`, async () => {
    await using sender = new Sender({ sendBuffer: 10_000 });
    await sender.send(new Uint8Array(9000));
    await sender.send(new Uint8Array(9000));
    await assert.rejects(sender.send("more", { timeout: 1 }), spError("ETIMEDOUT"));
  });

  test(`a ${name} that is immediate keeps nothing while there is no peer`, async () => {
    await using sender = new Sender({ immediate: true });
    await assert.rejects(sender.send("early", { timeout: 1 }), spError("ETIMEDOUT"));
  });

  test(`a ${name} counts what it had kept when it is closed`, async () => {
    const sender = new Sender();
    const log = watch(sender);
    for (let i = 0; i < 3; i++) await sender.send(`${i}`);
    await sender.close({ linger: 0 });
    assert.deepEqual(sender.stats().drops, { closed: 3 });
    await log.ended;
    assert.deepEqual(log.of("dropped").map(({ reason, count }) => [reason, count]), [[
      "closed",
      3,
    ]]);
  });

  test(`a ${name} sends what it had kept while it lingers`, async () => {
    const address = `inproc://${crypto.randomUUID()}`;
    const sender = new Sender({ linger: 20_000 });
    for (let i = 0; i < 3; i++) await sender.send(`${i}`);
    sender.connect(address);
    const closed = sender.close();
    await using receiver = name === "Push"
      ? new Pull()
      : name === "Pair"
      ? new Pair()
      : new Dealer();
    await receiver.bind(address);
    for (let i = 0; i < 3; i++) {
      assert.deepEqual(texts(await receiver.receive({ signal: patience() })), [`${i}`]);
    }
    await closed;
    assert.deepEqual(sender.stats().drops, {});
  });
}

for (const { name, open } of SOME_TRANSPORTS) {
  test(`a PUSH over ${name} passes over a peer that has no room, and waits when nobody has`, async () => {
    await using place = await open();
    await using push = new Push({ sendBuffer: 1000 });
    await place.listen(push);
    await using slow = new Pull({ receiveBuffer: 1000 });
    place.dial(slow);
    await push.peers(1, { signal: patience() });
    const body = new Uint8Array(100_000);
    let sent = push.send(body);
    while (!await isPending(sent)) sent = push.send(body);
    const log = watch(push);
    await using quick = new Pull();
    place.dial(quick);
    await sent;
    for (let i = 0; i < 20; i++) {
      await push.send(["next", body]);
      await quick.receive({ signal: patience() });
    }
    assert.equal(log.of("detached").length, 0);
    assert.deepEqual(push.stats().drops, {});
  });

  test(`what a lost peer of a PUSH over ${name} had not been sent goes to the next, whole`, async () => {
    await using place = await open();
    await using push = new Push({ sendBuffer: Infinity });
    await place.listen(push);
    const slow = new Pull({ receiveBuffer: 1000 });
    place.dial(slow);
    await push.peers(1, { signal: patience() });
    const large = new Uint8Array(100_000);
    const total = 200;
    for (let i = 0; i < total; i++) {
      const frames = [`${i}`, large, "", "small", new Uint8Array(16_384), new Uint8Array(16_385)];
      await push.send(frames);
    }
    await using quick = new Pull();
    await slow.close({ linger: 0 });
    place.dial(quick);
    const numbers: number[] = [];
    while (numbers.at(-1) !== total - 1) {
      const [number, ...rest] = await quick.receive({ signal: patience() });
      assert.deepEqual(rest.map(({ length }) => length), [100_000, 0, 5, 16_384, 16_385]);
      numbers.push(Number(texts([number!])[0]));
    }
    assert.deepEqual(numbers, Array.from(numbers, (_, i) => numbers[0]! + i), "in order, no gaps");
    // What an operating system has taken is lost with the connection, and nobody knows.
    if (name === "inproc") {
      const lost = [push, slow].flatMap((socket) => Object.values(socket.stats().drops));
      assert.equal(numbers.length + lost.reduce((sum, count) => sum + count, 0), total);
    }
    assert.ok(numbers.length > total / 2, `${numbers.length}`);
  });

  test(`a PULL over ${name} pushes back by receiveHighWaterMark, though the buffer has room`, async () => {
    await using place = await open();
    await using pull = new Pull({ receiveHighWaterMark: 10 });
    await place.listen(pull);
    await using push = new Push({ sendHighWaterMark: 10 });
    place.dial(push);
    await push.peers(1, { signal: patience() });
    const writing = (async () => {
      for (let i = 0; i < 100; i++) await push.send(new Uint8Array(10_000));
    })();
    await settled(() => pull.stats().queuedMessages);
    const { queuedMessages } = pull.stats();
    assert.ok(queuedMessages >= 10 && queuedMessages <= 20, `${queuedMessages}`);
    for (let i = 0; i < 100; i++) await pull.receive({ signal: patience() });
    await writing;
  });

  test(`no more than sendHighWaterMark messages wait for one peer over ${name}, whatever the socket`, async () => {
    const mark = 3;
    const options = { sendHighWaterMark: mark, sendBuffer: Infinity };
    const sockets = [new Push(options), new Dealer(options), new Pub(options), new Router(options)];
    for (const sender of sockets) {
      await using place = await open();
      await place.listen(sender);
      await using receiver = sender instanceof Push
        ? new Pull({ receiveHighWaterMark: 1 })
        : sender instanceof Pub
        ? new Sub({ subscribe: "", receiveHighWaterMark: 1 })
        : new Dealer({ routingId: "slow", receiveHighWaterMark: 1 });
      place.dial(receiver);
      await sender.peers(1, { signal: patience() });
      if (sender instanceof Pub) await sender.subscribed("", { signal: patience() });
      const waiting = (): number => sender.stats().peers[0]!.queuedMessages;
      let most = 0;
      for (let i = 0; i < 500; i++) {
        const sent = sender.send(["slow", new Uint8Array(50_000)]);
        sent.catch(() => {});
        most = Math.max(most, waiting());
        if (i % 50 === 49) await settled(waiting);
        most = Math.max(most, waiting());
      }
      // The oldest gives way to the newest, unless it is being written already.
      const besides = sender instanceof Pub && most > mark ? 1 : 0;
      assert.equal(most, mark + besides, sender.constructor.name);
      await sender.close({ linger: 0 });
    }
  });

  test(`a PAIR over ${name} refuses a second peer with EBUSY`, async () => {
    await using place = await open();
    await using pair = new Pair();
    const log = watch(pair);
    await place.listen(pair);
    await using first = new Pair();
    place.dial(first);
    await pair.peers(1, { signal: patience() });
    await using second = new Pair({ reconnectMin: 60_000 });
    place.dial(second);
    assert.equal((await log.next("rejected")).reason.code, "EBUSY");
    await first.send(["to", "pair"]);
    assert.deepEqual(texts(await pair.receive({ signal: patience() })), ["to", "pair"]);
  });

  test(`a DEALER over ${name} sends in turn to REPs and ROUTERs`, async () => {
    await using place = await open();
    await using dealer = new Dealer({ routingId: "dealer" });
    await place.listen(dealer);
    await using rep = new Rep();
    rep.serve((frames) => ["rep", ...frames]);
    place.dial(rep);
    await dealer.peers(1, { signal: patience() });
    await using router = new Router();
    place.dial(router);
    await dealer.peers(2, { signal: patience() });
    await dealer.send(["", "1"]);
    await dealer.send(["", "2"]);
    assert.deepEqual(texts(await dealer.receive({ signal: patience() })), ["", "rep", "1"]);
    assert.deepEqual(texts(await router.receive({ signal: patience() })), ["dealer", "", "2"]);
    await router.send([utf8("dealer"), "", "router"]);
    assert.deepEqual(texts(await dealer.receive({ signal: patience() })), ["", "router"]);
  });
}
