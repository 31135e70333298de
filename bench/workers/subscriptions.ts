import { Pub, Sub } from "../../mod.ts";
import {
  Meter,
  nextTurn,
  type Role,
  say,
  topic,
  topicNumber,
  topicsSent,
  writeTopic,
} from "../lib/worker.ts";

/** Messages that the publisher sends in one turn of the event loop. */
const burst = 64;

/** PUB and SUB over inproc; the SUB has `count` prefixes, and each message matches one of them. */
export const prefixes: Role = async (settings) => {
  const pub = new Pub();
  await pub.bind("inproc://bench");
  const sub = new Sub({ subscribe: Array.from({ length: settings.count }, (_, i) => topic(i)) });
  sub.connect("inproc://bench");
  await pub.peers(1);
  // Side by side, so that what is cold is the prefixes and not the messages.
  const memory = new ArrayBuffer(topicsSent * settings.size);
  const messages = Array.from({ length: topicsSent }, (_, i) => {
    const message = new Uint8Array(memory, i * settings.size, settings.size);
    writeTopic(message, topicNumber(i, settings.count));
    return message;
  });
  say({ ready: 1 });

  async function publish(): Promise<void> {
    for (let next = 0;;) {
      for (let i = 0; i < burst; i++) {
        pub.send(messages[next]!);
        next = (next + 1) % topicsSent;
      }
      await nextTurn();
    }
  }

  async function receive(): Promise<void> {
    const meter = new Meter(settings);
    for (;;) {
      for (const message of await sub.receiveBatch()) {
        meter.add(message.length);
      }
    }
  }

  await Promise.all([publish(), receive()]);
};
