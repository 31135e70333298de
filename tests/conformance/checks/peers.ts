import assert from "node:assert/strict";
import type { Check } from "../check.ts";
import { answer, attached, converse, patience, tell, toText, watch } from "../stage.ts";

const COUNT = 4;

/** How messages find their way among several peers. */
export const PEERS: readonly Check[] = [
  {
    name: "several receivers take turns",
    applies: (pattern) => pattern.peers === "in turn",
    run: async (stage) => {
      const sender = stage.sender();
      await stage.listen(sender);
      const receivers = Array.from({ length: COUNT }, () => stage.receiver());
      for (const receiver of receivers) stage.dial(receiver);
      await sender.peers(COUNT, { signal: patience() });
      for (let i = 0; i < 2 * COUNT; i++) await sender.send(`${i}`);
      const received = await Promise.all(receivers.map(async (receiver) => {
        return [toText(await receiver.receive()), toText(await receiver.receive())];
      }));
      for (const [first, second] of received) assert.equal(Number(second), Number(first) + COUNT);
      const all = received.flat().sort();
      assert.deepEqual(all, Array.from({ length: 2 * COUNT }, (_, i) => `${i}`));
    },
  },
  {
    name: "several receivers all get everything",
    applies: (pattern) => pattern.peers === "all",
    run: async (stage) => {
      const sender = stage.sender();
      await stage.listen(sender);
      const receivers = Array.from({ length: COUNT }, () => stage.receiver());
      for (const receiver of receivers) stage.dial(receiver);
      await sender.peers(COUNT, { signal: patience() });
      for (const text of ["a", "b", "c"]) await sender.send(text);
      for (const receiver of receivers) {
        for (const text of ["a", "b", "c"]) assert.equal(toText(await receiver.receive()), text);
      }
    },
  },
  {
    name: "several senders are heard by one receiver, and each gets its own answer",
    applies: (pattern) => pattern.peers !== "one",
    run: async (stage) => {
      const receiver = stage.receiver();
      await stage.listen(receiver);
      const senders = Array.from({ length: COUNT }, () => stage.sender());
      for (const sender of senders) stage.dial(sender);
      await attached(...senders);
      await Promise.all(senders.map((sender, i) => sender.send(`from ${i}`)));
      const heard: string[] = [];
      for (let i = 0; i < COUNT; i++) {
        heard.push(toText(await receiver.receive()));
        if (stage.pattern.answers !== "must") continue;
        const sender = senders[Number(heard[i]!.at(-1))]!;
        assert.equal(toText(await answer(receiver, sender, `to ${heard[i]}`)), `to ${heard[i]}`);
      }
      assert.deepEqual(heard.sort(), senders.map((_, i) => `from ${i}`));
    },
  },
  {
    name: "one socket both listens and dials",
    applies: (pattern) => pattern.peers !== "one",
    run: async (stage) => {
      const receiver = stage.receiver();
      await stage.listen(receiver);
      const first = stage.sender();
      stage.dial(first);
      await attached(first);
      assert.equal(toText(await tell(first, receiver, "by the one way")), "by the one way");
      await using other = await stage.transport.open();
      const second = stage.sender();
      await other.listen(second);
      const dialer = other.dial(receiver);
      await attached(second);
      await receiver.peers(2, { signal: patience() });
      assert.equal(toText(await tell(second, receiver, "by the other way")), "by the other way");
      await dialer.close();
      assert.equal(
        toText(await tell(first, receiver, "still by the one way")),
        "still by the one way",
      );
    },
  },
  {
    name: "a second peer is refused while there is a first, and taken when it has left",
    applies: (pattern, transport) => pattern.peers === "one" && transport.redials,
    run: async (stage) => {
      const { sender, receiver } = await stage.meet();
      const log = watch(receiver);
      const second = stage.sender();
      stage.dial(second);
      const { reason } = await log.next("rejected");
      assert.equal(reason.code, "EBUSY");
      await converse(stage, sender, receiver, "undisturbed");
      await sender.close();
      await log.next("attached");
      await converse(stage, second, receiver, "at last");
    },
  },
];
