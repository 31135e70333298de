/** Requests that are sent again: to whom, how often, and what happens to the others meanwhile. */

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Rep, Req, Respondent, SPError, Surveyor } from "../../mod.ts";
import { concat, utf8 } from "../helpers/bytes.ts";
import { spError } from "../helpers/errors.ts";
import type { MockConnection } from "../helpers/mock_connection.ts";
import { MockPlace } from "../helpers/mock_transport.ts";
import { bodies } from "../helpers/questions.ts";
import { calm } from "../helpers/turns.ts";
import { attached, patience, toText, watch } from "./stage.ts";
import { leaveTransports, TRANSPORTS } from "./transports.ts";

after(leaveTransports);

function reply(peer: MockConnection, n: number, body: string): void {
  peer.deliver(concat([peer.messages()[n]!.subarray(0, 4), utf8(body)]));
}

for (const { name, open, limitsMessages, redials } of TRANSPORTS) {
  if (!limitsMessages || !redials) continue;

  test(`a request over ${name} that is over its peer's limit does not keep the others from being answered`, async () => {
    await using place = await open();
    await using rep = new Rep({ maxMessageSize: 1000 });
    await using req = new Req({ reconnectMin: 1, reconnectMax: 5 });
    await place.listen(rep);
    place.dial(req);
    rep.serve((message) => message);
    await attached(req);
    const log = watch(req);
    const bad = req.request(new Uint8Array(2000), { attempts: 4 });
    const failed = assert.rejects(bad, spError("EATTEMPTS", "4 times", "its peer was lost"));
    for (let i = 0; i < 50; i++) {
      assert.equal(toText(await req.request(`${i}`, { signal: patience() })), `${i}`);
    }
    await failed;
    const resent = log.of("request-resent");
    assert.deepEqual([...new Set(resent.map(({ reason }) => reason))], ["peer-lost"]);
    assert.deepEqual(
      resent.filter(({ attempt }) => attempt > 2).map(({ attempt }) => attempt).slice(-1),
      [4],
    );
    assert.equal(toText(await req.request("after", { signal: patience() })), "after");
  });

  test(`a reply over ${name} that is over the asker's limit does not keep the others from being answered`, async () => {
    await using place = await open();
    await using rep = new Rep();
    await using req = new Req({
      maxMessageSize: 1000,
      attempts: 3,
      reconnectMin: 1,
      reconnectMax: 5,
    });
    await place.listen(rep);
    place.dial(req);
    rep.serve((message) => toText(message) === "large" ? new Uint8Array(2000) : message);
    await attached(req);
    const failed = assert.rejects(req.request("large"), spError("EATTEMPTS", "3 times"));
    for (let i = 0; i < 50; i++) {
      const answer = await req.request(`${i}`, { attempts: Infinity, signal: patience() });
      assert.equal(toText(answer), `${i}`);
    }
    await failed;
  });
}

test("a request under which connections break again and again waits, while the others go on at once", async () => {
  await using req = new Req();
  const place = await MockPlace.of(req);
  let peer = await place.peer();
  const bad = req.request("bad");
  bad.catch(() => {});
  // Each peer hangs up as soon as it sees the bad one; the others are answered by the next.
  for (let round = 0; round < 2; round++) {
    await peer.until(() => peer.messages().length >= 1);
    peer.break();
    peer = await place.peer();
  }
  const good = req.request("good");
  assert.deepEqual(await bodies(peer, 1), ["good"]);
  reply(peer, 0, "yes");
  assert.equal(toText(await good), "yes");
  // It comes back by itself.
  assert.deepEqual(await bodies(peer, 2), ["good", "bad"]);
  reply(peer, 1, "after all");
  assert.equal(toText(await bad), "after all");
});

test("a request is sent again to another peer where there is one, however many run out together", async () => {
  await using req = new Req({ resendInterval: 20 });
  const place = await MockPlace.of(req);
  const [silent, busy] = [await place.peer(), await place.peer()];
  const asked = Array.from({ length: 16 }, (_, i) => req.request(`${i}`));
  await calm();
  const half = silent.messages().length;
  assert.equal(half, 8);
  for (let n = 0; n < busy.messages().length; n++) reply(busy, n, "yes");
  await busy.until(() => busy.messages().length === 16);
  for (let n = 8; n < 16; n++) reply(busy, n, "yes");
  await Promise.all(asked);
  assert.equal(silent.messages().length, half);
});

test("a request under which a connection broke goes to a peer that has answered before, if there is one", async () => {
  await using req = new Req();
  const place = await MockPlace.of(req);
  const good = await place.peer();
  const first = req.request("first");
  await bodies(good, 1);
  reply(good, 0, "1");
  assert.equal(toText(await first), "1");
  const strangers = await Promise.all(Array.from({ length: 8 }, () => place.peer()));
  // In turn, each of the strangers has one, and then goes.
  const asked = Array.from({ length: 9 }, (_, i) => req.request(`${i}`));
  await bodies(good, 2);
  for (const stranger of strangers.slice(0, 7)) stranger.break(new SPError("ECONNRESET", "gone"));
  await bodies(good, 9);
  for (let n = 1; n < 9; n++) reply(good, n, "again");
  const answered = await Promise.all(
    asked.map((one) => Promise.race([one.then(() => 1), calm().then(() => 0)])),
  );
  assert.equal(answered.reduce((sum, one) => sum + one, 0), 8);
  const rest = Promise.allSettled(asked);
  await req.close({ linger: 0 });
  await rest;
});

test("a peer that let requests run out is asked again only when the others are worse, or it has answered", async () => {
  await using req = new Req({ resendInterval: 20 });
  const place = await MockPlace.of(req);
  const [silent, good] = [await place.peer(), await place.peer()];
  const first = req.request("first");
  await good.until(() => good.messages().length === 1);
  reply(good, 0, "yes");
  await first;
  for (let i = 1; i <= 5; i++) {
    const next = req.request(`${i}`);
    await good.until(() => good.messages().length > i);
    reply(good, i, "yes");
    await next;
  }
  assert.equal(silent.messages().length, 1);
  reply(silent, 0, "late");
  const two = [req.request("a"), req.request("b")];
  await silent.until(() => silent.messages().length === 2);
  reply(silent, 1, "yes");
  await good.until(() => good.messages().length === 7);
  reply(good, 6, "yes");
  await Promise.all(two);
});

const DEADLINES = {
  timeout: () => ({ timeout: 100 }),
  "AbortSignal.timeout": () => ({ signal: AbortSignal.timeout(100) }),
};

for (const [name, deadline] of Object.entries(DEADLINES)) {
  test(`a peer that let the ${name} of a request pass is asked last, until it answers something`, async () => {
    await using req = new Req();
    const place = await MockPlace.of(req);
    const [silent, good] = [await place.peer(), await place.peer()];
    await assert.rejects(req.request("first", deadline()));
    assert.equal(silent.messages().length, 1);
    for (let i = 0; i < 5; i++) {
      const next = req.request(`${i}`);
      await good.until(() => good.messages().length > i);
      reply(good, i, "yes");
      await next;
    }
    assert.equal(silent.messages().length, 1);
    // Too late for its request, and a sign of life all the same.
    reply(silent, 0, "late");
    const two = [req.request("a"), req.request("b")];
    await silent.until(() => silent.messages().length === 2);
    await good.until(() => good.messages().length === 6);
    reply(silent, 1, "yes");
    reply(good, 5, "yes");
    await Promise.all(two);
  });
}

test("a silent peer is asked where there is no other, and a request that its user has cancelled says nothing of its peer", async () => {
  await using req = new Req();
  const place = await MockPlace.of(req);
  const silent = await place.peer();
  for (let i = 0; i < 3; i++) await assert.rejects(req.request(`${i}`, { timeout: 1 }));
  assert.equal(silent.messages().length, 3);
  reply(silent, 2, "late");
  const good = await place.peer();
  const cancelled: AbortController[] = [];
  for (let i = 0; i < 8; i++) {
    const controller = new AbortController();
    cancelled.push(controller);
    const asked = req.request("?", { signal: controller.signal });
    await calm();
    controller.abort(new Error("never mind"));
    await assert.rejects(asked, /never mind/);
  }
  assert.deepEqual([silent.messages().length, good.messages().length], [7, 4]);
});

test("attempts ends a request that no peer answers, and an event tells of each that was sent again", async () => {
  await using req = new Req({ resendInterval: 5, attempts: 3 });
  const place = await MockPlace.of(req);
  const peer = await place.peer();
  const log = watch(req);
  await assert.rejects(req.request("?"), spError("EATTEMPTS", "3 times", "no reply"));
  assert.equal(peer.messages().length, 3);
  const told = log.of("request-resent");
  assert.deepEqual(told.map(({ attempt, reason }) => [attempt, reason]), [
    [2, "no-reply"],
    [3, "no-reply"],
  ]);
  assert.equal(told[0]!.peer.remoteAddress, peer.remoteAddress);
  for (const attempts of [0, -1, 1.5, "many"]) {
    assert.throws(
      () => new Req({ attempts: attempts as number }),
      spError("EINVAL", "attempts", "1 or more, or Infinity"),
    );
  }
});

for (const { name, open } of TRANSPORTS) {
  test(`a REP over ${name} cannot answer what was asked of another`, async () => {
    await using place = await open();
    await using req = new Req();
    await using honest = new Rep();
    await using forger = new Rep();
    await place.listen(req);
    place.dial(honest);
    await req.peers(1, { signal: patience() });
    const answers = Array.from({ length: 10 }, () => req.request("secret"));
    const asked = [];
    for await (const request of honest.requests()) if (asked.push(request) === 10) break;
    place.dial(forger);
    await req.peers(2, { signal: patience() });
    // It is asked something of its own, whose id tells it those of the others.
    const own = req.request("own");
    const more = req.request("own");
    const [mine] = await Array.fromAsync(take(forger.requests(), 1));
    await mine!.reply("mine");
    const other = [...asked];
    for await (const request of honest.requests()) {
      other.push(request);
      break;
    }
    for (const request of other) await request.reply("honest");
    assert.deepEqual(new Set((await Promise.all(answers)).map(toText)), new Set(["honest"]));
    assert.deepEqual((await Promise.all([own, more])).map(toText).sort(), ["honest", "mine"]);
  });
}

async function* take<T>(items: AsyncIterable<T>, count: number): AsyncGenerator<T> {
  for await (const item of items) {
    yield item;
    if (--count === 0) return;
  }
}

test("a forged answer is dropped, counted for its peer and told, and the true one still comes", async () => {
  await using req = new Req();
  const place = await MockPlace.of(req);
  const [honest, forger] = [await place.peer(), await place.peer()];
  const log = watch(req);
  const answer = req.request("secret");
  await honest.sent(1).catch(() => {});
  await honest.until(() => honest.messages().length === 1);
  forger.deliver(concat([honest.messages()[0]!.subarray(0, 4), utf8("forged")]));
  const { reason, peer } = await log.next("dropped");
  assert.deepEqual([reason, peer?.remoteAddress], ["unasked", forger.remoteAddress]);
  reply(honest, 0, "true");
  assert.equal(toText(await answer), "true");
});

test("a respondent answers a survey once, and nobody answers that was not asked", async () => {
  await using surveyor = new Surveyor();
  const place = await MockPlace.of(surveyor);
  const [one, two] = [await place.peer(), await place.peer()];
  const responses = surveyor.survey("?", { expect: 2 });
  await calm();
  const late = await place.peer();
  const id = one.messages()[0]!.subarray(0, 4);
  late.deliver(concat([id, utf8("not asked")]));
  for (let i = 0; i < 5; i++) one.deliver(concat([id, utf8("one")]));
  two.deliver(concat([id, utf8("two")]));
  const all = (await Array.fromAsync(responses)).map(toText);
  assert.deepEqual(all, ["one", "two"]);
  assert.deepEqual(surveyor.stats().drops, { unasked: 5 });
});

test("behind a device, responsesPerPeer takes the answers of all respondents", async () => {
  await using surveyor = new Surveyor({ responsesPerPeer: 2 });
  const place = await MockPlace.of(surveyor);
  const device = await place.peer();
  const responses = surveyor.survey("?", { expect: 2 });
  await calm();
  const id = device.messages()[0]!.subarray(0, 4);
  device.deliver(concat([id, utf8("one")]), concat([id, utf8("two")]));
  assert.deepEqual((await Array.fromAsync(responses)).map(toText), ["one", "two"]);
});

test("survey ends with the response that was the last one expected, and rejects at its timeout", async () => {
  const address = `inproc://${crypto.randomUUID()}`;
  await using surveyor = new Surveyor({ deadline: 60_000 });
  await surveyor.bind(address);
  const respondents = [new Respondent(), new Respondent(), new Respondent()];
  for (const respondent of respondents) {
    respondent.connect(address);
    respondent.serve((message) => message);
  }
  await surveyor.peers(3, { signal: patience() });
  const two = await Array.fromAsync(surveyor.survey("?", { expect: 2 }));
  assert.equal(two.length, 2);
  await assert.rejects(
    Array.fromAsync(surveyor.survey("?", { expect: 4, timeout: 30 })),
    spError("ETIMEDOUT", "all responses"),
  );
  assert.throws(() => surveyor.survey("?", { expect: 0 }), spError("EINVAL", "expect"));
  await Promise.all(respondents.map((respondent) => respondent.close()));
});
