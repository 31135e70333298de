import assert from "node:assert/strict";
import type { Check } from "../check.ts";
import { answer, attached, converse, tell, watch } from "../stage.ts";

const MIB = 1024 * 1024;

/** Messages that are very small, very large, or too large. */
export const SIZES: readonly Check[] = [
  {
    name: "a message of no bytes arrives as one of no bytes",
    run: async (stage) => {
      const { sender, receiver } = await stage.meet();
      for (const given of [new Uint8Array(0), "", new ArrayBuffer(0)]) {
        assert.equal((await tell(sender, receiver, given)).length, 0);
        if (stage.pattern.answers === "no") continue;
        assert.equal((await answer(receiver, sender, given)).length, 0);
      }
      await converse(stage, sender, receiver, "more");
    },
  },
  {
    name: "a message of several MiB arrives whole where there is no limit",
    run: async (stage) => {
      const { sender, receiver } = await stage.meet({}, { maxMessageSize: Infinity });
      const body = new Uint8Array(4 * MIB + 3);
      for (let i = 0; i < body.length; i += 4093) body[i] = i & 0xff;
      const received = await tell(sender, receiver, body);
      assert.equal(received.length, body.length);
      for (let i = 0; i < body.length; i += 4093) assert.equal(received[i], i & 0xff);
    },
  },
  {
    name: "1 MiB is the largest message unless told otherwise",
    applies: (_, transport) => transport.limitsMessages,
    run: async (stage) => {
      const { sender, receiver } = await stage.meet();
      const log = watch(receiver);
      const body = new Uint8Array(MIB - stage.pattern.header);
      assert.equal((await tell(sender, receiver, body)).length, body.length);
      await sender.send(new Uint8Array(body.length + 1));
      assert.equal((await log.next("detached")).reason?.code, "EMSGSIZE");
    },
  },
  {
    name: "a message of exactly the limit arrives, and one byte more closes the connection only",
    applies: (_, transport) => transport.limitsMessages,
    run: async (stage) => {
      const limit = 1000;
      const { sender, receiver } = await stage.meet({}, { maxMessageSize: limit });
      const log = watch(receiver);
      const exact = new Uint8Array(limit - stage.pattern.header).fill(7);
      assert.deepEqual(new Uint8Array(await tell(sender, receiver, exact)), exact);
      if (stage.pattern.answers === "must") await answer(receiver, sender, "ok");
      await sender.send(new Uint8Array(exact.length + 1));
      const { reason } = await log.next("detached");
      assert.equal(reason?.code, "EMSGSIZE");
      assert.match(reason!.message, /1001 bytes.*maxMessageSize is 1000/);
      await sender.close({ linger: 0 });

      const other = stage.sender();
      stage.dial(other);
      await attached(other);
      await converse(stage, other, receiver, "still here");
    },
  },
  {
    name: "an endpoint's own limit comes before its socket's",
    applies: (_, transport) => transport.limitsMessages,
    run: async (stage) => {
      const receiver = stage.receiver({ maxMessageSize: 1 });
      const sender = stage.sender();
      await stage.listen(receiver, { maxMessageSize: 100 });
      stage.dial(sender);
      await attached(sender);
      await converse(stage, sender, receiver, "more than one");
    },
  },
];
