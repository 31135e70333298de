/** What other implementations have got wrong, by their issues, tried with zeromq.js. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Dealer, Pair, proxy, Pub, Push, Rep, Req, Router } from "../../../zmtp/mod.ts";
import { EventLog } from "../../conformance/events_log.ts";
import { pattern } from "../../helpers/bytes.ts";
import { includes } from "../helpers/frames.ts";
import {
  joined,
  link,
  linkTapped,
  ourSide,
  ROLES,
  takeTexts,
  tapped,
  theirSide,
  until,
} from "../helpers/link.ts";
import { PATIENCE, sharedProcess, skip } from "../peers/zeromq.ts";

const zeromq = sharedProcess();
const timeout = PATIENCE;
const AGAIN = { reconnectMin: 20, reconnectMax: 50 };

// A second peer of libzmq's PAIR is ignored for ever, in silence.
test("our PAIR turns a second peer away, says so, and takes it when the first is gone", {
  skip,
}, async () => {
  const z = await zeromq();
  await using pair = new Pair();
  const events = new EventLog(pair);
  await using first = await z.socket("Pair");
  await using second = await z.socket("Pair", { reconnectInterval: 20 });
  const { address } = await link("bind", pair, first);
  await second.connect(address);
  assert.equal((await events.next("rejected")).reason.code, "EBUSY");
  await pair.send("to the first");
  assert.deepEqual(await first.texts(), ["to the first"]);
  await first.close();
  await events.next("attached", ({ peer }) => peer !== events.of("attached")[0]!.peer);
  await pair.send("to the second");
  assert.deepEqual(await second.texts(), ["to the second"]);
});

// libzmq#2892: the second of a name is a zombie.
test(
  "our ROUTER without handover refuses a second DEALER of the same name until the first is gone",
  {
    skip,
  },
  async () => {
    const z = await zeromq();
    await using router = new Router({ handover: false });
    const events = new EventLog(router);
    await using first = await z.socket("Dealer", { routingId: "same" });
    const { address } = await link("bind", router, first);
    await using second = await z.socket("Dealer", { routingId: "same", reconnectInterval: 20 });
    await second.connect(address);
    assert.equal((await events.next("rejected")).reason.code, "EBUSY");
    await router.send(["same", "first"]);
    assert.deepEqual(await first.texts(), ["first"]);
    await first.close();
    // Before, it may give what it sends to a connection that is refused.
    await events.next("attached", () => events.of("attached").length > 1);
    await second.send("here");
    assert.deepEqual(await takeTexts(router), ["same|here"]);
    await router.send(["same", "second"]);
    assert.deepEqual(await second.texts(), ["second"]);
  },
);

test("our ROUTER calls the peer at an address as it is told to", { skip }, async () => {
  const z = await zeromq();
  await using echo = await z.socket("Dealer");
  await echo.echo();
  await using dealer = await z.socket("Dealer", { routingId: "its own" });
  await using router = new Router();
  router.connect(await echo.bind(), { routingId: "echo" });
  router.connect(await dealer.bind(), { routingId: "dealer" });
  await router.peers(2, { timeout });
  await router.send(["echo", "question"]);
  assert.deepEqual(await takeTexts(router), ["echo|question"]);
  await router.send(["dealer", "job"]);
  assert.deepEqual(await dealer.texts(), ["job"]);
  await dealer.send("done");
  assert.deepEqual(await takeTexts(router), ["dealer|done"]);
});

test("two ROUTERs find each other by probeRouter", { skip }, async () => {
  const z = await zeromq();
  await using theirs = await z.socket("Router", { routingId: "theirs" });
  await using ours = new Router({ routingId: "ours", probeRouter: true });
  ours.connect(await theirs.bind());
  assert.deepEqual(await theirs.texts(), ["ours|"]);
  await theirs.send(["ours", "hello"]);
  assert.deepEqual(await takeTexts(ours), ["theirs|hello"]);
  await ours.send(["theirs", "hello"]);
  assert.deepEqual(await theirs.texts(), ["ours|hello"]);
});

for (const role of ROLES) {
  // libzmq#180: the rest of a message went to another peer.
  test(`a message whose connection breaks goes on at no other PULL when we ${role}`, {
    skip,
  }, async () => {
    const z = await zeromq();
    await using push = new Push(AGAIN);
    await using first = await z.socket("Pull");
    await using second = await z.socket("Pull");
    await using tap = await linkTapped(role, push, first);
    const frames = Array.from({ length: 40 }, (_, i) => pattern(200_000, i));
    const sent = push.send(frames);
    await tap.until((seen) => seen.said(ourSide(role)).length > 1_000_000, "a part of it");
    tap.cut();
    await link(role, push, second);
    await sent;
    for (let i = 0; i < 20; i++) await push.send("whole");
    // Whoever gets it, gets all of it.
    const sizes = (await second.receive(5)).map((message) => message.length);
    assert.deepEqual(sizes.filter((size) => size !== 1 && size !== frames.length), []);
  });

  // zmq.rs#132: REP took the first frame for the delimiter.
  test(`our REP has questions of several peers at work at once when we ${role}`, {
    skip,
  }, async () => {
    const z = await zeromq();
    await using rep = new Rep();
    const answers: (() => void)[] = [];
    void rep.serve(
      (request) => new Promise((resolve) => answers.push(() => resolve(request))),
      { concurrency: 16 },
    );
    const dealers = [await z.socket("Dealer"), await z.socket("Dealer"), await z.socket("Dealer")];
    try {
      for (const [i, dealer] of dealers.entries()) {
        await link(role, rep, dealer, { peers: i + 1 });
        await dealer.send([`route ${i}`, "more", "", "question", "", `${i}`]);
      }
      await until(() => answers.length === 3, "three questions");
      for (const answer of answers.reverse()) answer();
      for (const [i, dealer] of dealers.entries()) {
        assert.deepEqual(await dealer.texts(), [`route ${i}|more||question||${i}`]);
      }
    } finally {
      await z.closeAll();
    }
  });

  // libzmq#172: REQ was stuck after its peer had died.
  test(`our REQ asks the REPs of zeromq.js's that are there when we ${role}`, {
    skip,
  }, async () => {
    const z = await zeromq();
    await using req = new Req(AGAIN);
    const reps = [await z.socket("Reply"), await z.socket("Reply")];
    for (const [i, rep] of reps.entries()) await link(role, req, rep, { peers: i + 1 });
    for (const rep of reps) await rep.echo();
    for (let i = 0; i < 10; i++) {
      assert.equal(joined(await req.request(`${i}`, { timeout })), `${i}`);
    }
    await reps[0]!.close();
    await until(() => req.stats().peers.length === 1, "the loss of a peer");
    for (let i = 0; i < 10; i++) {
      assert.equal(joined(await req.request(`${i}`, { timeout })), `${i}`);
    }
    await reps[1]!.close();
  });

  // Answers to who is gone are told of.
  test(`our REP's answer to a REQ of zeromq.js's that is gone is dropped when we ${role}`, {
    skip,
  }, async () => {
    const z = await zeromq();
    await using rep = new Rep();
    const events = new EventLog(rep);
    const gone = await z.socket("Request");
    await link(role, rep, gone);
    await gone.send("question");
    assert.deepEqual(await takeTexts(rep), ["question"]);
    await gone.close();
    await until(() => rep.stats().peers.length === 0, "the loss of the peer");
    await rep.send("answer");
    await events.next("dropped", ({ reason }) => reason === "peer-gone");
    await using next = await z.socket("Request");
    await link(role, rep, next);
    await next.send("next");
    assert.deepEqual(await takeTexts(rep), ["next"]);
    await rep.send("answer");
    assert.deepEqual(await next.texts(), ["answer"]);
  });

  // libzmq#4226: a ttl that runs over.
  test(`our socket is given up after its ttl, and comes back, when we ${role}`, {
    skip,
  }, async () => {
    const z = await zeromq();
    await using pull = await z.socket("Pull", { reconnectInterval: 20 });
    await using push = new Push({ heartbeat: { interval: 50, timeout: 60_000, ttl: 200 } });
    const events = new EventLog(push);
    await using tap = await linkTapped(role, push, pull);
    await tap.until((seen) => includes(seen.said(theirSide(role)), "\x04PONG"), "a PONG");
    tap.stall();
    // It is libzmq that ends the connection: we have time.
    await pull.event("disconnect");
    tap.cut();
    tap.resume();
    await events.next("attached", () => events.of("attached").length >= 2);
    await push.send("still here");
    assert.deepEqual(await pull.texts(), ["still here"]);
  });

  test(`our proxy stands between zeromq.js's REQ and REP when we ${role}`, { skip }, async () => {
    const z = await zeromq();
    await using front = new Router();
    await using back = new Dealer();
    await using capture = new Pub();
    await using _queue = proxy(front, back, { capture });
    await using rep = await z.socket("Reply");
    await rep.echo();
    const reqs = [await z.socket("Request"), await z.socket("Request")];
    await link(role, back, rep);
    for (const [i, req] of reqs.entries()) await link(role, front, req, { peers: i + 1 });
    for (let i = 0; i < 20; i++) {
      await Promise.all(reqs.map((req, j) => req.send([`${j}`, `${i}`])));
      assert.deepEqual(await Promise.all(reqs.map((req) => req.texts())), [[`0|${i}`], [`1|${i}`]]);
    }
    for (const req of reqs) await req.close();
  });

  // zeromq.js#381: two sends or receives at once fail there.
  test(`sends and receives at once keep their order when we ${role}`, { skip }, async () => {
    const z = await zeromq();
    await using theirs = await z.socket("Pair");
    await theirs.echo();
    await using ours = new Pair();
    await link(role, ours, theirs);
    const received = Array.from({ length: 100 }, () => ours.receive({ timeout }));
    await Promise.all(Array.from({ length: 100 }, (_, i) => ours.send(`${i}`)));
    assert.deepEqual(
      (await Promise.all(received)).map(joined),
      Array.from({ length: 100 }, (_, i) => `${i}`),
    );
  });

  // With immediate there is no queue for a peer that is not there.
  test(`our PUSH with immediate waits for zeromq.js's PULL when we ${role}`, { skip }, async () => {
    const z = await zeromq();
    await using push = new Push({ immediate: true });
    const events = new EventLog(push);
    let isSent = false;
    const sent = push.send("message").then(() => isSent = true);
    await events.next("send-waits", ({ reason }) => reason === "no-peer");
    assert.equal(isSent, false);
    await using pull = await z.socket("Pull");
    await using _tap = await tapped(role, push, pull);
    assert.deepEqual(await pull.texts(), ["message"]);
    await sent;
  });
}
