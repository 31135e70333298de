/** Greetings, READY, subscriptions of older peers, and peers that do not fit. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  Dealer,
  Pair,
  Pub,
  Pull,
  Push,
  Rep,
  Req,
  Router,
  Sub,
  XPub,
  XSub,
} from "../../../zmtp/mod.ts";
import type { Socket } from "../../../src/socket/socket.ts";
import { EventLog } from "../../conformance/events_log.ts";
import { concat, hex, pattern, text } from "../../helpers/bytes.ts";
import {
  assertBytes,
  describe,
  framesBehindGreeting,
  GREETING_LENGTH,
  ready,
} from "../helpers/frames.ts";
import {
  comesAgain,
  link,
  manyTurns,
  ourSide,
  RawPlace,
  ROLES,
  settled,
  takeTexts,
  tapped,
  theirSide,
} from "../helpers/link.ts";
import { sharedProcess, skip } from "../peers/zeromq.ts";

const zeromq = sharedProcess();

const IDENTITY = "08 4964656e74697479";
/** READY as libzmq says it, for each type. */
const READY: readonly { name: string; open: () => Socket; peer: string; bytes: string }[] = [
  { name: "PUSH", open: () => new Push(), peer: "PULL", bytes: property("1a", "50555348") },
  { name: "PULL", open: () => new Pull(), peer: "PUSH", bytes: property("1a", "50554c4c") },
  { name: "PAIR", open: () => new Pair(), peer: "PAIR", bytes: property("1a", "50414952") },
  { name: "XPUB", open: () => new XPub(), peer: "SUB", bytes: property("1a", "58505542") },
  { name: "XSUB", open: () => new XSub(), peer: "PUB", bytes: property("1a", "58535542") },
  { name: "PUB", open: () => new Pub(), peer: "SUB", bytes: property("19", "505542") },
  { name: "SUB", open: () => new Sub(), peer: "PUB", bytes: property("19", "535542") },
  { name: "REP", open: () => new Rep(), peer: "REQ", bytes: property("19", "524550") },
  {
    name: "REQ",
    open: () => new Req(),
    peer: "REP",
    bytes: `${property("26", "524551")} ${IDENTITY} 00000000`,
  },
  {
    name: "DEALER",
    open: () => new Dealer(),
    peer: "ROUTER",
    bytes: `${property("29", "4445414c4552")} ${IDENTITY} 00000000`,
  },
  {
    name: "ROUTER",
    open: () => new Router(),
    peer: "DEALER",
    bytes: `${property("29", "524f55544552")} ${IDENTITY} 00000000`,
  },
  {
    name: 'DEALER with the routing id "abc"',
    open: () => new Dealer({ routingId: "abc" }),
    peer: "ROUTER",
    bytes: `${property("2c", "4445414c4552")} ${IDENTITY} 00000003 616263`,
  },
];

function property(length: string, type: string): string {
  const typeLength = (type.length / 2).toString(16).padStart(8, "0");
  return `04 ${length} 05 5245414459 0b 536f636b65742d54797065 ${typeLength} ${type}`;
}

for (const { name, open, peer, bytes } of READY) {
  for (const role of ROLES) {
    // Check 3.
    test(`the greeting and READY of our ${name} are right to the byte when we ${role}`, async () => {
      await using ours = open();
      await using place = await RawPlace.open(role, ours);
      const raw = await place.next();
      const greeting = await raw.greet();
      assertBytes(
        greeting,
        concat([hex("ff 0000000000000000 7f 03 01 4e554c4c"), new Uint8Array(48)]),
      );
      const expected = hex(bytes);
      assertBytes(await raw.take(expected.length), expected);
      await raw.send(ready(peer));
      await ours.peers(1);
    });
  }
}

for (const role of ROLES) {
  // Check 5.
  test(`nothing is sent between our READY and zeromq.js's when we ${role}`, { skip }, async () => {
    const z = await zeromq();
    await using push = new Push();
    const messages = Array.from({ length: 10 }, (_, i) => `message ${i}`);
    await using pull = await z.socket("Pull");
    const sent = messages.map((message) => push.send(message));
    await using tap = await tapped(role, push, pull);
    assert.deepEqual(await pull.texts(10), messages);
    await Promise.all(sent);
    const said = { dialer: 0, listener: 0 };
    const [our, their] = [ourSide(role), theirSide(role)];
    for (const { side, bytes } of tap.pieces) {
      said[side] += bytes.length;
      if (said[their] > GREETING_LENGTH) break;
      assert.ok(said[our] <= GREETING_LENGTH + 28, `${said[our]} bytes before the peer's READY`);
    }
    const frames = framesBehindGreeting(tap.said(our)).map(describe);
    assert.deepEqual(frames.slice(1), messages);
  });

  // Check 5.
  test(`our queued messages wait for the READY of a slow peer when we ${role}`, async () => {
    await using push = new Push();
    const sent = push.send("message");
    await using place = await RawPlace.open(role, push);
    const raw = await place.next();
    await raw.greet();
    assert.match(describe(await raw.next()), /^!READY /);
    await manyTurns();
    assert.equal(raw.unread.length, 0);
    await raw.send(ready("PULL"));
    assert.deepEqual((await raw.nextMessage()).map(text), ["message"]);
    await sent;
  });

  // Check 16.
  test(`our PUB takes subscriptions as messages from a peer of ZMTP 3.0 when we ${role}`, async () => {
    await using pub = new Pub();
    await using place = await RawPlace.open(role, pub);
    const raw = await place.next();
    await raw.shake("SUB", { minor: 0 });
    await raw.send(hex("00 02 01 41"));
    const heard = (topic: string): Promise<void> =>
      settled(
        (message) => pub.send(message),
        async () => text((await raw.nextMessage())[0]!),
        topic,
      );
    await heard("A");
    await raw.send(hex("00 02 00 41 00 02 01 43"));
    await heard("C");
    await pub.send("A");
    await pub.send("C");
    assert.deepEqual((await raw.nextMessage()).map(text), ["C"]);
  });

  // Check 16.
  test(`our SUB subscribes by messages at a publisher of ZMTP 3.0 when we ${role}`, async () => {
    await using sub = new Sub({ subscribe: "A" });
    await using place = await RawPlace.open(role, sub);
    const raw = await place.next();
    await raw.shake("PUB", { minor: 0 });
    assertBytes(await raw.take(4), hex("00 02 01 41"));
    sub.unsubscribe("A");
    assertBytes(await raw.take(4), hex("00 02 00 41"));
  });

  // Check 30.
  test(
    `our PUSH tells of a PUB of zeromq.js, and does not hurry to see it again, when we ${role}`,
    {
      skip,
    },
    async () => {
      const z = await zeromq();
      await using pub = await z.socket("Publisher");
      await using push = new Push({ reconnectMin: 100, reconnectMax: 100 });
      const events = new EventLog(push);
      await using tap = await tapped(role, push, pub);
      const { reason } = await events.next("rejected");
      assert.equal(reason.code, "EPROTO");
      assert.match(reason.message, /PUB/);
      assert.match(reason.message, /PULL/);
      if (role === "connect") {
        await tap.until(({ connections }) => connections >= 2, "another try");
        assert.ok(tap.connections < 10, `${tap.connections} connections`);
      }
      // It goes on with others.
      await using sub = await z.socket("Subscriber");
      await sub.subscribe("");
      await sub.connect(await pub.bind());
      const received = sub.texts();
      let isHeard = false;
      void received.then(() => isHeard = true);
      while (!isHeard) {
        await pub.send("news");
        await manyTurns();
      }
      assert.deepEqual(await received, ["news"]);
      assert.equal(push.stats().peers.length, 0);
    },
  );

  // Check 31.
  test(
    `without a password we tell that zeromq.js wants one when we ${role}`,
    { skip },
    async () => {
      const z = await zeromq();
      await using theirs = role === "bind"
        ? await z.socket("Push", { plainUsername: "u", plainPassword: "p" })
        : await z.socket("Push", { plainServer: true, zapDomain: "global" });
      await using pull = new Pull({ reconnectMin: 100, reconnectMax: 100 });
      const events = new EventLog(pull);
      await using tap = await tapped(role, pull, theirs);
      const { reason } = await events.next("rejected");
      assert.equal(reason.code, "EPROTO");
      // libzmq closes the connection before it tells its mechanism, with a reset that may overtake what it has told.
      assert.match(
        reason.message,
        /mechanism may not be NULL|"PLAIN", expected "NULL"|sent 0 of 64 bytes .* closed/,
      );
      if (role === "connect") {
        await tap.until(({ connections }) => connections >= 2, "another try");
        assert.ok(tap.connections < 10, `${tap.connections} connections`);
      }
      // Another socket of that process is unharmed, and so is ours.
      await using good = await z.socket("Push");
      await good.connect((await pull.bind("tcp://127.0.0.1:0")).address);
      await good.send("good");
      assert.deepEqual(await takeTexts(pull), ["good"]);
    },
  );

  // Check 38.
  test(`a message of one byte more than maxMessageSize ends the connection when we ${role}`, {
    skip,
  }, async () => {
    const z = await zeromq();
    await using push = await z.socket("Push");
    await using pull = new Pull({ maxMessageSize: 1000, reconnectMin: 20, reconnectMax: 50 });
    const events = new EventLog(pull);
    await link(role, pull, push);
    await push.send(pattern(1000), [pattern(500), pattern(500)]);
    assert.deepEqual((await pull.receive()).map(({ length }) => length), [1000]);
    assert.deepEqual((await pull.receive()).map(({ length }) => length), [500, 500]);
    await push.send(pattern(1001));
    assert.equal((await events.next("detached")).reason?.code, "EMSGSIZE");
    await comesAgain(push);
    await push.send("good");
    assert.deepEqual(await takeTexts(pull), ["good"]);
  });

  // Check 38, for all frames of a message together.
  test(
    `frames that are together one byte more than maxMessageSize end the connection when we ${role}`,
    {
      skip,
    },
    async () => {
      const z = await zeromq();
      await using push = await z.socket("Push");
      await using pull = new Pull({ maxMessageSize: 1000, reconnectMin: 20, reconnectMax: 50 });
      const events = new EventLog(pull);
      await link(role, pull, push);
      await push.send([pattern(500), pattern(501)]);
      assert.equal((await events.next("detached")).reason?.code, "EMSGSIZE");
      await comesAgain(push);
      await push.send("good");
      assert.deepEqual(await takeTexts(pull), ["good"]);
    },
  );

  // Check 38.
  test(`the handshake passes with a maxMessageSize of 1 when we ${role}`, { skip }, async () => {
    const z = await zeromq();
    await using push = await z.socket("Push");
    await using pull = new Pull({ maxMessageSize: 1 });
    await link(role, pull, push);
    await push.send("1");
    assert.deepEqual(await takeTexts(pull), ["1"]);
  });
}
