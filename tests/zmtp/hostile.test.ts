/** Peers that say what they should not: they lose their connection or are not listened to, an event says why, and others go on. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { SPErrorCode } from "../../src/base/errors.ts";
import type { Socket } from "../../src/socket/socket.ts";
import type { RejectionCounts } from "../../src/surface/stats.ts";
import { Pub, Pull, Req, XPub } from "../../zmtp/mod.ts";
import { EventLog } from "../conformance/events_log.ts";
import { concat, hex, pattern, text } from "../helpers/bytes.ts";
import { command, frame, greeting, message, ready } from "./helpers/frames.ts";
import { patiently, RawPlace, ROLES, settled, takeTexts, until } from "./helpers/link.ts";
import {
  BAD_HANDSHAKES,
  BAD_TRAFFIC,
  CASES,
  HARMLESS,
  nextTexts,
  OPTIONS,
  UNUSUAL,
} from "./helpers/bad_peers.ts";

/** Rejections by their codes, of all endpoints. */
function rejections(ours: Socket): RejectionCounts {
  const counts: Partial<Record<SPErrorCode, number>> = {};
  for (const { rejections } of ours.stats().endpoints) {
    for (const [code, count] of Object.entries(rejections) as [SPErrorCode, number][]) {
      counts[code] = (counts[code] ?? 0) + count;
    }
  }
  return counts;
}

/** The code of the next rejection. */
async function nextRejection(ours: Socket, before: RejectionCounts): Promise<string> {
  let code: string | undefined;
  await until(() => {
    code = Object.entries(rejections(ours)).find(([name, count]) =>
      count !== (before[name as SPErrorCode] ?? 0)
    )?.[0];
    return code !== undefined;
  }, "a rejection");
  return code!;
}

for (const one of CASES) {
  for (const role of ROLES) {
    test(`our ${one.name} is rid of every peer with a bad handshake, and serves the next, when we ${role}`, async () => {
      await using ours = one.open(OPTIONS);
      const events = new EventLog(ours);
      await using place = await RawPlace.open(role, ours);
      for (const { name, code, say } of BAD_HANDSHAKES) {
        const before = rejections(ours);
        const raw = await place.next();
        await say(raw, one);
        await patiently(raw.closed(), `the end of the connection after ${name}`);
        assert.match(await nextRejection(ours, before), new RegExp(`^(${code})$`), name);
      }
      // Events tell of each, though not one by one.
      const told = (): number => events.of("rejected").reduce((sum, { count }) => sum + count, 0);
      await events.next("rejected", () => told() === BAD_HANDSHAKES.length);
      assert.deepEqual(events.of("attached"), []);
      const raw = await place.next();
      await raw.shake(one.peer);
      await one.use(ours as never, raw);
    });

    test(`our ${one.name} closes a connection with broken frames, and serves the next, when we ${role}`, async () => {
      await using ours = one.open(OPTIONS);
      const events = new EventLog(ours);
      await using place = await RawPlace.open(role, ours);
      for (const { name, code, say } of BAD_TRAFFIC) {
        const before = events.of("detached").length;
        const raw = await place.next();
        await raw.shake(one.peer);
        await say(raw, one);
        await patiently(raw.closed(), `the end of the connection after ${name}`);
        await events.next("detached", () => events.of("detached").length > before);
        const reason = events.of("detached").at(-1)!.reason;
        assert.match(reason?.code ?? "none", new RegExp(`^(${code})$`), name);
      }
      const raw = await place.next();
      await raw.shake(one.peer);
      await one.use(ours as never, raw);
    });

    test(`our ${one.name} passes over commands that it does not know, also within messages, when we ${role}`, async () => {
      await using ours = one.open(OPTIONS);
      const events = new EventLog(ours);
      await using place = await RawPlace.open(role, ours);
      const raw = await place.next();
      await raw.shake(one.peer);
      for (const { bytes } of HARMLESS) await raw.send(bytes);
      await one.use(ours as never, raw);
      for (const { bytes } of HARMLESS) await raw.send(bytes);
      if (one.name === "PULL") {
        await raw.send(frame(1, "in"), ...HARMLESS.map(({ bytes }) => bytes), frame(0, "one"));
        assert.deepEqual(await takeTexts(ours as unknown as Pull), ["in|one"]);
      }
      assert.deepEqual(events.of("detached"), []);
    });

    test(`our ${one.name} takes unusual greetings when we ${role}`, async () => {
      await using ours = one.open(OPTIONS);
      const events = new EventLog(ours);
      await using place = await RawPlace.open(role, ours);
      for (const { hello } of UNUSUAL) {
        const before = events.of("detached").length;
        const raw = await place.next();
        await raw.send(hello(one.peer));
        await raw.take(64);
        await raw.nextCommand();
        await one.use(ours as never, raw);
        raw.end();
        await events.next("detached", () => events.of("detached").length > before);
      }
      assert.deepEqual(events.of("rejected"), []);
    });
  }
}

for (const role of ROLES) {
  test(`greeting, READY and a message in one piece, and a frame in unusual forms, arrive when we ${role}`, async () => {
    await using pull = new Pull(OPTIONS);
    await using place = await RawPlace.open(role, pull);
    const raw = await place.next();
    await raw.send(concat([
      greeting(),
      ready("PUSH"),
      message("at once"),
      hex("08 01 61"),
      hex("80 01 62"),
      hex("02 0000000000000001 63"),
      hex("03 0000000000000001 64 00 00"),
      hex("00 00"),
    ]));
    assert.deepEqual(await takeTexts(pull, 6), ["at once", "a", "b", "c", "d|", ""]);
  });

  for (const said of ["nothing", "half a greeting", "a greeting"]) {
    test(`a peer that says ${said} is let go after handshakeTimeout when we ${role}`, async () => {
      await using pull = new Pull({ handshakeTimeout: 100, reconnectMin: 1, reconnectMax: 20 });
      const events = new EventLog(pull);
      await using place = await RawPlace.open(role, pull);
      const silent = await place.next();
      if (said !== "nothing") {
        await silent.send(greeting().slice(0, said === "a greeting" ? 64 : 30));
      }
      await silent.closed();
      assert.equal((await events.next("rejected")).reason.code, "ETIMEDOUT");
      const raw = await place.next();
      await raw.shake("PUSH");
      await raw.say("good");
      assert.deepEqual(await takeTexts(pull), ["good"]);
    });
  }

  test(`our REQ closes a connection with a reply that has no delimiter when we ${role}`, async () => {
    for (const reply of [["no delimiter"], ["1234", "no delimiter"], ["12345", "", "body"], [""]]) {
      await using req = new Req(OPTIONS);
      const events = new EventLog(req);
      await using place = await RawPlace.open(role, req);
      const bad = await place.next();
      await bad.shake("REP");
      const lost = assert.rejects(req.request("question"));
      assert.deepEqual(await nextTexts(bad), ["", "question"]);
      await bad.say(...reply);
      await bad.closed();
      await lost;
      assert.equal((await events.next("detached")).reason?.code, "EPROTO");
      const good = await place.next();
      await good.shake("REP");
      const answered = req.request("question");
      assert.deepEqual(await nextTexts(good), ["", "question"]);
      await good.say("", "answer");
      assert.deepEqual((await answered).map(text), ["answer"]);
    }
  });
}

test("a peer that subscribes without end is let go, and others are not", async () => {
  for (
    const open of [
      () => new Pub({ subscriptionBuffer: 20_000 }),
      () => new XPub({ subscriptionBuffer: 20_000 }),
    ]
  ) {
    await using pub = open();
    const events = new EventLog(pub);
    await using place = await RawPlace.open("bind", pub);
    const good = await place.next();
    await good.shake("SUB");
    await good.command("SUBSCRIBE", "good");
    const greedy = await place.next();
    await greedy.shake("SUB");
    // The same again and again is one.
    for (let i = 0; i < 500; i++) await greedy.command("SUBSCRIBE", "same");
    for (let i = 0; i < 500 && !greedy.isClosed; i++) {
      await greedy.command("SUBSCRIBE", `${i} ${"x".repeat(100)}`);
    }
    await greedy.closed();
    assert.equal((await events.next("detached")).reason?.code, "EMSGSIZE");
    await settled((topic) => pub.send(topic), async () => (await nextTexts(good))[0]!, "good");
  }
});

test("a peer that pings without end and does not read is still heard, and holds nobody up", async () => {
  await using pull = new Pull();
  await using place = await RawPlace.open("bind", pull);
  const deaf = await place.next();
  await deaf.shake("PUSH");
  deaf.stopReading();
  const pings = concat(
    Array.from({ length: 10_000 }, () => command("PING", concat([hex("0000"), pattern(16)]))),
  );
  for (let i = 0; i < 30; i++) await deaf.send(pings);
  await deaf.say("after all that");
  const good = await place.next();
  await good.shake("PUSH");
  await good.say("good");
  assert.deepEqual((await takeTexts(pull, 2)).sort(), ["after all that", "good"]);
});

test("a dialer stops when a peer refuses it by an ERROR, and says so", async () => {
  for (const status of ["300", "400", "500", "nope"]) {
    await using pull = new Pull(OPTIONS);
    const events = new EventLog(pull);
    await using place = await RawPlace.open("connect", pull);
    const raw = await place.next();
    await raw.greet();
    await raw.command("ERROR", `${String.fromCharCode(status.length)}${status}`);
    await raw.closed();
    const { reason } = await events.next("gave-up");
    assert.equal(reason.code, "EAUTH");
    assert.ok(reason.message.includes(status));
  }
});

test("a rejection says which version of ZMTP the peer has", async () => {
  for (
    const [bytes, version] of [
      ["ff 0000000000000001 7f 01 05 00 03 616263", /2\.0/],
      ["01 00 03 01 7265", /1\.0/],
    ] as const
  ) {
    await using pull = new Pull(OPTIONS);
    const events = new EventLog(pull);
    await using place = await RawPlace.open("bind", pull);
    const raw = await place.next();
    await raw.send(hex(bytes));
    await raw.closed();
    assert.match((await events.next("rejected")).reason.message, version);
  }
});
