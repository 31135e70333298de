import assert from "node:assert/strict";
import type { Check } from "../check.ts";
import { attached, converse, tell } from "../stage.ts";

/** How messages go over between two sockets. */
export const EXCHANGE: readonly Check[] = [
  {
    name: "a message goes over when the receiver listens",
    run: async (stage) => {
      const { sender, receiver } = await stage.meet();
      await converse(stage, sender, receiver, "one");
      await converse(stage, sender, receiver, "two");
    },
  },
  {
    name: "a message goes over when the sender listens",
    run: async (stage) => {
      const sender = stage.sender();
      const receiver = stage.receiver();
      await stage.listen(sender);
      stage.dial(receiver);
      await attached(sender, receiver);
      await converse(stage, sender, receiver, "one");
      await converse(stage, sender, receiver, "two");
    },
  },
  {
    name: "a sender that dials before the receiver listens finds it when it does",
    run: async (stage) => {
      const sender = stage.sender();
      const receiver = stage.receiver();
      stage.dial(sender);
      await stage.listen(receiver);
      await attached(sender, receiver);
      await converse(stage, sender, receiver, "hello");
    },
  },
  {
    name: "a receiver that dials before the sender listens finds it when it does",
    run: async (stage) => {
      const sender = stage.sender();
      const receiver = stage.receiver();
      stage.dial(receiver);
      await stage.listen(sender);
      await attached(sender, receiver);
      await converse(stage, sender, receiver, "hello");
    },
  },
  {
    name: "what is sent before there is a peer waits for one",
    applies: (pattern) => pattern.waitsForPeer,
    run: async (stage) => {
      const sender = stage.sender();
      const receiver = stage.receiver();
      stage.dial(sender);
      const conversation = converse(stage, sender, receiver, "early");
      await stage.listen(receiver);
      await conversation;
    },
  },
  {
    name: "what is sent with no peer goes nowhere, and does not wait",
    applies: (pattern) => !pattern.waitsForPeer,
    run: async (stage) => {
      const sender = stage.sender();
      const receiver = stage.receiver();
      await sender.send("to nobody");
      await stage.listen(receiver);
      stage.dial(sender);
      await attached(sender, receiver);
      await converse(stage, sender, receiver, "to somebody");
    },
  },
  {
    name: "text, buffers and views arrive as their bytes",
    run: async (stage) => {
      const { sender, receiver } = await stage.meet();
      const bytes = Uint8Array.of(0, 1, 2, 0xfe, 0xff, 0x80);
      const forms = [
        ["día", new TextEncoder().encode("día")],
        [bytes, bytes],
        [bytes.slice().buffer, bytes],
        [bytes.subarray(1, 3), bytes.slice(1, 3)],
        [new DataView(bytes.buffer, 2, 2), bytes.slice(2, 4)],
        [new Uint16Array(bytes.slice().buffer), bytes],
      ] as const;
      for (const [given, wanted] of forms) {
        assert.deepEqual(new Uint8Array(await tell(sender, receiver, given)), wanted);
      }
    },
  },
];
