/** Who has subscribed to what: a set of prefixes for each peer, and its limit. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Pipe } from "../../../src/pipes/pipe.ts";
import { Publisher, type PublisherOptions } from "../../../zmtp/patterns/publisher.ts";
import { concat, utf8 } from "../../helpers/bytes.ts";
import { Collector } from "../../helpers/collector.ts";
import { spError } from "../../helpers/errors.ts";
import { type MockPipe, mockPipe } from "../../helpers/mock_pipe.ts";
import { turn } from "../../helpers/turns.ts";

function said(byte: number, prefix: string | Uint8Array): Uint8Array<ArrayBuffer> {
  return concat([Uint8Array.of(byte), typeof prefix === "string" ? utf8(prefix) : prefix]);
}

/** A publisher and peers of it, whose answers to subscriptions are collected. */
class Scene {
  readonly publisher: Publisher;
  readonly peers: MockPipe[] = [];
  readonly errors: Collector<never> = new Collector();

  constructor(count: number, options: PublisherOptions = {}) {
    this.publisher = new Publisher(options);
    for (let i = 0; i < count; i++) {
      const peer = mockPipe({ framing: "tcp" });
      this.publisher.attach(peer.pipe);
      this.peers.push(peer);
    }
  }

  say(peer: number, byte: number, prefix: string | Uint8Array): boolean {
    return this.publisher.take(this.pipe(peer), said(byte, prefix), this.errors) !== undefined;
  }

  /** How many peers have subscribed to a prefix. */
  count(prefix: string | Uint8Array): number {
    const peer = mockPipe({ framing: "tcp" }).pipe;
    this.publisher.attach(peer);
    const { before } = this.publisher.take(peer, said(0, prefix), this.errors)!;
    this.publisher.detach(peer);
    return before;
  }

  pipe(peer: number): Pipe {
    return this.peers[peer]!.pipe;
  }

  /** What each peer has got so far. */
  async got(): Promise<string[][]> {
    await turn();
    return this.peers.map(({ connection }) => connection.texts);
  }
}

test("a peer that has subscribed twice takes it back once", async () => {
  const scene = new Scene(1);
  for (let i = 0; i < 2; i++) assert.equal(scene.say(0, 1, "a"), true);
  scene.publisher.send(utf8("a1"));
  assert.equal(scene.say(0, 0, "a"), true);
  scene.publisher.send(utf8("a2"));
  assert.deepEqual(await scene.got(), [["a1"]]);
});

test("the end of a subscription that there is not changes nothing", async () => {
  const scene = new Scene(2);
  scene.say(0, 1, "a");
  for (const prefix of ["", "b", "ab"]) assert.equal(scene.say(0, 0, prefix), true);
  scene.say(1, 0, "a");
  scene.publisher.send(utf8("abc"));
  assert.deepEqual(await scene.got(), [["abc"], []]);
});

test("a message goes once to a peer, however many of its subscriptions match", async () => {
  const scene = new Scene(2);
  for (const prefix of ["", "a", "ab"]) scene.say(0, 1, prefix);
  scene.say(1, 1, "b");
  for (const message of ["abc", "b", ""]) scene.publisher.send(utf8(message));
  assert.deepEqual(await scene.got(), [["abc", "b", ""], ["b"]]);
});

test("what is no subscription is not taken", () => {
  const scene = new Scene(1);
  for (const bytes of [new Uint8Array(0), said(2, "a"), said(255, "")]) {
    assert.equal(scene.publisher.take(scene.pipe(0), bytes, scene.errors), undefined);
  }
});

test("a peer that is gone has no subscriptions, and says none", () => {
  const scene = new Scene(2);
  for (const peer of [0, 1]) scene.say(peer, 1, "both");
  scene.say(0, 1, "one");
  assert.deepEqual(scene.publisher.of(scene.pipe(0), "only its"), ["one"]);
  assert.equal(scene.publisher.of(scene.pipe(0), "all").length, 2);
  scene.publisher.detach(scene.pipe(0));
  assert.equal(scene.say(0, 1, "late"), true);
  assert.deepEqual(["both", "one", "late"].map((prefix) => scene.count(prefix)), [1, 0, 0]);
  scene.publisher.detach(scene.pipe(0));
  assert.equal(scene.count("both"), 1, "detached twice");
});

test("a subscription is kept in memory of its own", async () => {
  const scene = new Scene(1);
  const bytes = said(1, "topic");
  scene.publisher.take(scene.pipe(0), bytes, scene.errors);
  bytes.fill(0);
  scene.publisher.send(utf8("topic"));
  assert.deepEqual(await scene.got(), [["topic"]]);
});

test("each prefix costs twice its bytes and the first one, and 256; what is taken back is free again", () => {
  const scene = new Scene(1, { subscriptionBuffer: 3 * (2 * (10 + 1) + 256) });
  const prefix = (i: number): string => `prefix ${100 + i}`;
  for (let i = 0; i < 20; i++) {
    if (i >= 3) scene.say(0, 0, prefix(i - 3));
    scene.say(0, 1, prefix(i));
    scene.say(0, 1, prefix(i));
  }
  assert.deepEqual(scene.errors.errors, []);
  scene.say(0, 1, "");
  assert.equal(scene.errors.errors.length, 1);
  spError("EMSGSIZE", "subscriptionBuffer, 834 bytes")(scene.errors.errors[0]);
});

test("who waits for a prefix is told when somebody subscribes to it, and to no other", async () => {
  const scene = new Scene(1);
  const told: string[] = [];
  const waits = ["a", "ab"].map((prefix) =>
    scene.publisher.subscribed(utf8(prefix), {}).then(() => told.push(prefix))
  );
  scene.say(0, 1, "ab");
  await waits[1];
  assert.deepEqual(told, ["ab"]);
  scene.say(0, 1, "a");
  await waits[0];
  await scene.publisher.subscribed(utf8("a"), {});
  scene.say(0, 0, "a");
  await assert.rejects(
    scene.publisher.subscribed(utf8("a"), { timeout: 1 }),
    spError("ETIMEDOUT"),
  );
});

test("whatever is subscribed to and taken back, each peer gets what begins with what it has now", async () => {
  const letter = fc.constantFrom("a", "b", "\0", "\xff");
  const word = fc.string({ unit: letter, maxLength: 4 });
  const step = fc.record({
    peer: fc.integer({ min: 0, max: 1 }),
    byte: fc.integer({ min: 0, max: 1 }),
    prefix: word,
  });
  const bytes = (word: string) => Uint8Array.from(word, (letter) => letter.charCodeAt(0));
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), word, async (steps, topic) => {
      const scene = new Scene(2);
      const sets = [new Set<string>(), new Set<string>()];
      for (const { peer, byte, prefix } of steps) {
        scene.say(peer, byte, bytes(prefix));
        if (byte === 1) sets[peer]!.add(prefix);
        else sets[peer]!.delete(prefix);
      }
      scene.publisher.send([bytes(topic)][0]!);
      await turn();
      const wanted = sets.map((set) => [...set].some((prefix) => topic.startsWith(prefix)) ? 1 : 0);
      assert.deepEqual(scene.peers.map(({ connection }) => connection.messages().length), wanted);
      for (const prefix of new Set(steps.map(({ prefix }) => prefix))) {
        const count = sets.filter((set) => set.has(prefix)).length;
        assert.equal(scene.count(bytes(prefix)), count);
      }
    }),
  );
});
