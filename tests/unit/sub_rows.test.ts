/** SUB, row by row of the tables of semantics (B5, B7), with mock peers. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Sub } from "../../patterns/pubsub.ts";
import { text, utf8 } from "../helpers/bytes.ts";
import { spError } from "../helpers/errors.ts";
import type { MockConnection } from "../helpers/mock_connection.ts";
import { MockPlace } from "../helpers/mock_transport.ts";
import { READERS } from "../helpers/platform_reader.ts";
import { isPending } from "../helpers/turns.ts";

function deliver(peer: MockConnection, words: string): void {
  peer.deliver(...words.split(" ").map(utf8));
}

/** What a socket has got, up to a last word that it is sure to get. */
async function received(sub: Sub, peer: MockConnection): Promise<string[]> {
  sub.subscribe("the end");
  peer.deliver(utf8("the end"));
  const words: string[] = [];
  for await (const message of sub) {
    if (text(message) === "the end") break;
    words.push(text(message));
  }
  return words;
}

describe("B5 SUB, no peer", () => {
  test("receive waits", async () => {
    await using sub = new Sub({ subscribe: "" });
    const place = await MockPlace.of(sub);
    const message = sub.receive();
    assert.equal(await isPending(message), true);
    deliver(await place.peer(), "a");
    assert.equal(text(await message), "a");
  });
});

describe("B5 SUB, several peers", () => {
  test("each has its turn", async () => {
    await using sub = new Sub({ subscribe: "" });
    const place = await MockPlace.of(sub);
    const [a, b] = [await place.peer(), await place.peer()];
    deliver(a, "a1 a2 a3");
    deliver(b, "b1");
    assert.deepEqual(await received(sub, b), ["a1", "b1", "a2"]);
  });
});

describe("B5 SUB, slow reader", () => {
  test("pushes the publisher back, and drops nothing of its own", async () => {
    await using sub = new Sub({ subscribe: "", receiveBuffer: 500 });
    const place = await MockPlace.of(sub);
    const peer = await place.peer();
    const words = Array.from({ length: 100 }, (_, i) => `${i}`);
    deliver(peer, words.join(" "));
    assert.equal(peer.paused, true);
    assert.ok(sub.stats().queuedMessages < 50);
    for (const word of words) assert.equal(text(await sub.receive()), word);
    assert.equal(peer.paused, false);
    assert.deepEqual(sub.stats().drops, {});
  });

  test("is not pushed back by what nobody subscribed to", async () => {
    await using sub = new Sub({ subscribe: "b", receiveBuffer: 500 });
    const place = await MockPlace.of(sub);
    const peer = await place.peer();
    deliver(peer, Array.from({ length: 100 }, () => "a").join(" "));
    assert.equal(peer.paused, false);
    assert.equal(sub.stats().queuedMessages, 0);
    assert.equal(sub.stats().messagesReceived, 0);
    assert.equal(sub.stats().messagesFiltered, 100);
  });
});

describe("B7 SUB, subscriptions", () => {
  const rows: readonly (readonly [string, string[], string, string[]])[] = [
    ["none: nothing is delivered", [], "a b", []],
    ["the empty prefix: everything is", [""], "a b", ["a", "b"]],
    ["a prefix: what begins with it is", ["we"], "weather we sport w", ["weather", "we"]],
    ["several prefixes that match: it is delivered once", ["w", "we", ""], "weather", ["weather"]],
    ["several prefixes: what begins with one of them is", ["a", "c"], "a1 b1 c1", ["a1", "c1"]],
  ];
  for (const [name, prefixes, words, wanted] of rows) {
    test(name, async () => {
      await using sub = new Sub();
      const place = await MockPlace.of(sub);
      const peer = await place.peer();
      for (const prefix of prefixes) sub.subscribe(prefix);
      deliver(peer, words);
      assert.deepEqual(await received(sub, peer), wanted);
    });
  }

  test("can be options: one prefix, or several, as text or bytes", async () => {
    const options = ["b", ["b"], utf8("b"), [utf8("b"), "x"], new Uint8Array([0x62]).buffer];
    for (const subscribe of options) {
      await using sub = new Sub({ subscribe });
      const place = await MockPlace.of(sub);
      const peer = await place.peer();
      deliver(peer, "a b c");
      assert.deepEqual(await received(sub, peer), ["b"]);
    }
  });

  test("are matched against bytes, which a prefix of bytes can cut inside a character", async () => {
    await using sub = new Sub({ subscribe: new Uint8Array([0xc3]) });
    const place = await MockPlace.of(sub);
    const peer = await place.peer();
    deliver(peer, "über uber");
    assert.deepEqual(await received(sub, peer), ["über"]);
  });

  test("twice the same is the same as once: one unsubscribe ends it", async () => {
    await using sub = new Sub();
    const place = await MockPlace.of(sub);
    const peer = await place.peer();
    sub.subscribe("a");
    sub.subscribe("a");
    sub.unsubscribe("a");
    deliver(peer, "a");
    assert.deepEqual(await received(sub, peer), []);
  });

  test("that are unknown cannot be taken back: EINVAL", async () => {
    await using sub = new Sub({ subscribe: "ab" });
    for (const prefix of ["a", "abc", "", "x"]) {
      assert.throws(
        () => sub.unsubscribe(prefix),
        spError("EINVAL", `Cannot unsubscribe from "${prefix}"`),
      );
    }
    assert.throws(() => sub.subscribe(5 as unknown as string), spError("EINVAL", "5 (number)"));
  });

  test("that end take along what waits and matches no other", async () => {
    await using sub = new Sub({ subscribe: ["a", "ab", "c"] });
    const place = await MockPlace.of(sub);
    const peer = await place.peer();
    deliver(peer, "a1 ab1 c1 a2");
    sub.unsubscribe("a");
    assert.equal(sub.stats().queuedMessages, 2);
    assert.deepEqual(await received(sub, peer), ["ab1", "c1"]);
  });

  for (const [name, readerOf] of READERS) {
    test(`that end take along what ${name} has not read yet, and count it`, async () => {
      await using sub = new Sub({ subscribe: ["a", "b"] });
      const place = await MockPlace.of(sub);
      const peer = await place.peer();
      const reader = readerOf(sub.readable);
      deliver(peer, "a1 a2 b1 a3");
      assert.equal(text((await reader.read()).value!), "a1");
      sub.unsubscribe("a");
      assert.equal(text((await reader.read()).value!), "b1");
      assert.equal(sub.stats().drops["unsubscribed"], 2);
    });
  }

  test("change what comes from then on, also for a peer that is there already", async () => {
    await using sub = new Sub();
    const place = await MockPlace.of(sub);
    const peer = await place.peer();
    deliver(peer, "a1");
    sub.subscribe("a");
    deliver(peer, "a2");
    assert.deepEqual(await received(sub, peer), ["a2"]);
  });
});

describe("B7 SUB, data to a PUB", () => {
  test("is never sent: not to subscribe, not to unsubscribe, not to close", async () => {
    const sub = new Sub({ subscribe: "a" });
    const place = await MockPlace.of(sub);
    const peer = await place.peer();
    sub.subscribe("b");
    sub.unsubscribe("a");
    assert.equal("send" in sub, false);
    assert.equal("writable" in sub, false);
    await sub.close();
    assert.deepEqual(peer.writes, []);
    assert.equal(peer.ended, true);
  });
});
