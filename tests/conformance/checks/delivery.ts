import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { Check } from "../check.ts";
import type { Receiver } from "../patterns.ts";
import { duplex, PATIENCE, type Stage, toText } from "../stage.ts";

/** More bytes than are written at once, and more messages than libzmq lets wait. */
const COUNT = 4000;
const WRITTEN = 1000;

/** What arrives of many messages. */
export const DELIVERY: readonly Check[] = [
  {
    name: "of 4,000 messages sent and then close, all arrive in order",
    applies: (pattern) => pattern.keepsAll,
    run: async (stage) => {
      const { sender, receiver } = await stage.meet({ linger: PATIENCE });
      const heard = hear(stage, receiver, COUNT);
      const answers = stage.pattern.answers === "must"
        ? takeAnswers(duplex(sender).readable)
        : undefined;
      for (let i = 0; i < COUNT; i++) await sender.send(`message ${i}`);
      await sender.close();
      assert.deepEqual(await heard, Array.from({ length: COUNT }, (_, i) => `message ${i}`));
      await answers;
    },
  },
  {
    name: "of 1,000 messages written and then close of the stream, all arrive in order",
    applies: (pattern) => pattern.keepsAll,
    run: async (stage) => {
      const { sender, receiver } = await stage.meet({ linger: PATIENCE });
      const heard = hear(stage, receiver, WRITTEN);
      const answers = stage.pattern.answers === "must"
        ? takeAnswers(duplex(sender).readable)
        : undefined;
      const writer = sender.writable.getWriter();
      for (let i = 0; i < WRITTEN; i++) {
        await writer.ready;
        writer.write(`message ${i}`);
      }
      await writer.close();
      assert.deepEqual(await heard, Array.from({ length: WRITTEN }, (_, i) => `message ${i}`));
      await answers;
    },
  },
  {
    name: "what waits in a closed socket's queue goes out before its connection ends",
    applies: (pattern) => pattern.answers !== "must",
    run: async (stage) => {
      const { sender, receiver } = await stage.meet({ linger: PATIENCE });
      // More than the queues hold: the receiver reads only after close was called.
      const body = new Uint8Array(128 * 1024);
      const sent = Array.from({ length: 48 }, () => sender.send(body));
      const closed = sender.close();
      for (let i = 0; i < sent.length; i++) {
        assert.equal((await receiver.receive()).length, body.length, `message ${i}`);
      }
      await Promise.all(sent);
      await closed;
    },
  },
  {
    name: "messages of every size arrive whole and in order",
    applies: (pattern) => pattern.keepsAll,
    run: async (stage) => {
      const { sender, receiver } = await stage.meet();
      // Around what is copied, what goes by reference, and what a kernel hands over at once.
      const sizes = [0, 1, 7, 8, 9, 1023, 16_383, 16_384, 16_385, 65_535, 65_536, 65_537, 262_144];
      const bodies = [...sizes, ...sizes.toReversed()].map(patterned);
      const sent = Promise.all(bodies.map((body) => sender.send(body)));
      for (const body of bodies) {
        const received = await receiver.receive();
        assert.ok(Buffer.compare(received, body) === 0, `${body.length} bytes`);
      }
      await sent;
    },
  },
];

/** Bytes that tell of their place. */
const BYTES = Uint8Array.from({ length: 512 * 1024 }, (_, i) => (i * 31 + (i >> 8)) & 0xff);

/** So many bytes, of another beginning for each number. */
function patterned(size: number): Uint8Array {
  return BYTES.subarray(size & 0xff, (size & 0xff) + size);
}

/** Takes that many messages, answering each where one must. */
async function hear(stage: Stage, receiver: Receiver, count: number): Promise<string[]> {
  const heard: string[] = [];
  for await (const message of receiver) {
    heard.push(toText(message));
    if (stage.pattern.answers === "must") await duplex(receiver).send("ok");
    if (heard.length === count) break;
  }
  return heard;
}

/** Takes answers until the socket is closed: a socket whose answers nobody takes asks no more. */
async function takeAnswers(answers: ReadableStream<Uint8Array>): Promise<void> {
  for await (const answer of answers) assert.equal(toText(answer), "ok");
}
