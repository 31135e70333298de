/** Floods of messages that no codec can decode: others have their turn between them. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate } from "node:timers";
import { type Codec, Pull, Push, Rep, Req, type Socket } from "../../mod.ts";
import { patience } from "../conformance/stage.ts";
import { text } from "./codecs.ts";

const FLOOD = 5000;

/** Turns of the event loop see no more decoded than this. */
const MOST_PER_TURN = 1000;

/** A codec that can decode "1" alone, and knows the most that it was given in one turn of the event loop. */
class Slow implements Codec<number> {
  most = 0;
  #count = 0;
  #isOver = false;

  constructor() {
    const look = (): void => {
      this.look();
      if (!this.#isOver) setImmediate(look);
    };
    look();
  }

  encode(value: number): string {
    return String(value);
  }

  decode(message: Uint8Array): number {
    this.#count++;
    if (message.length === 1 && message[0] === 0x31) return 1;
    throw new Error("cannot");
  }

  look(): void {
    this.most = Math.max(this.most, this.#count);
    this.#count = 0;
  }

  stop(): number {
    this.look();
    this.#isOver = true;
    return this.most;
  }
}

/** The ways to take the next message. */
const TAKES: Record<string, (pull: Pull<number>) => Promise<unknown>> = {
  "receive": (pull) => pull.receive({ signal: patience() }),
  "receiveBatch": async (pull) => (await pull.receiveBatch({ signal: patience() }))[0],
  "the loop": async (pull) => (await pull[Symbol.asyncIterator]().next()).value,
  "messages": async (pull) => (await pull.messages().next()).value!.message,
  "a reader": async (pull) => (await pull.readable.getReader().read()).value,
  "a pipe": async (pull) => {
    const piped = pull.readable.pipeThrough(new TransformStream<number, number>());
    return (await piped.getReader().read()).value;
  },
};

async function meet(sender: Socket, receiver: Socket, address: string): Promise<void> {
  const listener = await receiver.bind(address);
  sender.connect(listener.address);
  await Promise.all([
    sender.peers(1, { signal: patience() }),
    receiver.peers(1, { signal: patience() }),
  ]);
}

for (const address of ["tcp://127.0.0.1:0", "inproc://flood"]) {
  const scheme = address.split(":")[0];
  for (const [how, take] of Object.entries(TAKES)) {
    for (const when of ["waiting", "when it comes"]) {
      test(`a flood over ${scheme}, ${when}, lets others have their turn, by ${how}`, async () => {
        const codec = new Slow();
        await using pull = new Pull({ codec });
        await using push = new Push({ codec: text });
        await meet(push, pull, address);
        const flood = async (): Promise<void> => {
          for (let i = 0; i < FLOOD; i++) await push.send("");
          await push.send("1");
        };
        let taken: Promise<unknown>;
        if (when === "waiting") {
          await flood();
          while (pull.stats().queuedMessages <= FLOOD) {
            await new Promise((resolve) => setTimeout(resolve, 1));
          }
          taken = take(pull);
        } else {
          taken = take(pull);
          await flood();
        }
        assert.equal(await taken, 1);
        const most = codec.stop();
        assert.ok(most <= MOST_PER_TURN, `${most} were decoded in one turn`);
        assert.equal(pull.stats().drops.malformed, FLOOD);
        assert.equal(pull.stats().queuedMessages, 0);
      });
    }
  }
}

for (const onError of [undefined, () => -1]) {
  const what = onError === undefined ? "without onError" : "with onError";
  test(`a flood of questions lets others have their turn, ${what}`, async () => {
    const request = new Slow();
    await using rep = new Rep({ codec: { request, reply: text } });
    await using req = new Req({ codec: text });
    await meet(req, rep, "inproc://flood-asked");
    const answers = Array.from({ length: FLOOD }, () => req.request("").catch(() => "none"));
    const good = req.request("1", { signal: patience() });
    while (rep.stats().queuedMessages <= FLOOD) {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    rep.serve(() => "one", onError === undefined ? {} : { onError: () => "cannot" });
    assert.equal(await good, "one");
    if (onError !== undefined) {
      assert.deepEqual(new Set(await Promise.all(answers)), new Set(["cannot"]));
    }
    const most = request.stop();
    assert.ok(most <= MOST_PER_TURN, `${most} were decoded in one turn`);
    assert.equal(rep.stats().drops.malformed, FLOOD);
  });
}

test("a REQ that rests in a flood of replies still expects those that wait", async () => {
  const reply = new Slow();
  await using rep = new Rep({ codec: text });
  await using req = new Req({ codec: { request: text, reply } });
  await meet(req, rep, "inproc://flood-replies");
  rep.serve((question) => question);
  for (let i = 0; i < 600; i++) await req.send("");
  await req.send("1");
  while (req.stats().messagesReceived <= 600) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  assert.equal(await req.receive({ signal: patience() }), 1);
  reply.stop();
  assert.equal(req.stats().drops.malformed, 600);
});
