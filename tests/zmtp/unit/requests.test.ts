/** The requester's state machine, whatever happens in whatever order. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Pipe } from "../../../src/pipes/pipe.ts";
import { type Asker, Request, Requests } from "../../../zmtp/patterns/requests.ts";
import type { Frames } from "../../../zmtp/wire/frames.ts";
import { text, utf8 } from "../../helpers/bytes.ts";
import { spError } from "../../helpers/errors.ts";

/** A peer that keeps what it is sent. */
class Peer {
  readonly sendPriority = 8;
  readonly peer = { remoteAddress: "mock://peer" };
  readonly sent: Uint8Array[][] = [];
  readonly drops: string[] = [];
  readonly #onEnd: (pipe: Pipe) => void;
  full = false;
  open = true;
  errors = 0;

  constructor(onEnd: (pipe: Pipe) => void) {
    this.#onEnd = onEnd;
  }

  get pipe(): Pipe {
    return this as unknown as Pipe;
  }

  send(message: Uint8Array[]): void {
    assert.ok(this.open, "sent to a peer that is gone");
    this.sent.push(message);
  }

  drop(reason: string): void {
    this.drops.push(reason);
  }

  destroy(): void {
    if (!this.open) return;
    this.open = false;
    this.#onEnd(this.pipe);
  }

  error(): void {
    this.errors++;
    this.destroy();
  }
}

/** Somebody who wants one reply, and is told once. */
class Wish implements Asker {
  outcome: string | undefined;
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  resolve(reply: Frames): void {
    this.#settle(reply.map(text).join());
  }

  reject(reason: unknown): void {
    this.#settle((reason as { code: string }).code);
  }

  cancel(): void {
    this.#settle("cancelled");
  }

  #settle(outcome: string): void {
    assert.equal(this.outcome, undefined, `${this.name} is told twice`);
    this.outcome = outcome;
  }
}

/** A machine with its peers and those who ask. */
class Scene {
  readonly requests: Requests;
  readonly peers: Peer[] = [];
  readonly wishes: Wish[] = [];
  readonly asked: Request[] = [];
  readonly isNumbered: boolean;

  constructor(isNumbered: boolean) {
    this.isNumbered = isNumbered;
    this.requests = new Requests(isNumbered);
  }

  come(): Peer {
    const peer = new Peer((pipe) => {
      this.requests.detach(pipe);
      this.requests.pump();
    });
    this.peers.push(peer);
    this.requests.attach(peer.pipe);
    this.requests.pump();
    return peer;
  }

  ask(name = `${this.wishes.length}`): Wish {
    const wish = new Wish(name);
    const request = new Request(utf8(name), wish);
    this.wishes.push(wish);
    this.asked.push(request);
    this.requests.ask(request);
    return wish;
  }

  /** A peer answers something that it was sent, or sends what nobody asked for. */
  say(peer: Peer, message: Uint8Array[]): void {
    if (!peer.open) return;
    this.requests.inbound(peer.pipe).transform(message as never, peer as never);
  }

  /** The answer to the n-th message of a peer. */
  answer(peer: Peer, index: number): void {
    const message = peer.sent[index];
    if (message === undefined) return;
    const body = text(message.at(-1)! as Uint8Array<ArrayBuffer>);
    this.say(peer, [...message.slice(0, -1).map((frame) => frame.slice()), utf8(`re ${body}`)]);
  }
}

test("without numbers a peer has one request, and the next once it has answered", () => {
  const scene = new Scene(false);
  const peer = scene.come();
  const [one, two] = [scene.ask(), scene.ask()];
  assert.equal(peer.sent.length, 1);
  scene.answer(peer, 0);
  assert.deepEqual([one.outcome, two.outcome, peer.sent.length], ["re 0", undefined, 2]);
  scene.answer(peer, 1);
  assert.equal(two.outcome, "re 1");
});

test("a peer that is ready again while it has a request gets no other", () => {
  const scene = new Scene(false);
  const peer = scene.come();
  scene.ask();
  scene.ask();
  scene.requests.ready(peer.pipe);
  scene.requests.pump();
  assert.equal(peer.sent.length, 1);
});

test("with numbers requests go in turn, each with another number, in four bytes", () => {
  const scene = new Scene(true);
  const peers = [scene.come(), scene.come()];
  for (let i = 0; i < 4; i++) scene.ask();
  const ids = peers.flatMap(({ sent }) =>
    sent.map(([id]) => {
      assert.equal(id!.length, 4);
      return new DataView(id!.buffer, id!.byteOffset).getUint32(0);
    })
  );
  assert.deepEqual(peers.map(({ sent }) => sent.length), [2, 2]);
  assert.equal(new Set(ids).size, 4);
});

test("a reply with no number, to a request with one, is unasked, and harms nobody", () => {
  const scene = new Scene(true);
  const peer = scene.come();
  const wish = scene.ask();
  scene.say(peer, [new Uint8Array(0), utf8("no number")]);
  assert.deepEqual([peer.drops, wish.outcome, peer.open], [["late"], undefined, true]);
  scene.answer(peer, 0);
  assert.equal(wish.outcome, "re 0");
});

for (const isNumbered of [false, true]) {
  const kind = isNumbered ? "with numbers" : "without numbers";

  for (const message of [[utf8("alone")], [utf8("no"), utf8("delimiter")], [new Uint8Array(0)]]) {
    test(`${kind} a reply of ${message.length} frames without a delimiter or body ends its peer`, () => {
      const scene = new Scene(isNumbered);
      const peer = scene.come();
      const wish = scene.ask();
      scene.say(peer, message);
      assert.deepEqual([wish.outcome, peer.drops, peer.errors], ["ECONNRESET", ["malformed"], 1]);
    });
  }

  test(`${kind} all are told when the socket closes, and those that come later`, () => {
    const scene = new Scene(isNumbered);
    scene.come();
    for (let i = 0; i < 3; i++) scene.ask();
    const unsent = scene.requests.close(new Error("closed"));
    assert.equal(unsent, isNumbered ? 0 : 2);
    scene.ask();
    assert.deepEqual(scene.wishes.map(({ outcome }) => outcome), Array(4).fill("cancelled"));
  });

  test(`${kind} it is idle when the last is told, whichever way`, async () => {
    const scene = new Scene(isNumbered);
    await scene.requests.answered();
    const peer = scene.come();
    scene.ask();
    scene.ask();
    scene.ask();
    let isIdle = false;
    const idle = scene.requests.answered().then(() => isIdle = true);
    scene.requests.giveUp(scene.asked[2]!);
    scene.answer(peer, 0);
    await Promise.resolve();
    assert.equal(isIdle, false);
    peer.destroy();
    await idle;
  });

  test(`${kind} each is told once and right, whatever happens`, () => {
    const step = fc.record({
      what: fc.constantFrom(
        "come",
        "go",
        "ask",
        "ask",
        "answer",
        "answer",
        "again",
        "giveUp",
        "stray",
      ),
      which: fc.nat(20),
    });
    fc.assert(fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const scene = new Scene(isNumbered);
      const given = new Set<string>();
      /** Of all that came, one. */
      const pick = <T>(all: readonly T[], which: number): T | undefined => all[which % all.length];
      for (const { what, which } of steps) {
        const peer = pick(scene.peers, which);
        if (what === "come") scene.come();
        else if (what === "ask") scene.ask();
        else if (what === "giveUp") {
          const request = pick(scene.asked, which);
          const wish = pick(scene.wishes, which);
          if (request === undefined || wish!.outcome !== undefined) continue;
          given.add(wish!.name);
          wish!.outcome = "given up";
          scene.requests.giveUp(request);
        } else if (peer === undefined) continue;
        else if (what === "go") peer.destroy();
        else if (what === "answer") scene.answer(peer, peer.sent.length - 1);
        else if (what === "again" && isNumbered) {
          scene.answer(peer, which % (peer.sent.length || 1));
        } else if (what === "stray" && isNumbered) {
          scene.say(peer, [Uint8Array.of(0, 0, 0, which), new Uint8Array(0), utf8("stray")]);
        }
        for (const { sent, open } of scene.peers) {
          if (isNumbered || !open) continue;
          const names = sent.map((message) => text(message.at(-1)! as Uint8Array<ArrayBuffer>));
          const underWay = names.filter((name) =>
            scene.wishes[Number(name)]!.outcome === undefined
          );
          assert.ok(underWay.length <= 1, `a peer has ${underWay}`);
        }
      }
      const peer = scene.come();
      for (const each of scene.peers) {
        while (each.open && scene.wishes.some(({ outcome }) => outcome === undefined)) {
          const before = scene.wishes.filter(({ outcome }) => outcome === undefined).length;
          for (let i = 0; i < each.sent.length; i++) {
            if (isNumbered || i === each.sent.length - 1) scene.answer(each, i);
          }
          const after = scene.wishes.filter(({ outcome }) => outcome === undefined).length;
          if (after === before) break;
        }
      }
      assert.ok(peer.open);
      for (const { name, outcome } of scene.wishes) {
        const fits = outcome === `re ${name}` || outcome === "ECONNRESET" ||
          outcome === "given up" && given.has(name);
        assert.ok(fits, `${name}: ${outcome}`);
      }
      assert.equal(scene.requests.close(new Error("closed")), 0);
    }));
  });
}

test("what is malformed says so", () => {
  const scene = new Scene(false);
  const peer = scene.come();
  let reason: unknown;
  const controller = { error: (error: unknown) => reason = error, enqueue: () => {} };
  scene.requests.inbound(peer.pipe).transform([utf8("alone")] as never, controller as never);
  spError("EPROTO", "without the empty frame")(reason);
});
