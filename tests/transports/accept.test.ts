/** The accept hook, on every transport, on both of its sides. */

import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { type AcceptHook, type PeerInfo, Pull, Push, SPError } from "../../mod.ts";
import { attached, patience, toText, watch } from "../conformance/stage.ts";
import { leaveTransports, type Place, TRANSPORTS } from "../conformance/transports.ts";
import { calm } from "../helpers/turns.ts";

after(leaveTransports);

/** Tries once, for as long as a test takes. */
const ONCE = { reconnectMin: 60_000, reconnectMax: 60_000 };
const SOON = { reconnectMin: 5, reconnectMax: 20 };

/** A hook that the test answers. */
class Question {
  readonly asked: Promise<PeerInfo>;
  answer!: (accepted: boolean) => void;
  readonly hook: AcceptHook;

  constructor() {
    let told!: (peer: PeerInfo) => void;
    this.asked = new Promise((resolve) => told = resolve);
    this.hook = (peer) => {
      told(peer);
      return new Promise((resolve) => this.answer = resolve);
    };
  }
}

const REFUSALS: readonly [string, AcceptHook][] = [
  ["returns false", () => false],
  ["resolves with false", () => Promise.resolve(false)],
  ["throws", () => {
    throw new Error("not you");
  }],
  ["rejects", () => Promise.reject(new Error("not you"))],
];

for (const { name, open, redials } of TRANSPORTS) {
  describe(`the accept hook over ${name}`, () => {
    /** A receiver that listens and a sender that dials, which are closed at the end. */
    async function meet(
      use: (meeting: { pull: Pull; push: Push; place: Place }) => Promise<void>,
      { again = false } = {},
    ): Promise<void> {
      await using place = await open();
      const pull = new Pull();
      const push = new Push(again ? SOON : ONCE);
      try {
        await use({ pull, push, place });
      } finally {
        await Promise.all([pull.close({ linger: 0 }), push.close({ linger: 0 })]);
      }
    }

    test("is shown who is at the other end, on both sides", () =>
      meet(async ({ pull, push, place }) => {
        const seen: PeerInfo[] = [];
        const accept = (peer: PeerInfo) => seen.push(peer) > 0;
        await place.listen(pull, { accept });
        place.dial(push, { accept });
        await attached(push, pull);
        seen.sort((a, b) => a.role < b.role ? -1 : 1);
        assert.deepEqual(seen.map(({ role, protocol }) => [role, protocol]), [
          ["bind", "push"],
          ["connect", "pull"],
        ]);
        for (const { remoteAddress, localAddress, endpoint } of seen) {
          for (const address of [remoteAddress, localAddress, endpoint]) {
            assert.match(address, /^[a-z+]+:\/\/./);
          }
        }
        assert.equal(pull.stats().peers[0]!.id, seen[0]!.id);
      }));

    for (const [how, accept] of REFUSALS) {
      test(`that ${how} has the listener close the connection, and tell`, () =>
        meet(async ({ pull, push, place }) => {
          const [heard, told] = [watch(pull), watch(push)];
          await place.listen(pull, { accept });
          place.dial(push);
          const { reason, remoteAddress } = await heard.next("rejected");
          assert.equal(reason.code, "EREJECTED");
          assert.match(remoteAddress, /^[a-z+]+:\/\/./);
          if (how === "throws" || how === "rejects") {
            assert.equal((reason.cause as Error).message, "not you");
          }
          // The dialer had a peer already, or it never had one.
          await Promise.any([told.next("detached"), told.next("rejected")]);
          assert.deepEqual(heard.of("attached"), []);
          assert.deepEqual([pull.stats().peers, push.stats().peers], [[], []]);
          const rejected = pull.stats().endpoints[0]?.rejected ?? 1;
          assert.equal(rejected, 1);
        }));

      test(`that ${how} has the dialer close the connection, and tell`, () =>
        meet(async ({ pull, push, place }) => {
          const [heard, told] = [watch(pull), watch(push)];
          await place.listen(pull);
          place.dial(push, { accept });
          assert.equal((await told.next("rejected")).reason.code, "EREJECTED");
          if (redials) {
            const { reason, retryIn } = await told.next("connect-failed");
            assert.equal(reason.code, "EREJECTED");
            assert.ok(retryIn > 0);
          }
          await Promise.any([heard.next("detached"), heard.next("rejected")]);
          assert.deepEqual(told.of("attached"), []);
          assert.deepEqual([pull.stats().peers, push.stats().peers], [[], []]);
        }));
    }

    test("that takes its time holds up nobody else", () =>
      meet(async ({ pull, push, place }) => {
        const question = new Question();
        let count = 0;
        await place.listen(pull, {
          accept: (peer) => count++ === 0 ? question.hook(peer) : true,
        });
        place.dial(push);
        await question.asked;
        await using other = new Push(ONCE);
        place.dial(other);
        await attached(other, pull);
        await other.send("not held up");
        assert.equal(toText(await pull.receive({ signal: patience() })), "not held up");
        assert.equal(pull.stats().peers.length, 1);
        assert.equal(pull.stats().endpoints.reduce((sum, one) => sum + one.inProgress, 0), 1);
        question.answer(true);
        await pull.peers(2, { signal: patience() });
        await push.send("at last");
        assert.equal(toText(await pull.receive({ signal: patience() })), "at last");
      }));

    test("that takes its time lets no message through, and then all of them", () =>
      meet(async ({ pull, push, place }) => {
        const question = new Question();
        await place.listen(pull, { accept: question.hook });
        place.dial(push);
        const sent = (async () => {
          for (let i = 0; i < 100; i++) await push.send(`${i}`);
        })();
        await question.asked;
        await calm();
        assert.deepEqual([pull.stats().messagesReceived, pull.stats().peers], [0, []]);
        question.answer(true);
        for (let i = 0; i < 100; i++) {
          assert.equal(toText(await pull.receive({ signal: patience() })), `${i}`);
        }
        await sent;
      }));

    test("that accepts whoever has left meanwhile leaves no peer behind", () =>
      meet(async ({ pull, push, place }) => {
        const question = new Question();
        const heard = watch(pull);
        await place.listen(pull, { accept: question.hook });
        place.dial(push);
        await question.asked;
        await push.close();
        question.answer(true);
        const ended = await Promise.any([heard.next("rejected"), heard.next("detached")]);
        if (ended.type === "rejected") assert.equal(ended.reason.code, "ECONNRESET");
        assert.deepEqual(pull.stats().peers, []);
        assert.equal(pull.stats().endpoints.reduce((sum, one) => sum + one.inProgress, 0), 0);
      }));

    for (const side of ["listener", "dialer"] as const) {
      test(`that never answers is given up after handshakeTimeout: the ${side}'s`, () =>
        meet(async ({ pull, push, place }) => {
          const question = new Question();
          const [heard, told] = [watch(pull), watch(push)];
          const limited = { accept: question.hook, handshakeTimeout: 250 };
          await place.listen(pull, side === "listener" ? limited : {});
          place.dial(push, side === "dialer" ? limited : {});
          // A busy machine may not have got as far as the hook in time, and then it tries again.
          const { reason } = await (side === "listener" ? heard : told).next(
            "rejected",
            ({ reason }) => /accept hook has not decided about .* in 250 ms/.test(reason.message),
          );
          assert.equal(reason.code, "ETIMEDOUT");
          // The other side had a peer already, or it never had one.
          const other = side === "listener" ? told : heard;
          await Promise.any([other.next("detached"), other.next("rejected")]);
          question.answer(true);
          await calm();
          assert.deepEqual([pull.stats().peers, push.stats().peers], [[], []]);
        }));
    }

    test("that never answers does not keep a peer that leaves", () =>
      meet(async ({ pull, push, place }) => {
        const question = new Question();
        const heard = watch(pull);
        await place.listen(pull, { accept: question.hook, handshakeTimeout: 600_000 });
        place.dial(push);
        await question.asked;
        await push.close();
        assert.equal((await heard.next("rejected")).reason.code, "ECONNRESET");
        assert.equal(pull.stats().endpoints.reduce((sum, one) => sum + one.inProgress, 0), 0);
      }));

    test("that never answers does not keep a listener from closing, nor the peer", () =>
      meet(async ({ pull, push, place }) => {
        const question = new Question();
        const [heard, told] = [watch(pull), watch(push)];
        const accept = question.hook;
        const listener = await place.listen(pull, { accept, handshakeTimeout: 600_000 });
        place.dial(push);
        await question.asked;
        await listener.close();
        await Promise.any([told.next("detached"), told.next("rejected")]);
        assert.deepEqual([heard.all, pull.stats().endpoints], [[], []]);
      }));

    test("that has no answer yet does not hold up the socket's close", () =>
      meet(async ({ pull, push, place }) => {
        const question = new Question();
        const told = watch(push);
        const heard = watch(pull);
        await place.listen(pull, { accept: question.hook });
        place.dial(push);
        await question.asked;
        await pull.close();
        await Promise.any([told.next("detached"), told.next("rejected")]);
        question.answer(true);
        await heard.ended;
        assert.deepEqual(heard.all, []);
      }));

    if (redials) {
      test("that refuses is asked again when the peer comes again", () =>
        meet(async ({ pull, push, place }) => {
          let count = 0;
          await place.listen(pull, { accept: () => ++count > 2 });
          place.dial(push);
          await pull.peers(1, { signal: patience() });
          assert.equal(count, 3);
          const { rejected, accepted } = pull.stats().endpoints[0]!;
          assert.deepEqual([rejected, accepted], [2, 1]);
        }, { again: true }));
    }
  });
}

test("a hook that is no function is refused", async () => {
  const pull = new Pull();
  await assert.rejects(
    pull.bind("inproc://accept", { accept: true as never }),
    (error: unknown) => error instanceof SPError && error.code === "EINVAL",
  );
  await pull.close();
});
