import type { Check } from "../check.ts";
import { attached, converse, watch } from "../stage.ts";

/** Connections that are lost and come back. */
export const RECONNECTING: readonly Check[] = [
  {
    name: "a dialer comes back when its listener was closed and listens again",
    applies: (_, transport) => transport.redials,
    run: async (stage) => {
      const receiver = stage.receiver();
      const sender = stage.sender();
      const listener = await stage.listen(receiver);
      stage.dial(sender);
      await attached(sender, receiver);
      await converse(stage, sender, receiver, "before");
      const log = watch(sender);
      await listener.close();
      await log.next("detached");
      await stage.listen(receiver);
      await log.next("attached");
      await attached(receiver);
      await converse(stage, sender, receiver, "after");
    },
  },
  {
    name: "a listening peer that restarts is found again",
    applies: (_, transport) => transport.redials,
    run: async (stage) => {
      const { sender, receiver } = await stage.meet();
      await converse(stage, sender, receiver, "before");
      const log = watch(sender);
      await receiver.close();
      await log.next("detached");
      const successor = stage.receiver();
      await stage.listen(successor);
      await log.next("attached");
      await converse(stage, sender, successor, "after");
    },
  },
  {
    name: "a dialling peer that restarts is taken in again",
    run: async (stage) => {
      const { sender, receiver } = await stage.meet();
      await converse(stage, sender, receiver, "before");
      const log = watch(receiver);
      await sender.close();
      await log.next("detached");
      const successor = stage.sender();
      stage.dial(successor);
      await attached(successor);
      await converse(stage, successor, receiver, "after");
    },
  },
  {
    name: "a dialer that was closed does not come back",
    run: async (stage) => {
      const receiver = stage.receiver();
      const sender = stage.sender();
      await stage.listen(receiver);
      const dialer = stage.dial(sender);
      await attached(sender, receiver);
      const log = watch(receiver);
      await dialer.close();
      await log.next("detached");
      const other = stage.sender();
      stage.dial(other);
      await attached(other);
      await converse(stage, other, receiver, "only me");
    },
  },
  {
    name: "what a lost peer had not been sent goes to the next",
    applies: (pattern, transport) => pattern.waitsForPeer && transport.redials,
    run: async (stage) => {
      const { sender, receiver } = await stage.meet();
      await converse(stage, sender, receiver, "before");
      const log = watch(sender);
      await receiver.close();
      await log.next("detached");
      const successor = stage.receiver();
      const conversation = converse(stage, sender, successor, "in between");
      await stage.listen(successor);
      await conversation;
    },
  },
];
