import assert from "node:assert/strict";
import type { Check } from "../check.ts";
import { attached, converse, patience, toText } from "../stage.ts";

const REASON = new Error("changed my mind");
const isReason = (error: unknown): boolean => error === REASON;

/** Everything that waits can be given up. */
export const WAITING: readonly Check[] = [
  {
    name: "an aborted receive rejects with the signal's reason and takes no message",
    run: async (stage) => {
      const { sender, receiver } = await stage.meet();
      const abort = new AbortController();
      const given = receiver.receive({ signal: abort.signal });
      const batch = receiver.receiveBatch({ signal: abort.signal });
      abort.abort(REASON);
      await assert.rejects(given, isReason);
      await assert.rejects(batch, isReason);
      await assert.rejects(receiver.receive({ signal: abort.signal }), isReason);
      await assert.rejects(receiver.receiveBatch({ signal: abort.signal }), isReason);
      await converse(stage, sender, receiver, "not taken by the aborted");
    },
  },
  {
    name: "an aborted send rejects with the signal's reason and is never sent",
    applies: (pattern) => pattern.waitsForPeer && pattern.answers !== "must",
    run: async (stage) => {
      const sender = stage.sender();
      const abort = new AbortController();
      const never = sender.send("never", { signal: abort.signal });
      const later = sender.send("later");
      abort.abort(REASON);
      await assert.rejects(never, isReason);
      await assert.rejects(sender.send("never", { signal: abort.signal }), isReason);
      const receiver = stage.receiver();
      await stage.listen(receiver);
      stage.dial(sender);
      assert.equal(toText(await receiver.receive()), "later");
      await later;
    },
  },
  {
    name: "a receive that waits too long rejects with ETIMEDOUT and takes no message",
    applies: (pattern) => pattern.answers !== "must",
    run: async (stage) => {
      const { sender, receiver } = await stage.meet({}, { receiveTimeout: 1 });
      await assert.rejects(receiver.receive(), { code: "ETIMEDOUT", message: /1 ms/ });
      await sender.send("later");
      for (;;) {
        const message = await receiver.receive().catch(() => undefined);
        if (message !== undefined) return assert.equal(toText(message), "later");
      }
    },
  },
  {
    name: "a send that waits too long rejects with ETIMEDOUT and is never sent",
    applies: (pattern) => pattern.waitsForPeer && pattern.answers !== "must",
    run: async (stage) => {
      const sender = stage.sender({ sendTimeout: 1 });
      await assert.rejects(sender.send("never"), { code: "ETIMEDOUT", message: /1 ms/ });
      const receiver = stage.receiver();
      await stage.listen(receiver);
      stage.dial(sender);
      await attached(sender);
      await sender.send("later");
      assert.equal(toText(await receiver.receive()), "later");
    },
  },
  {
    name: "an aborted wait for peers rejects with the signal's reason",
    run: async (stage) => {
      const { sender, receiver } = await stage.meet();
      const abort = new AbortController();
      const two = sender.peers(2, { signal: abort.signal });
      abort.abort(REASON);
      await assert.rejects(two, isReason);
      await assert.rejects(sender.peers(1, { signal: abort.signal }), isReason);
      await converse(stage, sender, receiver, "undisturbed");
    },
  },
  {
    name: "a wait for peers resolves once so many are there",
    applies: (pattern) => pattern.peers !== "one",
    run: async (stage) => {
      const receiver = stage.receiver();
      await receiver.peers(0);
      await stage.listen(receiver);
      const two = receiver.peers(2, { signal: patience() });
      const seen = two.then(() => receiver.stats().peers.length);
      const first = stage.sender();
      stage.dial(first);
      await attached(first, receiver);
      stage.dial(stage.sender());
      await two;
      assert.equal(await seen, 2);
      await receiver.peers(1);
    },
  },
  {
    name: "a wait for a number of peers that is none rejects with EINVAL",
    run: async (stage) => {
      const sender = stage.sender();
      for (const count of [-1, 1.5, NaN, Infinity]) {
        await assert.rejects(sender.peers(count), {
          code: "EINVAL",
          message: new RegExp(`${count}`),
        });
      }
    },
  },
];
