/** The streams of ZMTP's sockets: chunks are frames, pipes carry them on, and their ends close sockets. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  Dealer,
  type Frames,
  Pair,
  Pub,
  Pull,
  Push,
  Rep,
  Req,
  Router,
  Sub,
  XPub,
  XSub,
} from "../../../zmtp/mod.ts";
import { isPending } from "../../helpers/turns.ts";
import { patience, settled } from "../../conformance/stage.ts";
import { texts } from "../helpers/frames_text.ts";
import { SOME_TRANSPORTS } from "./places.ts";

/** Upper case, frame by frame. */
function upperCase(): TransformStream<Frames, string[]> {
  return new TransformStream({
    transform: (frames, controller) => {
      controller.enqueue(texts(frames).map((frame) => frame.toUpperCase()));
    },
  });
}

for (const { name, open } of SOME_TRANSPORTS) {
  test(`a stream of messages over ${name} is piped from PUSH to PULL, and its end closes the PUSH`, async () => {
    await using place = await open();
    await using pull = new Pull();
    await using push = new Push();
    await place.listen(pull);
    place.dial(push);
    const given = [["a", "b"], "c", ["", ""], new Uint8Array([100])];
    await ReadableStream.from(given).pipeTo(push.writable);
    await push.closed;
    const reader = pull.readable.getReader();
    for (const wanted of [["a", "b"], ["c"], ["", ""], ["d"]]) {
      assert.deepEqual(texts((await reader.read()).value!), wanted);
    }
    reader.releaseLock();
  });

  test(`a REP over ${name} answers by its streams, in the order of the requests`, async () => {
    await using place = await open();
    await using rep = new Rep();
    await place.listen(rep);
    const serving = rep.readable.pipeThrough(upperCase()).pipeTo(rep.writable);
    await using one = new Req();
    await using two = new Req({ correlate: true });
    place.dial(one);
    place.dial(two);
    const replies = [one.request(["a", "b"]), two.request("c"), two.request("d")];
    assert.deepEqual((await Promise.all(replies)).map(texts), [["A", "B"], ["C"], ["D"]]);
    await rep.close();
    await serving.catch(() => {});
  });

  test(`a ROUTER over ${name} echoes by its streams to who has sent`, async () => {
    await using place = await open();
    await using router = new Router();
    await place.listen(router);
    const echoing = router.readable.pipeTo(router.writable);
    const dealers = Array.from({ length: 3 }, () => new Dealer());
    for (const dealer of dealers) place.dial(dealer);
    for (const [i, dealer] of dealers.entries()) {
      const writer = dealer.writable.getWriter();
      for (let j = 0; j < 50; j++) await writer.write([`${i}`, "", `${j}`]);
    }
    for (const [i, dealer] of dealers.entries()) {
      const reader = dealer.readable.getReader();
      for (let j = 0; j < 50; j++) {
        assert.deepEqual(texts((await reader.read()).value!), [`${i}`, "", `${j}`]);
      }
      reader.releaseLock();
    }
    await router.close();
    await echoing.catch(() => {});
    await Promise.all(dealers.map((dealer) => dealer.close()));
  });

  test(`an XPUB and an XSUB over ${name} are forwarded by pipes both ways`, async () => {
    await using one = await open();
    await using two = await open();
    await using front = new XSub();
    await using back = new XPub();
    await one.listen(front);
    await two.listen(back);
    const up = back.readable.pipeTo(front.writable);
    const down = front.readable.pipeTo(back.writable);
    await using pub = new Pub();
    await using sub = new Sub({ subscribe: "t" });
    one.dial(pub);
    two.dial(sub);
    await pub.subscribed("t", { signal: patience() });
    const writer = pub.writable.getWriter();
    await writer.write(["t", "news"]);
    for await (const message of sub) {
      assert.deepEqual(texts(message), ["t", "news"]);
      break;
    }
    writer.releaseLock();
    await Promise.all([front.close(), back.close()]);
    await Promise.allSettled([up, down]);
  });

  test(`a PAIR over ${name} talks by its streams, and is closed when both have ended`, async () => {
    await using place = await open();
    await using left = new Pair();
    await using right = new Pair();
    await place.listen(left);
    place.dial(right);
    const writer = left.writable.getWriter();
    await writer.write("to the right");
    const reader = right.readable.getReader();
    assert.deepEqual(texts((await reader.read()).value!), ["to the right"]);
    await writer.close();
    await right.send("to the left");
    assert.deepEqual(texts(await left.receive({ signal: patience() })), ["to the left"]);
    await left.readable.cancel();
    await left.closed;
    await reader.cancel();
  });

  test(`a writer over ${name} waits for a reader that does not read, by bytes`, async () => {
    await using place = await open();
    await using pull = new Pull({ receiveBuffer: 10_000 });
    await using push = new Push({ sendBuffer: 10_000 });
    await place.listen(pull);
    place.dial(push);
    await push.peers(1, { signal: patience() });
    const writer = push.writable.getWriter();
    let written = 0;
    const writing = (async () => {
      for (let i = 0; i < 400; i++) {
        await writer.ready;
        await writer.write([`${i}`, new Uint8Array(50_000)]);
        written++;
      }
    })();
    await settled(() => written);
    assert.ok(written < 400, `${written}`);
    assert.ok(await isPending(writing));
    const reader = pull.readable.getReader();
    for (let i = 0; i < 400; i++) {
      assert.deepEqual(texts([(await reader.read()).value![0]!]), [`${i}`]);
    }
    await writing;
    reader.releaseLock();
  });

  for (const Sender of [Push, Dealer, Pair]) {
    test(`a ${Sender.name} over ${name} that drains sends what it had accepted, all of it`, async () => {
      await using place = await open();
      await using sender = new Sender();
      await using receiver = Sender === Push
        ? new Pull()
        : Sender === Pair
        ? new Pair()
        : new Dealer();
      for (let i = 0; i < 10; i++) await sender.send([`${i}`, new Uint8Array(10_000)]);
      await place.listen(receiver);
      place.dial(sender);
      const drained = sender.drain({ timeout: 20_000 });
      await assert.rejects(sender.send("late"), { code: "ECLOSED" });
      for (let i = 0; i < 10; i++) {
        const [number] = await receiver.receive({ signal: patience() });
        assert.deepEqual(texts([number!]), [`${i}`]);
      }
      await receiver.close();
      await drained;
      assert.deepEqual(sender.stats().drops, {});
    });
  }

  test(`a PULL over ${name} that drains hands out what has come, and then ends`, async () => {
    await using place = await open();
    await using pull = new Pull();
    await using push = new Push();
    await place.listen(pull);
    place.dial(push);
    for (let i = 0; i < 50; i++) await push.send([`${i}`, "x"]);
    await settled(() => pull.stats().messagesReceived);
    const drained = pull.drain();
    const heard: string[] = [];
    for await (const [number] of pull) heard.push(texts([number!])[0]!);
    assert.deepEqual(heard, Array.from({ length: 50 }, (_, i) => `${i}`));
    await drained;
  });
}
