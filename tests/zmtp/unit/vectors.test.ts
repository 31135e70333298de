/** What libzmq says, byte by byte, is what our sockets say, and what they take. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Socket } from "../../../src/socket/socket.ts";
import { Dealer, Pub, Pull, Push, Rep, Req, Router, Sub, XPub, XSub } from "../../../zmtp/mod.ts";
import { EventLog } from "../../conformance/events_log.ts";
import { concat, hex, pattern, text, utf8 } from "../../helpers/bytes.ts";
import { assertBytes, greeting, ready } from "../helpers/frames.ts";
import { patiently, RawPlace, settled, take, takeTexts } from "../helpers/link.ts";
import type { ZmtpPeer } from "../helpers/raw_peer.ts";

/** Has a socket say something to a peer by hand, and compares; the peer takes no more than is expected, or says "end". */
async function meets(
  ours: Socket,
  peer: string,
  use: (raw: ZmtpPeer) => Promise<void>,
  minor = 1,
): Promise<void> {
  await using place = await RawPlace.open("bind", ours);
  const raw = await place.next();
  await raw.shake(peer, { minor });
  await patiently(ours.peers(1), "a peer");
  await use(raw);
}

async function says(raw: ZmtpPeer, ...expected: Uint8Array[]): Promise<void> {
  const bytes = concat(expected);
  assertBytes(await raw.take(bytes.length), bytes);
}

test("PUSH lays out messages of one frame, several, short and long ones", async () => {
  await using push = new Push();
  await meets(push, "PULL", async (raw) => {
    await push.send(["a", "", "ccc"]);
    await says(raw, hex("01 01 61 01 00 00 03 63 63 63"));
    await push.send(pattern(255));
    await says(raw, hex("00 ff"), pattern(255));
    await push.send(pattern(256));
    await says(raw, hex("02 0000000000000100"), pattern(256));
    await push.send(pattern(1 << 20));
    await says(raw, hex("02 0000000000100000"), pattern(1 << 20));
    await push.send([pattern(256), ""]);
    await says(raw, hex("03 0000000000000100"), pattern(256), hex("00 00"));
    await push.send("");
    await says(raw, hex("00 00"));
  });
});

test("SUB subscribes and cancels by commands", async () => {
  await using sub = new Sub();
  await meets(sub, "PUB", async (raw) => {
    sub.subscribe("A");
    await says(raw, hex("04 0b 09 535542534352494245 41"));
    sub.subscribe("");
    await says(raw, hex("04 0a 09 535542534352494245"));
    sub.unsubscribe("A");
    await says(raw, hex("04 08 06 43414e43454c 41"));
    sub.subscribe(pattern(250));
    await says(raw, hex("06 0000000000000104 09 535542534352494245"), pattern(250));
  });
});

test("SUB subscribes and cancels by messages at a peer of ZMTP 3.0", async () => {
  await using sub = new Sub();
  await meets(sub, "PUB", async (raw) => {
    sub.subscribe("A");
    await says(raw, hex("00 02 01 41"));
    sub.unsubscribe("A");
    await says(raw, hex("00 02 00 41"));
    sub.subscribe("");
    await says(raw, hex("00 01 01"));
  }, 0);
});

for (
  const [form, bytes] of [["a command", "04 0b 09 535542534352494245 41"], [
    "a message",
    "00 02 01 41",
  ]] as const
) {
  test(`PUB sends what is subscribed to by ${form}`, async () => {
    await using pub = new Pub();
    await meets(pub, "SUB", async (raw) => {
      await raw.send(hex(bytes));
      await settled(
        (topic) => pub.send(topic),
        async () => text((await raw.nextMessage())[0]!),
        "A",
      );
      await pub.send("B1");
      await pub.send(["A1", "x"]);
      await says(raw, hex("01 02 41 31 00 01 78"));
    });
  });
}

test("XSUB subscribes for those behind it", async () => {
  await using sub = new XSub();
  await meets(sub, "PUB", async (raw) => {
    await sub.send(hex("01 746f70"));
    await says(raw, hex("00 04 01 74 6f 70"));
    await sub.send("a message");
    await says(raw, hex("00 09"), utf8("a message"));
    await sub.send(hex("00 746f70"));
    await says(raw, hex("00 04 00 74 6f 70"));
    // One frame is a subscription, several are a message.
    await sub.send([hex("01 746f70"), ""]);
    await says(raw, hex("01 04 01 74 6f 70 00 00"));
  });
});

test("XPUB says welcome to whoever comes", async () => {
  await using pub = new XPub({ welcome: "W" });
  await meets(pub, "SUB", (raw) => says(raw, hex("00 01 57")));
});

test("REQ begins a request with a delimiter", async () => {
  await using req = new Req();
  await meets(req, "REP", async (raw) => {
    const reply = req.request(["q1", "q2"]);
    await says(raw, hex("01 00 01 02 71 31 00 02 71 32"));
    await raw.send(hex("01 00 01 01 61 00 01 62"));
    assert.deepEqual((await reply).map(text), ["a", "b"]);
  });
});

test("REQ that correlates puts an id before it, another one each time", async () => {
  await using req = new Req({ correlate: true });
  await meets(req, "REP", async (raw) => {
    const ids: string[] = [];
    for (let i = 0; i < 3; i++) {
      const reply = req.request("q1");
      const [id, delimiter, question] = await raw.nextMessage();
      assert.deepEqual([id!.length, delimiter!.length, text(question!)], [4, 0, "q1"]);
      ids.push(`${id}`);
      await raw.say(id!, "", "a");
      assert.deepEqual((await reply).map(text), ["a"]);
    }
    assert.equal(new Set(ids).size, 3);
  });
});

test("REP sends back the whole envelope", async () => {
  await using rep = new Rep();
  await meets(rep, "DEALER", async (raw) => {
    await raw.send(hex("01 03 69 64 31 01 00 00 01 71"));
    assert.deepEqual(await takeTexts(rep), ["q"]);
    await rep.send("a");
    await says(raw, hex("01 03 69 64 31 01 00 00 01 61"));
    await raw.send(hex("01 00 00 01 71"));
    assert.deepEqual(await takeTexts(rep), ["q"]);
    await rep.send(["a", "b"]);
    await says(raw, hex("01 00 01 01 61 00 01 62"));
  });
});

test("ROUTER puts an id of five bytes before a message, and takes it off", async () => {
  await using router = new Router();
  await meets(router, "REQ", async (raw) => {
    await raw.send(hex("01 00 00 01 71"));
    const [[id, ...frames]] = await take(router) as [Uint8Array<ArrayBuffer>[]];
    assert.deepEqual([id!.length, id![0], frames.map(text)], [5, 0, ["", "q"]]);
    await router.send([id!, "", "ans"]);
    await says(raw, hex("01 00 00 03 61 6e 73"));
  });
});

test("ROUTER takes the id that the peer has in READY, but none that begins with a zero", async () => {
  await using router = new Router();
  await using place = await RawPlace.open("bind", router);
  for (const [identity, expected] of [["abc", "abc"], ["\x00abc", undefined]] as const) {
    const raw = await place.next();
    await raw.shake("DEALER", { metadata: { Identity: identity } });
    await raw.say("hello");
    const [[id]] = await take(router) as [Uint8Array<ArrayBuffer>[]];
    if (expected === undefined) assert.deepEqual([id!.length, id![0]], [5, 0]);
    else assert.equal(text(id!), expected);
  }
});

for (const type of ["REQ", "DEALER", "ROUTER"] as const) {
  test(`${type} with probeRouter begins with an empty message`, async () => {
    const types = { REQ: Req, DEALER: Dealer, ROUTER: Router };
    await using ours = new types[type]({ probeRouter: true });
    await meets(ours, "ROUTER", (raw) => says(raw, hex("00 00")));
  });
}

for (const [ttl, digits] of [[0, "0000"], [3000, "001e"], [65_500, "028f"]] as const) {
  test(`a PING with a ttl of ${ttl} ms says so in tenths of a second, to a peer of 3.0 too`, async () => {
    for (const minor of [0, 1]) {
      await using pull = new Pull({ heartbeat: { interval: 20, ttl, timeout: 10_000 } });
      await meets(pull, "PUSH", (raw) => says(raw, hex(`04 07 04 50494e47 ${digits}`)), minor);
    }
  });
}

test("PONG has what PING had, up to 16 bytes", async () => {
  await using pull = new Pull();
  await meets(pull, "PUSH", async (raw) => {
    await raw.send(hex("04 07 04 50494e47 0000"));
    await says(raw, hex("04 05 04 504f4e47"));
    await raw.command("PING", "\0\x000123456789abcdefghijk");
    await says(raw, hex("04 15 04 504f4e47 30313233343536373839616263646566"));
  });
});

test("NULL refuses with an ERROR", async () => {
  await using pull = new Pull({ domain: "tests", authenticate: () => 400 });
  await using place = await RawPlace.open("bind", pull);
  const raw = await place.next();
  await raw.greet();
  await raw.send(ready("PUSH"));
  await says(raw, hex("04 0a 05 4552524f52 03 343030"));
  await raw.closed();
});

const PLAIN_GREETING = greeting({ mechanism: "PLAIN" });

test("PLAIN's client says HELLO and INITIATE", async () => {
  await using push = new Push({ plain: { username: "u", password: "p" } });
  await using place = await RawPlace.open("connect", push);
  const raw = await place.next();
  const said = await raw.greet({ mechanism: "PLAIN" });
  assertBytes(said.subarray(10, 32), PLAIN_GREETING.subarray(10, 32));
  await says(raw, hex("04 0a 05 48454c4c4f 01 75 01 70"));
  await raw.send(hex("04 08 07 57454c434f4d45"));
  await says(
    raw,
    hex("04 1d 08 494e495449415445 0b 536f636b65742d54797065 00000004 50555348"),
  );
  await raw.send(ready("PULL"));
  await push.send("in");
  await says(raw, hex("00 02 69 6e"));
});

test("PLAIN's server says WELCOME and READY", async () => {
  await using pull = new Pull({ plain: { server: true, users: { admin: "secret" } } });
  await using place = await RawPlace.open("bind", pull);
  const raw = await place.next();
  await raw.greet({ mechanism: "PLAIN" });
  await raw.send(hex("04 13 05 48454c4c4f 05 61646d696e 06 736563726574"));
  await says(raw, hex("04 08 07 57454c434f4d45"));
  await raw.send(
    hex("04 1d 08 494e495449415445 0b 536f636b65742d54797065 00000004 50555348"),
  );
  await says(raw, hex("04 1a 05 5245414459 0b 536f636b65742d54797065 00000004 50554c4c"));
  await raw.say("in");
  assert.deepEqual(await takeTexts(pull), ["in"]);
});

for (
  const [name, error] of [["libzmq's", "04 09 5e 52524f52 03 343030"], [
    "the right",
    "04 0a 05 4552524f52 03 343030",
  ]]
) {
  test(`PLAIN's client takes ${name} spelling of ERROR`, async () => {
    await using push = new Push({ plain: { username: "u", password: "p" } });
    const events = new EventLog(push);
    await using place = await RawPlace.open("connect", push);
    const raw = await place.next();
    await raw.greet({ mechanism: "PLAIN" });
    await raw.nextCommand();
    await raw.send(hex(error!));
    assert.equal((await events.next("gave-up")).reason.code, "EAUTH");
  });
}

test("PLAIN's server refuses with an ERROR as libzmq spells it", async () => {
  await using pull = new Pull({ plain: { server: true, users: { admin: "secret" } } });
  await using place = await RawPlace.open("bind", pull);
  const raw = await place.next();
  await raw.greet({ mechanism: "PLAIN" });
  await raw.send(hex("04 0a 05 48454c4c4f 01 75 01 70"));
  await says(raw, hex("04 09 5e 52524f52 03 343030"));
  await raw.closed();
});
