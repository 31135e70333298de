/** Peers that subscribe to more than a publisher should remember, or send what is no subscription. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Pipe } from "../../../src/pipes/pipe.ts";
import { Pub, XPub } from "../../../zmtp/mod.ts";
import { Publisher } from "../../../zmtp/patterns/publisher.ts";
import { Collector } from "../../helpers/collector.ts";
import { nextEvent } from "../../helpers/next_event.ts";
import { frame } from "../helpers/frames.ts";
import { command, stranger } from "../helpers/stranger.ts";

/** Bytes that a subscription counts besides twice its own. */
const OVERHEAD = 256;

for (const make of [Pub, XPub]) {
  test(`a peer of ${make.name} may subscribe to as much as subscriptionBuffer says, and then is closed`, async () => {
    await using pub = new make({ subscriptionBuffer: 2 * (2 * 4 + OVERHEAD) });
    const events = pub.events().getReader();
    const { address } = await pub.bind("tcp://127.0.0.1:0");
    using peer = await stranger(address, "SUB");
    await peer.send(command("SUBSCRIBE", "one"), command("SUBSCRIBE", "two"));
    // Said again, and taken back, they leave room for others.
    await peer.send(command("SUBSCRIBE", "two"), command("CANCEL", "one"));
    await peer.send(frame(0, Uint8Array.of(1, 1, 2, 3)), command("CANCEL", "nothing of the kind"));
    await peer.send(command("SUBSCRIBE", "6"));
    const { reason } = await nextEvent(events, "detached");
    assert.equal(reason?.code, "EMSGSIZE");
    assert.match(reason.message, /subscribed to more than 2 prefixes/);
    await peer.closed;
  });
}

test("an XPub is not told of a subscription that it refuses", async () => {
  await using pub = new XPub({ subscriptionBuffer: 2 * 4 + OVERHEAD, verbosity: "allSubs" });
  const events = pub.events().getReader();
  const { address } = await pub.bind("tcp://127.0.0.1:0");
  using peer = await stranger(address, "SUB");
  await peer.send(command("SUBSCRIBE", "one"), command("SUBSCRIBE", "two"));
  await nextEvent(events, "detached");
  const said = [await pub.receive(), await pub.receive()].map(([frame]) => [...frame!]);
  assert.deepEqual(said, [[1, 0x6f, 0x6e, 0x65], [0, 0x6f, 0x6e, 0x65]]);
  assert.equal(pub.stats().queuedMessages, 0);
});

/** How many characters are made of bytes while something runs. */
function charactersMade(run: () => void): number {
  const original = String.fromCharCode;
  let count = 0;
  String.fromCharCode = (...codes) => {
    count += codes.length;
    return original(...codes);
  };
  try {
    run();
  } finally {
    String.fromCharCode = original;
  }
  return count;
}

test("a publisher looks up what is a subscription, once, and not what is too long, or none", () => {
  const publisher = new Publisher({ subscriptionBuffer: 2000 });
  const pipe = {} as Pipe;
  publisher.attach(pipe);
  const takes = (first: number, length: number): unknown => {
    const said = new Uint8Array(length).fill(first, 0, 1);
    return publisher.take(pipe, said, new Collector<never>());
  };
  assert.equal(charactersMade(() => assert.equal(takes(2, 100_000), undefined)), 0);
  assert.equal(
    charactersMade(() => assert.deepEqual(takes(1, 100_000), { before: 0, after: 0 })),
    0,
  );
  assert.equal(
    charactersMade(() => assert.deepEqual(takes(0, 100_000), { before: 0, after: 0 })),
    0,
  );
  // One for the table, one for the trie.
  assert.equal(charactersMade(() => assert.deepEqual(takes(1, 101), { before: 0, after: 1 })), 200);
});
