/** ROUTER and DEALER with zeromq.js. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Dealer, Router } from "../../../zmtp/mod.ts";
import { EventLog } from "../../conformance/events_log.ts";
import { text, utf8 } from "../../helpers/bytes.ts";
import { spError } from "../../helpers/errors.ts";
import { link, ROLES, take, takeTexts, until } from "../helpers/link.ts";
import { sharedProcess, skip, type ZSocket } from "../peers/zeromq.ts";

const zeromq = sharedProcess();

for (const role of ROLES) {
  // Check 26.
  test(`our ROUTER tells ten DEALERs of zeromq.js's apart, named or not, when we ${role}`, {
    skip,
  }, async () => {
    const z = await zeromq();
    await using router = new Router();
    const dealers: ZSocket[] = [];
    try {
      for (let i = 0; i < 10; i++) {
        const dealer = await z.socket("Dealer", i % 2 === 0 ? { routingId: `name ${i}` } : {});
        dealers.push(dealer);
        await link(role, router, dealer, { peers: i + 1 });
        await dealer.send([`${i}`, "hello"]);
      }
      const ids = new Map<string, Uint8Array>();
      for (const [id, number, hello] of await take(router, 10)) {
        assert.equal(text(hello!), "hello");
        ids.set(text(number!), id!);
      }
      for (let i = 0; i < 10; i++) {
        const id = ids.get(`${i}`)!;
        if (i % 2 === 0) assert.equal(text(id), `name ${i}`);
        else assert.deepEqual([id.length, id[0]], [5, 0]);
      }
      for (let i = 9; i >= 0; i--) await router.send([ids.get(`${i}`)!, "for", `${i}`]);
      for (const [i, dealer] of dealers.entries()) {
        assert.deepEqual(await dealer.texts(), [`for|${i}`]);
      }
    } finally {
      await z.closeAll();
    }
  });

  // Check 27.
  test(`our ROUTER drops what nobody is there for, or says so if it must, when we ${role}`, {
    skip,
  }, async () => {
    const z = await zeromq();
    for (const mandatory of [true, false]) {
      await using dealer = await z.socket("Dealer", { routingId: "known" });
      await using router = new Router({ mandatory });
      const events = new EventLog(router);
      await link(role, router, dealer);
      if (mandatory) {
        await assert.rejects(router.send(["unknown", "body"]), spError("EHOSTUNREACH"));
      } else {
        await router.send(["unknown", "body"]);
        await events.next("dropped", ({ reason }) => reason as string === "unroutable");
      }
      await router.send(["known", "body"]);
      assert.deepEqual(await dealer.texts(), ["body"]);
    }
  });

  // Check 28.
  test(
    `a DEALER of zeromq.js's that comes back under its routing id is heard and answered when we ${role}`,
    {
      skip,
    },
    async () => {
      const z = await zeromq();
      await using router = new Router({ reconnectMin: 20, reconnectMax: 50 });
      let address: string | undefined;
      for (let life = 0; life < 3; life++) {
        const dealer = await z.socket("Dealer", { routingId: "same" });
        if (role === "bind") {
          address ??= (await router.bind("tcp://127.0.0.1:0")).address;
          await dealer.connect(address);
        } else if (address === undefined) {
          address = await dealer.bind();
          router.connect(address);
        } else {
          await dealer.bind(address);
        }
        await dealer.send(`life ${life}`);
        assert.deepEqual(await takeTexts(router), [`same|life ${life}`]);
        await router.send(["same", `answer ${life}`]);
        assert.deepEqual(await dealer.texts(), [`answer ${life}`]);
        await dealer.close();
        await until(() => router.stats().peers.length === 0, "the end of the connection");
      }
    },
  );

  // Check 29.
  test(`our DEALER and zeromq.js's send each other what they like when we ${role}`, {
    skip,
  }, async () => {
    const z = await zeromq();
    await using theirs = await z.socket("Dealer");
    await using ours = new Dealer();
    await link(role, ours, theirs);
    await theirs.send("one", ["", "two"], ["three", ""]);
    assert.deepEqual(await takeTexts(ours, 3), ["one", "|two", "three|"]);
    await ours.send("one");
    await ours.send(["", "two"]);
    await ours.send([utf8("three"), ""]);
    assert.deepEqual(await theirs.texts(3), ["one", "|two", "three|"]);
  });

  // Check 29.
  test(`our DEALER asks zeromq.js's REP with a delimiter of its own when we ${role}`, {
    skip,
  }, async () => {
    const z = await zeromq();
    await using rep = await z.socket("Reply");
    await rep.echo();
    await using dealer = new Dealer();
    await link(role, dealer, rep);
    for (let i = 0; i < 10; i++) await dealer.send(["", `${i}`]);
    const expected = Array.from({ length: 10 }, (_, i) => `|${i}`);
    assert.deepEqual(await takeTexts(dealer, 10), expected);
  });
}

// Check 28.
// Only when we bind: as the one who connects, it would take the id back with its next try.
test("our ROUTER gives a routing id to the DEALER of zeromq.js's that came last", {
  skip,
}, async () => {
  const z = await zeromq();
  await using router = new Router();
  const events = new EventLog(router);
  await using first = await z.socket("Dealer", { routingId: "same", reconnectInterval: -1 });
  const listener = await router.bind("tcp://127.0.0.1:0");
  await first.connect(listener.address);
  await first.send("first");
  assert.deepEqual(await takeTexts(router), ["same|first"]);
  await using second = await z.socket("Dealer", { routingId: "same" });
  await second.connect(listener.address);
  await second.send("second");
  assert.deepEqual(await takeTexts(router), ["same|second"]);
  await router.send(["same", "answer"]);
  assert.deepEqual(await second.texts(), ["answer"]);
  // The old connection is closed, not left without anybody to hear it.
  const { reason } = await events.next("detached");
  assert.equal(typeof reason?.code, "string");
  assert.equal(router.stats().peers.length, 1);
});
