import assert from "node:assert/strict";
import { nanomsgStatistics, Pair, Push } from "../../../mod.ts";
import type { Check } from "../check.ts";
import { attached, converse, tell, watch } from "../stage.ts";

/** What a socket tells and counts. */
export const EVENTS: readonly Check[] = [
  {
    name: "both sides tell of a peer that comes and goes",
    run: async (stage) => {
      const receiver = stage.receiver();
      const sender = stage.sender();
      const [heard, told] = [watch(receiver), watch(sender)];
      await stage.listen(receiver);
      stage.dial(sender);
      const { peer } = await heard.next("attached");
      assert.equal(peer.role, "bind");
      assert.equal(peer.protocol, sender.stats().protocol);
      const dialled = (await told.next("attached")).peer;
      assert.equal(dialled.role, "connect");
      assert.equal(dialled.protocol, receiver.stats().protocol);
      assert.notEqual(dialled.id, peer.id);
      // Across a worker, the two sides of a place have names of their own.
      const [there, here] = [dialled, peer].map((one) => one.endpoint.replace(/\/\w+$/, ""));
      assert.equal(there, here);
      assert.match(dialled.remoteAddress, /^[a-z+]+:\/\/./);
      await sender.close();
      assert.deepEqual((await heard.next("detached")).peer, peer);
      await told.ended;
    },
  },
  {
    name: "a peer that leaves in order is no error",
    run: async (stage) => {
      const { sender, receiver } = await stage.meet();
      const log = watch(receiver);
      await converse(stage, sender, receiver, "goodbye");
      await sender.close();
      assert.equal((await log.next("detached")).reason, undefined);
    },
  },
  {
    name: "a peer of another protocol is refused on both sides, and the socket lives",
    run: async (stage) => {
      const receiver = stage.receiver();
      await stage.listen(receiver);
      const stranger = stage.keep(
        receiver.stats().protocol === "pair" ? new Push() : new Pair({ reconnectMin: 1000 }),
      );
      const [heard, told] = [watch(receiver), watch(stranger)];
      stage.dial(stranger);
      const rejected = await heard.next("rejected");
      assert.equal(rejected.reason.code, "EPROTO");
      assert.match(
        rejected.reason.message,
        /speaks protocol 0x[0-9a-f]+; |subprotocol is "[a-z1]+\.sp\.nanomsg\.org", expected/,
      );
      const failure = await told.next(stage.transport.redials ? "connect-failed" : "rejected");
      assert.equal(failure.reason.code, "EPROTO");
      assert.deepEqual(heard.of("attached"), []);
      await stranger.close();
      const sender = stage.sender();
      stage.dial(sender);
      await attached(sender);
      await converse(stage, sender, receiver, "welcome");
    },
  },
  {
    name: "an accept hook decides who becomes a peer, and sees who asks",
    applies: (_, transport) => transport.redials,
    run: async (stage) => {
      const receiver = stage.receiver();
      const log = watch(receiver);
      const seen: string[] = [];
      await stage.listen(receiver, {
        accept: (peer) => {
          seen.push(peer.protocol);
          if (seen.length === 1) return false;
          if (seen.length === 2) throw new Error("out of order");
          return Promise.resolve(true);
        },
      });
      const sender = stage.sender({ reconnectMax: 5 });
      stage.dial(sender);
      assert.equal((await log.next("rejected")).reason.code, "EREJECTED");
      await log.next("rejected", ({ reason }) => `${reason.cause}`.includes("out of order"));
      await log.next("attached");
      assert.deepEqual(seen, Array(3).fill(sender.stats().protocol));
      await attached(sender);
    },
  },
  {
    name: "each failed try to connect is told, and the next one succeeds",
    applies: (_, transport) => transport.failsToDial,
    run: async (stage) => {
      const sender = stage.sender();
      const log = watch(sender);
      stage.dial(sender);
      const { reason, retryIn, endpoint } = await log.next("connect-failed");
      assert.ok(["ECONNREFUSED", "ENOENT"].includes(reason.code), reason.code);
      assert.ok(reason.message.startsWith(`Cannot connect to "${endpoint}": `), reason.message);
      assert.ok(retryIn >= 0 && retryIn <= 50, `${retryIn}`);
      const receiver = stage.receiver();
      await stage.listen(receiver);
      await attached(sender);
      await converse(stage, sender, receiver, "at last");
      const [stats] = sender.stats().endpoints;
      assert.equal(stats!.connectErrors, log.of("connect-failed").length);
    },
  },
  {
    name: "statistics count messages and bytes, also those of peers that are gone",
    run: async (stage) => {
      const { sender, receiver } = await stage.meet();
      const bytes = 3 * (100 + stage.pattern.header);
      for (let i = 0; i < 3; i++) await tell(sender, receiver, new Uint8Array(100));
      const [sent, heard] = [sender.stats(), receiver.stats()];
      assert.deepEqual([sent.messagesSent, sent.bytesSent], [3, bytes]);
      assert.deepEqual([heard.messagesReceived, heard.bytesReceived], [3, bytes]);
      assert.deepEqual([sent.peers.length, heard.peers.length], [1, 1]);
      assert.deepEqual([sent.peers[0]!.messagesSent, heard.peers[0]!.messagesReceived], [3, 3]);
      assert.deepEqual(sent.endpoints.map(({ role, established }) => [role, established]), [
        ["connect", 1],
      ]);
      assert.deepEqual(heard.endpoints.map(({ role, accepted }) => [role, accepted]), [
        ["bind", 1],
      ]);
      // A question is given up when the next one is received.
      const givenUp = stage.pattern.header > 0 && "serve" in receiver ? { unanswered: 2 } : {};
      assert.deepEqual([sent.drops, heard.drops], [{}, givenUp]);
      assert.equal(nanomsgStatistics(heard)[302], 3);

      const log = watch(receiver);
      await sender.close();
      await log.next("detached");
      const after = receiver.stats();
      assert.deepEqual([after.messagesReceived, after.bytesReceived], [3, bytes]);
      assert.deepEqual(after.peers, []);
      if (stage.transport.redials) assert.equal(after.endpoints[0]!.dropped, 1);
    },
  },
  {
    name: "statistics are a snapshot that nothing changes later",
    run: async (stage) => {
      const { sender, receiver } = await stage.meet();
      const before = sender.stats();
      const copy = structuredClone(before);
      await converse(stage, sender, receiver, "hello");
      assert.deepEqual(before, copy);
    },
  },
];
