import assert from "node:assert/strict";
import type { Check } from "../check.ts";
import { attached, patience, watch } from "../stage.ts";

const MIB = 1024 * 1024;
const COUNT = 1024;
const CLOSED = { name: "SPError", code: "ECLOSED" };

/** What `close` does. */
export const CLOSING: readonly Check[] = [
  {
    name: "close resolves, and again, and closed with it",
    run: async (stage) => {
      const { sender, receiver } = await stage.meet();
      for (const socket of [sender, receiver]) {
        const closing = socket.close();
        await Promise.all([closing, socket.close(), socket.closed]);
        await socket.close({ linger: 0 });
        await socket[Symbol.asyncDispose]();
      }
    },
  },
  {
    name: "a socket of `await using` is closed at the end of its block",
    run: async (stage) => {
      const receiver = stage.receiver();
      await stage.listen(receiver);
      const log = watch(receiver);
      let closed: Promise<void>;
      {
        await using sender = stage.sender();
        stage.dial(sender);
        closed = sender.closed;
        await attached(sender, receiver);
      }
      await closed;
      await log.next("detached");
    },
  },
  {
    name: "whoever waits is told ECLOSED",
    run: async (stage) => {
      const { sender, receiver } = await stage.meet();
      const waits = [receiver.receive(), receiver.receiveBatch(), receiver.peers(2)];
      const results = Promise.allSettled(waits);
      await receiver.close();
      for (const result of await results) {
        assert.equal(result.status, "rejected");
        assert.equal(result.reason.code, "ECLOSED");
      }
      const peers = sender.peers(2, { signal: patience() });
      await Promise.all([assert.rejects(peers, CLOSED), sender.close()]);
    },
  },
  {
    name: "a send that waits is told ECLOSED when its time to linger is over",
    applies: (pattern) => pattern.waitsForPeer && pattern.answers !== "must",
    run: async (stage) => {
      const sender = stage.sender();
      stage.dial(sender);
      const sent = sender.send("to nobody");
      await Promise.all([assert.rejects(sent, CLOSED), sender.close({ linger: 1 })]);
    },
  },
  {
    name: "a closed socket refuses every call with ECLOSED",
    run: async (stage) => {
      const { sender, receiver } = await stage.meet();
      await Promise.all([sender.close(), receiver.close()]);
      await assert.rejects(sender.send("late"), CLOSED);
      await assert.rejects(receiver.receive(), CLOSED);
      await assert.rejects(receiver.receiveBatch(), CLOSED);
      await assert.rejects(sender.peers(0), CLOSED);
      await assert.rejects(async () => await stage.listen(sender), CLOSED);
      assert.throws(() => stage.dial(sender), CLOSED);
      assert.deepEqual(await Array.fromAsync(receiver), []);
      assert.deepEqual(await Array.fromAsync(receiver.readable), []);
      const writer = sender.writable.getWriter();
      await assert.rejects(writer.closed, CLOSED);
      assert.equal(receiver.stats().peers.length, 0);
      assert.deepEqual(await Array.fromAsync(sender.events()), []);
    },
  },
  {
    name: "events end with the socket, behind the last one",
    run: async (stage) => {
      const { sender, receiver } = await stage.meet();
      const logs = [watch(sender), watch(receiver)];
      await Promise.all([sender.close(), receiver.close()]);
      for (const log of logs) {
        await log.ended;
        assert.deepEqual(log.all.map(({ type }) => type), ["detached"]);
      }
    },
  },
  {
    name: "messages that nobody took are counted as dropped when the socket is closed",
    run: async (stage) => {
      const { sender, receiver } = await stage.meet();
      const log = watch(receiver);
      const first = receiver.receive();
      for (const text of ["a", "b", "c"]) await sender.send(text);
      await first;
      const told = watch(sender);
      await sender.close();
      await told.ended;
      await log.next("detached");
      assert.equal(receiver.stats().queuedMessages, 2);
      await receiver.close();
      assert.deepEqual(receiver.stats().drops, { closed: 2 });
      const { reason, count } = await log.next("dropped");
      assert.deepEqual([reason, count], ["closed", 2]);
    },
  },
  {
    name: "what a slow peer was still to get is counted as dropped when there is no time to linger",
    applies: (pattern) => pattern.answers !== "must",
    run: async (stage) => {
      const { sender } = await stage.meet({ sendBuffer: Infinity });
      const log = watch(sender);
      // 64 MiB, of which Linux holds 37 at the most.
      const body = new Uint8Array(MIB / 16);
      for (let i = 0; i < COUNT; i++) await sender.send(body);
      await sender.close({ linger: 0 });
      const { drops } = sender.stats();
      assert.ok(drops.closed! > 0 && drops.closed! <= COUNT, `${drops.closed} of ${COUNT}`);
      await log.ended;
      const [dropped] = log.of("dropped");
      assert.deepEqual([dropped?.reason, dropped?.count], ["closed", drops.closed]);
    },
  },
  {
    name: "what was held for want of a peer is counted as dropped when there is no time to linger",
    applies: (pattern) => pattern.waitsForPeer && pattern.answers === "must",
    run: async (stage) => {
      const sender = stage.sender();
      const log = watch(sender);
      await sender.send("held");
      await sender.send("held too");
      await sender.close({ linger: 0 });
      assert.deepEqual(sender.stats().drops, { closed: 2 });
      await log.ended;
      assert.deepEqual(log.all, [{ type: "dropped", reason: "closed", count: 2 }]);
    },
  },
  {
    name: "an address is free as soon as its listener is closed",
    run: async (stage) => {
      const receiver = stage.receiver();
      for (let i = 0; i < 3; i++) await (await stage.listen(receiver)).close();
      await receiver.close();
      await stage.listen(stage.receiver());
    },
  },
  {
    name: "a wrong time to linger is refused, and closes nothing",
    run: async (stage) => {
      const { sender } = await stage.meet();
      for (const linger of [-1, NaN]) {
        await assert.rejects(sender.close({ linger }), {
          code: "EINVAL",
          message: new RegExp(`${linger}`),
        });
      }
      assert.equal(sender.stats().peers.length, 1);
    },
  },
];
