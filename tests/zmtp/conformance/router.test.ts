/** ROUTER of ZMTP: who is called what, and what becomes of messages for nobody. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Dealer, Pair, Req, Router } from "../../../zmtp/mod.ts";
import { text } from "../../helpers/bytes.ts";
import { spError } from "../../helpers/errors.ts";
import { isPending } from "../../helpers/turns.ts";
import { attached, patience, watch } from "../../conformance/stage.ts";
import { texts } from "../helpers/frames_text.ts";
import { SOME_TRANSPORTS } from "./places.ts";

const SOON = { reconnectMin: 5, reconnectMax: 50 };

for (const { name, open } of SOME_TRANSPORTS) {
  test(`a ROUTER over ${name} tells its peers apart by their ids, given or not`, async () => {
    await using place = await open();
    await using router = new Router();
    const log = watch(router);
    await place.listen(router);
    const dealers = [
      new Dealer({ routingId: "named" }),
      new Dealer({ routingId: new Uint8Array(255).fill(0xff) }),
      new Dealer(),
      new Dealer(),
    ] as const;
    for (const dealer of dealers) place.dial(dealer);
    for (const [i, dealer] of dealers.entries()) await dealer.send([`${i}`, "", "body"]);
    const ids: Uint8Array<ArrayBuffer>[] = [];
    for (let i = 0; i < 4; i++) {
      const [id, number, empty, body] = await router.receive({ signal: patience() });
      ids[Number(text(number!))] = id!;
      assert.deepEqual(texts([empty!, body!]), ["", "body"]);
    }
    assert.equal(text(ids[0]!), "named");
    assert.equal(ids[1]!.length, 255);
    for (const id of ids.slice(2)) assert.deepEqual([id.length, id[0]], [5, 0]);
    assert.notDeepEqual(ids[2], ids[3]);
    for (const [i, id] of ids.entries()) await router.send([id, `to ${i}`, ""]);
    for (const [i, dealer] of dealers.entries()) {
      assert.deepEqual(texts(await dealer.receive({ signal: patience() })), [`to ${i}`, ""]);
    }
    const peers = log.of("attached").map(({ peer }) => peer);
    const first = peers.find(({ identity }) => identity?.length === 5)!;
    assert.equal(text(first.identity!), "named");
    assert.deepEqual(first.metadata, { "Socket-Type": "DEALER", Identity: "named" });
    await Promise.all(dealers.map((dealer) => dealer.close()));
  });

  test(`an id that a ROUTER over ${name} hands out is its receiver's own memory`, async () => {
    await using place = await open();
    await using router = new Router();
    await place.listen(router);
    await using dealer = new Dealer({ routingId: "named" });
    place.dial(dealer);
    await dealer.send("a");
    const [id] = await router.receive({ signal: patience() });
    id!.fill(88);
    await dealer.send("b");
    assert.deepEqual(texts(await router.receive({ signal: patience() })), ["named", "b"]);
  });

  test(`a message of a ROUTER over ${name} for nobody is dropped, counted and told`, async () => {
    await using place = await open();
    await using router = new Router();
    const log = watch(router);
    await place.listen(router);
    await router.send(["nobody", "body"]);
    await router.send(["nobody", "body"]);
    const { reason, peer } = await log.next("dropped");
    assert.deepEqual([reason, peer], ["unroutable", undefined]);
    assert.deepEqual(router.stats().drops, { unroutable: 2 });
  });

  test(`a ROUTER over ${name} that is mandatory rejects what is for nobody, and waits for room`, async () => {
    await using place = await open();
    await using router = new Router({ mandatory: true, sendHighWaterMark: 2, sendBuffer: 1000 });
    await place.listen(router);
    await assert.rejects(router.send(["nobody", "body"]), spError("EHOSTUNREACH", '"nobody"'));
    const dealer = new Dealer({ routingId: "slow", receiveBuffer: 1000 });
    place.dial(dealer);
    await router.peers(1, { signal: patience() });
    const body = new Uint8Array(100_000);
    let sent = router.send(["slow", body]);
    while (!await isPending(sent)) sent = router.send(["slow", body]);
    const other = router.send(["nobody", body]);
    const last = router.send(["slow", body]);
    // They wait in order; when the peer has left there is nobody for any.
    await Promise.all([
      assert.rejects(sent, spError("EHOSTUNREACH", '"slow"')),
      assert.rejects(last, spError("EHOSTUNREACH", '"slow"')),
      assert.rejects(other, spError("EHOSTUNREACH", '"nobody"')),
      dealer.close({ linger: 0 }),
    ]);
  });

  for (const overflow of ["drop-newest", "drop-oldest"] as const) {
    test(`a ROUTER over ${name} by ${overflow} does not wait for a peer that does not read`, async () => {
      await using place = await open();
      await using router = new Router({ overflow, sendBuffer: 100_000 });
      await place.listen(router);
      await using slow = new Dealer({ routingId: "slow", receiveBuffer: 1000 });
      await using quick = new Dealer({ routingId: "quick" });
      place.dial(slow);
      place.dial(quick);
      await router.peers(2, { signal: patience() });
      let count = 0;
      for (; router.stats().drops.overflow === undefined && count < 10_000; count++) {
        await router.send(["slow", `${count}`, new Uint8Array(50_000)]);
      }
      await router.send(["quick", "news"]);
      assert.deepEqual(texts(await quick.receive({ signal: patience() })), ["news"]);
      const numbers: number[] = [];
      const { overflow: lost = 0 } = router.stats().drops;
      while (numbers.length < count - lost) {
        const [number] = await slow.receive({ signal: patience() });
        numbers.push(Number(text(number!)));
      }
      assert.equal(numbers.at(-1) === count - 1, overflow === "drop-oldest");
    });
  }

  test(`a ROUTER over ${name} hands an id over to who comes with it later`, async () => {
    await using place = await open();
    await using router = new Router();
    const log = watch(router);
    await place.listen(router);
    await using first = new Dealer({ routingId: "same", reconnectMin: 60_000 });
    place.dial(first);
    await router.peers(1, { signal: patience() });
    await using second = new Dealer({ routingId: "same" });
    const told = watch(second);
    place.dial(second);
    assert.equal((await log.next("detached")).reason?.code, "EBUSY");
    await told.next("attached");
    await router.send(["same", "for the second"]);
    assert.deepEqual(texts(await second.receive({ signal: patience() })), ["for the second"]);
    assert.equal(router.stats().peers.length, 1);
    await second.send("from the second");
    assert.deepEqual(texts(await router.receive({ signal: patience() })), [
      "same",
      "from the second",
    ]);
  });

  test(`a ROUTER over ${name} without handover refuses who comes with an id that another has`, async () => {
    await using place = await open();
    await using router = new Router({ handover: false });
    const log = watch(router);
    await place.listen(router);
    const first = new Dealer({ routingId: "same" });
    place.dial(first);
    await router.peers(1, { signal: patience() });
    await using second = new Dealer({ routingId: "same", ...SOON });
    place.dial(second);
    const { reason } = await log.next("rejected");
    assert.equal(reason.code, "EBUSY");
    assert.match(reason.message, /routing id/);
    await router.send(["same", "for the first"]);
    assert.deepEqual(texts(await first.receive({ signal: patience() })), ["for the first"]);
    await first.close();
    await second.send("at last");
    assert.deepEqual(texts(await router.receive({ signal: patience() })), ["same", "at last"]);
  });

  test(`ROUTERs over ${name} reach each other by the ids that they have, or are given`, async () => {
    await using place = await open();
    await using server = new Router({ routingId: "server" });
    await place.listen(server);
    await using client = new Router({ routingId: "client" });
    place.dial(client);
    await attached(client, server);
    await client.send(["server", "hello"]);
    assert.deepEqual(texts(await server.receive({ signal: patience() })), ["client", "hello"]);
  });

  for (
    const [type, make] of [
      ["REQ", () => new Req({ probeRouter: true, routingId: "prober" })],
      ["DEALER", () => new Dealer({ probeRouter: true, routingId: "prober" })],
      ["ROUTER", () => new Router({ probeRouter: true, routingId: "prober" })],
    ] as const
  ) {
    test(`a ${type} over ${name} announces itself to a ROUTER by an empty message`, async () => {
      await using place = await open();
      await using router = new Router();
      await place.listen(router);
      await using prober = make();
      place.dial(prober);
      assert.deepEqual(texts(await router.receive({ signal: patience() })), ["prober", ""]);
    });
  }
}

test("a ROUTER calls a peer as connect says, whatever the peer calls itself, again and again", async () => {
  await using router = new Router({ mandatory: true, ...SOON });
  const log = watch(router);
  let dealer = new Dealer({ routingId: "itself" });
  const { address } = await dealer.bind("tcp://127.0.0.1:0");
  router.connect(address, { routingId: "given" });
  for (let i = 0; i < 2; i++) {
    await router.peers(1, { signal: patience() });
    await router.send(["given", `${i}`]);
    assert.deepEqual(texts(await dealer.receive({ signal: patience() })), [`${i}`]);
    await dealer.send("back");
    assert.deepEqual(texts(await router.receive({ signal: patience() })), ["given", "back"]);
    await dealer.close();
    if (i === 1) break;
    await log.next("detached");
    dealer = new Dealer({ routingId: "itself" });
    await dealer.bind(address);
  }
});

test("a ROUTER that connects twice to an address calls each peer as its connect says", async () => {
  await using dealer = new Dealer();
  const { address } = await dealer.bind("tcp://127.0.0.1:0");
  await using router = new Router({ mandatory: true });
  router.connect(address, { routingId: "one" });
  router.connect(address, { routingId: "two" });
  await router.peers(2, { signal: patience() });
  await router.send(["one", "1"]);
  await router.send(["two", "2"]);
  const heard = [await dealer.receive(), await dealer.receive()].map((frames) => texts(frames)[0]);
  assert.deepEqual(heard.sort(), ["1", "2"]);
});

test("a name that a ROUTER gave to an address is gone with the dialer that had it", async () => {
  await using dealer = new Dealer({ routingId: "itself" });
  const { address } = await dealer.bind("tcp://127.0.0.1:0");
  await using router = new Router();
  const dialer = router.connect(address, { routingId: "given" });
  await dialer.opened;
  await dialer.close();
  router.connect(address);
  await dealer.peers(1, { signal: patience() });
  await dealer.send("whose?");
  assert.deepEqual(texts(await router.receive({ signal: patience() })), ["itself", "whose?"]);
});

test("a routing id that is none is refused, and nothing is connected", () => {
  const router = new Router();
  for (const routingId of ["", "\0a", new Uint8Array(256), 17 as never]) {
    assert.throws(
      () => router.connect("inproc://x", { routingId }),
      spError("EINVAL", "routing id"),
    );
    assert.throws(() => new Dealer({ routingId }), spError("EINVAL", "routing id"));
  }
  assert.deepEqual(router.stats().endpoints, []);
  return router.close();
});

test("a ROUTER refuses a message that has no frame behind its routing id", async () => {
  await using router = new Router();
  for (const message of ["id", [], ["id"], [17 as never, "a"], ["id", 17 as never]]) {
    await assert.rejects(router.send(message), spError("EINVAL"));
  }
});

test("PAIR and PUSH have no routing id", () => {
  assert.throws(() => new Pair({ routingId: "a" } as never), spError("EINVAL", "routingId"));
});
