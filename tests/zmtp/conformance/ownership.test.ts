/** Whose memory frames are: a sender's small buffers are free on return, and what is received is its receiver's alone. */

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { transfer } from "../../../mod.ts";
import { Dealer, Pub, Pull, Push, Rep, Req, Router, Sub, XPub } from "../../../zmtp/mod.ts";
import { pattern, utf8 } from "../../helpers/bytes.ts";
import { spError } from "../../helpers/errors.ts";
import { patience } from "../../conformance/stage.ts";
import { leaveTransports, TRANSPORTS } from "../../conformance/transports.ts";
import { texts } from "../helpers/frames_text.ts";
import { SOME_TRANSPORTS } from "./places.ts";

after(leaveTransports);

const LARGE = 100_000;

/** A frame that has the size of the largest that is copied. */
const COPIED = 16 * 1024;

for (const { name, open } of TRANSPORTS) {
  test(`frames over ${name} that wait for a peer are as they were when they were sent`, async () => {
    await using place = await open();
    await using push = new Push();
    await using pull = new Pull();
    const [one, two] = [utf8("one"), new Uint8Array(COPIED).fill(1)];
    await push.send([one, two]);
    await push.send(one);
    const writer = push.writable.getWriter();
    const written = writer.write([one, two]);
    one.fill(88);
    two.fill(88);
    await place.listen(pull);
    place.dial(push);
    for (const count of [2, 1, 2]) {
      const frames = await pull.receive({ signal: patience() });
      assert.equal(frames.length, count);
      assert.deepEqual(texts([frames[0]!]), ["one"]);
      if (count === 2) assert.ok(frames[1]!.every((byte) => byte === 1));
    }
    await written;
  });

  test(`frames over ${name} that wait for room are as they were when they were sent`, async () => {
    await using place = await open();
    await using push = new Push({ immediate: true });
    await using pull = new Pull();
    const frame = utf8("hello");
    const sent = push.send([frame, "", frame]);
    frame.fill(88);
    await place.listen(pull);
    place.dial(push);
    await sent;
    assert.deepEqual(texts(await pull.receive({ signal: patience() })), ["hello", "", "hello"]);
  });

  test(`two subscribers over ${name} do not see what the other writes to a message`, async () => {
    await using place = await open();
    await using pub = new XPub({ verbosity: "allSubs" });
    await place.listen(pub);
    const subs = [new Sub({ subscribe: "" }), new Sub({ subscribe: "" })] as const;
    for (const sub of subs) place.dial(sub);
    for (let i = 0; i < 2; i++) await pub.receive({ signal: patience() });
    const body = pattern(COPIED);
    await pub.send(["shared?", body]);
    const [mine, yours] = await Promise.all(
      subs.map((sub) => sub.receive({ signal: patience() })),
    );
    for (const frame of mine!) frame.fill(88);
    body.fill(89);
    assert.deepEqual(texts([yours![0]!]), ["shared?"]);
    assert.deepEqual(yours![1], pattern(COPIED));
    await Promise.all(subs.map((sub) => sub.close()));
  });
}

for (const { name, open } of SOME_TRANSPORTS) {
  test(`transferred frames over ${name} arrive among others, and are gone where they were`, async () => {
    await using place = await open();
    await using push = new Push();
    await using pull = new Pull();
    await place.listen(pull);
    place.dial(push);
    const [small, large] = [utf8("small"), pattern(LARGE)];
    await push.send(["a", transfer(small), transfer(large), "z"]);
    assert.equal(large.length, 0);
    const [a, one, two, z] = await pull.receive({ signal: patience() });
    assert.deepEqual(texts([a!, one!, z!]), ["a", "small", "z"]);
    assert.deepEqual(two, pattern(LARGE));
    two!.fill(88);
  });

  test(`a transferred frame over ${name} goes to two subscribers that may each write to it, or see it read-only`, async () => {
    await using place = await open();
    await using pub = new XPub({ verbosity: "allSubs" });
    await place.listen(pub);
    const subs = [new Sub({ subscribe: "" }), new Sub({ subscribe: "" })] as const;
    for (const sub of subs) place.dial(sub);
    for (let i = 0; i < 2; i++) await pub.receive({ signal: patience() });
    await pub.send(["topic", transfer(pattern(LARGE))]);
    for (const sub of subs) {
      assert.deepEqual((await sub.receive({ signal: patience() }))[1], pattern(LARGE));
    }
    await Promise.all(subs.map((sub) => sub.close()));
  });

  test(`a request over ${name} that waits for a peer is as it was when it was asked`, async () => {
    await using place = await open();
    await using req = new Req();
    const [one, two] = [utf8("one"), utf8("two")];
    const reply = req.request([one, two]);
    await req.send([two, one]);
    one.fill(88);
    two.fill(88);
    await using rep = new Rep();
    rep.serve((frames) => frames);
    await place.listen(rep);
    place.dial(req);
    assert.deepEqual(texts(await reply), ["one", "two"]);
    assert.deepEqual(texts(await req.receive({ signal: patience() })), ["two", "one"]);
  });

  test(`a reply, and a ROUTER's message, over ${name} are as they were when they were sent`, async () => {
    await using place = await open();
    await using router = new Router();
    await place.listen(router);
    await using dealer = new Dealer({ routingId: "d" });
    place.dial(dealer);
    await router.peers(1, { signal: patience() });
    const [id, body] = [utf8("d"), utf8("body")];
    await router.send([id, body, body]);
    id.fill(88);
    body.fill(88);
    assert.deepEqual(texts(await dealer.receive({ signal: patience() })), ["body", "body"]);
  });

  test(`what an XPUB over ${name} hands out is its receiver's own memory`, async () => {
    await using place = await open();
    await using pub = new XPub();
    await place.listen(pub);
    const sub = new Sub({ subscribe: "topic" });
    place.dial(sub);
    const [said] = await pub.receive({ signal: patience() });
    said!.fill(88);
    await pub.send("topic");
    assert.deepEqual(texts(await sub.receive({ signal: patience() })), ["topic"]);
    await sub.close();
    const [end] = await pub.receive({ signal: patience() });
    assert.deepEqual(texts([end!.subarray(1)]), ["topic"]);
  });
}

test("a frame whose buffer was detached while it waited is dropped and counted, with all of its message", async () => {
  const address = `inproc://${crypto.randomUUID()}`;
  await using push = new Push();
  const large = pattern(LARGE);
  await push.send(["first", large]);
  await push.send("second");
  structuredClone(large.buffer, { transfer: [large.buffer] });
  await using pull = new Pull();
  await pull.bind(address);
  push.connect(address);
  assert.deepEqual(texts(await pull.receive({ signal: patience() })), ["second"]);
  assert.deepEqual(push.stats().drops, { detached: 1 });
});

test("a request whose buffer was detached while it waited fails", async () => {
  const address = `inproc://${crypto.randomUUID()}`;
  await using req = new Req();
  const large = pattern(LARGE);
  const request = req.request(["first", large], { signal: patience() });
  structuredClone(large.buffer, { transfer: [large.buffer] });
  await using rep = new Rep();
  rep.serve((frames) => frames);
  await rep.bind(address);
  const failed = assert.rejects(request, spError("EINVAL", "detached"));
  req.connect(address);
  await failed;
  assert.deepEqual(texts(await req.request("second")), ["second"]);
});

test("a PUB's message that nobody wants costs no copy, and its memory stays free", async () => {
  await using pub = new Pub();
  const body = utf8("x");
  await pub.send([body, body]);
  body.fill(0);
  assert.equal(pub.stats().messagesSent, 0);
});
