/** Sockets as parts of streams, from end to end. */

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import {
  Pair,
  Pub,
  Pull,
  Push,
  Rep,
  Req,
  type Socket,
  Sub,
  TextMessageDecoderStream,
} from "../../mod.ts";
import { attached, PATIENCE, patience, toText } from "./stage.ts";
import { leaveTransports, type Place, TRANSPORTS } from "./transports.ts";

const COUNT = 2000;

/** Numbers as text. */
function numbers(count: number): ReadableStream<string> {
  return ReadableStream.from(Array.from({ length: count }, (_, i) => `${i}`));
}

/** Puts a word before each message. */
function prefixed(prefix: string): TransformStream<Uint8Array, string> {
  return new TransformStream({
    transform: (message, controller) => controller.enqueue(`${prefix} ${toText(message)}`),
  });
}

/** Collects messages as text. */
function collector(): { texts: string[]; writable: WritableStream<Uint8Array> } {
  const texts: string[] = [];
  return {
    texts,
    writable: new WritableStream({
      write: (message) => {
        texts.push(toText(message));
      },
    }),
  };
}

async function meet(place: Place, listener: Socket, dialer: Socket): Promise<void> {
  await place.listen(listener);
  place.dial(dialer);
  await attached(listener, dialer);
}

after(leaveTransports);

for (const { name, open } of TRANSPORTS) {
  test(`questions piped through a REQ over ${name} come out as answers in their order`, async () => {
    await using place = await open();
    await using rep = new Rep();
    await using req = new Req({ concurrency: 100 });
    await meet(place, rep, req);
    const serving = rep.serve(async (question) => {
      // Every third answer takes its time, so that others overtake it.
      if (Number(toText(question)) % 3 === 0) await setImmediate();
      return `re ${toText(question)}`;
    });
    const { texts, writable } = collector();
    await numbers(COUNT).pipeThrough(req).pipeTo(writable, { signal: patience() });
    assert.deepEqual(texts, Array.from({ length: COUNT }, (_, i) => `re ${i}`));
    await req.closed;
    await rep.close();
    await serving;
  });

  test(`a REP over ${name} piped to itself answers each REQ with its own`, async () => {
    await using place = await open();
    await using rep = new Rep();
    await place.listen(rep);
    const piped = rep.readable.pipeThrough(prefixed("re")).pipeTo(rep.writable);
    const answered = await Promise.all([1, 2, 3].map(async () => {
      await using req = new Req();
      place.dial(req);
      const { texts, writable } = collector();
      await numbers(COUNT / 4).pipeThrough(req).pipeTo(writable, { signal: patience() });
      return texts;
    }));
    const wanted = Array.from({ length: COUNT / 4 }, (_, i) => `re ${i}`);
    assert.deepEqual(answered, [wanted, wanted, wanted]);
    piped.catch(() => {});
  });

  test(`a PAIR over ${name} piped to itself is an echo`, async () => {
    await using place = await open();
    await using echo = new Pair();
    await using pair = new Pair();
    await meet(place, echo, pair);
    const piped = echo.readable.pipeTo(echo.writable);
    piped.catch(() => {});
    const written = numbers(COUNT).pipeTo(pair.writable, { signal: patience() });
    const { texts, writable } = collector();
    const enough = new TransformStream<Uint8Array, Uint8Array>({
      transform: (message, controller) => {
        controller.enqueue(message);
        if (toText(message) === `${COUNT - 1}`) controller.terminate();
      },
    });
    await pair.readable.pipeThrough(enough).pipeTo(writable, { signal: patience() });
    await written;
    assert.deepEqual(texts, Array.from({ length: COUNT }, (_, i) => `${i}`));
    // Both of its streams have ended.
    await pair.closed;
  });

  test(`a chain of sockets over ${name} is a chain of streams`, async () => {
    await using first = await open();
    await using second = await open();
    await using push = new Push({ linger: PATIENCE });
    await using pull = new Pull();
    await using pub = new Pub({ overflow: "block", linger: PATIENCE });
    await using sub = new Sub({ subscribe: "seen 1" });
    await meet(first, pull, push);
    await meet(second, pub, sub);
    const relayed = pull.readable.pipeThrough(prefixed("seen")).pipeTo(pub.writable);
    const { texts, writable } = collector();
    const collected = sub.readable.pipeTo(writable);
    await numbers(COUNT).pipeTo(push.writable, { signal: patience() });
    await push.closed;
    // Ends the relay's readable behind the last message, and so its writable and the socket of that.
    while (pull.stats().peers.length > 0) await setImmediate();
    await pull.close();
    await relayed;
    await pub.closed;
    while (sub.stats().peers.length > 0) await setImmediate();
    await sub.close();
    await collected;
    const wanted = Array.from({ length: COUNT }, (_, i) => `seen ${i}`);
    assert.deepEqual(texts, wanted.filter((text) => text.startsWith("seen 1")));
  });

  test(`a reader that cancels a pipeline over ${name} closes its socket, and its peer's sends wait`, async () => {
    await using place = await open();
    await using push = new Push();
    await using pull = new Pull();
    await meet(place, pull, push);
    await push.send("first");
    for await (const text of pull.readable.pipeThrough(new TextMessageDecoderStream())) {
      assert.equal(text, "first");
      break;
    }
    await pull.closed;
    const abort = new AbortController();
    while (push.stats().peers.length > 0) await setImmediate();
    const sent = push.send("second", { signal: abort.signal });
    abort.abort(new Error("nobody there"));
    await assert.rejects(sent, /nobody there/);
  });
}
