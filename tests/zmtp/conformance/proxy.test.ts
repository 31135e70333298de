/** The proxy: its three kinds, what it copies, counts and holds up, and how it stops. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  Dealer,
  Pair,
  proxy,
  type ProxyOptions,
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
import { spError } from "../../helpers/errors.ts";
import { isPending } from "../../helpers/turns.ts";
import { patience, settled, watch } from "../../conformance/stage.ts";
import { texts } from "../helpers/frames_text.ts";
import { SOME_TRANSPORTS } from "./places.ts";

/** An address of its own within this program. */
function address(): string {
  return `inproc://${crypto.randomUUID()}`;
}

for (const { name, open } of SOME_TRANSPORTS) {
  test(`requests and replies pass a queue of ROUTER and DEALER over ${name}, two in a row`, async () => {
    await using one = await open();
    await using two = await open();
    await using three = await open();
    await using front = new Router();
    await using back = new Dealer();
    await using next = new Router();
    await using last = new Dealer();
    await one.listen(front);
    await two.listen(next);
    two.dial(back);
    await three.listen(last);
    await using near = proxy(front, back);
    await using far = proxy(next, last);
    const reps = [new Rep(), new Rep()];
    for (const rep of reps) {
      three.dial(rep);
      rep.serve(([frame]) => [frame!, "answered"]);
    }
    const reqs = Array.from({ length: 3 }, (_, i) => new Req({ correlate: i === 2 }));
    for (const req of reqs) one.dial(req);
    const replies = reqs.flatMap((req, i) =>
      Array.from({ length: 20 }, (_, j) => req.request(`${i}.${j}`, { signal: patience() }))
    );
    const wanted = reqs.flatMap((_, i) =>
      Array.from({ length: 20 }, (_, j) => [`${i}.${j}`, "answered"])
    );
    assert.deepEqual((await Promise.all(replies)).map(texts), wanted);
    for (const each of [near, far]) {
      const { forward, backward } = each.stats();
      assert.deepEqual([forward.messages, forward.dropped], [60, 0]);
      assert.deepEqual([backward.messages, backward.dropped], [60, 0]);
      assert.ok(backward.bytes > forward.bytes);
    }
    await Promise.all([...reqs, ...reps].map((socket) => socket.close()));
  });

  test(`messages and subscriptions pass a forwarder of XSUB and XPUB over ${name}`, async () => {
    await using one = await open();
    await using two = await open();
    await using front = new XSub();
    await using back = new XPub();
    await one.listen(front);
    await two.listen(back);
    await using forwarder = proxy(front, back);
    await using pub = new Pub();
    one.dial(pub);
    const subs = [new Sub({ subscribe: "a" }), new Sub({ subscribe: ["a", "b"] })] as const;
    for (const sub of subs) two.dial(sub);
    for (const prefix of ["a", "b"]) await pub.subscribed(prefix, { signal: patience() });
    await settled(() => forwarder.stats().backward.messages);
    assert.equal(forwarder.stats().backward.messages, 2, "the first of each prefix");
    for (const topic of ["a", "b", "c"]) await pub.send([topic, "news"]);
    assert.deepEqual(texts(await subs[0].receive({ signal: patience() })), ["a", "news"]);
    for (const topic of ["a", "b"]) {
      assert.deepEqual(texts(await subs[1].receive({ signal: patience() })), [topic, "news"]);
    }
    await subs[1].close();
    // Two subscriptions and an end.
    while (pub.stats().messagesReceived < 3) await settled(() => 0);
    await pub.send("b");
    await pub.send("a");
    assert.deepEqual(texts(await subs[0].receive({ signal: patience() })), ["a"]);
    const { messages, bytes } = forwarder.stats().forward;
    assert.deepEqual([messages, bytes], [3, 11], "what nobody wants does not come here");
    await subs[0].close();
  });

  test(`jobs pass a streamer of PULL and PUSH over ${name}, and it pushes back`, async () => {
    await using one = await open();
    await using two = await open();
    await using front = new Pull({ receiveHighWaterMark: 2 });
    await using back = new Push({ immediate: true });
    await one.listen(front);
    await two.listen(back);
    await using streamer = proxy(front, back);
    await using push = new Push({ sendHighWaterMark: 2 });
    one.dial(push);
    await push.peers(1, { signal: patience() });
    let sent = 0;
    const body = new Uint8Array(100_000);
    const sending = (async () => {
      for (; sent < 300; sent++) await push.send([`${sent}`, body]);
    })();
    await settled(() => sent);
    assert.ok(sent < 300, "nobody takes them yet");
    assert.equal(streamer.stats().forward.messages, 0);
    await using pull = new Pull();
    two.dial(pull);
    for (let i = 0; i < 300; i++) {
      assert.deepEqual(texts([(await pull.receive({ signal: patience() }))[0]!]), [`${i}`]);
    }
    await sending;
    assert.deepEqual(streamer.stats().backward, { messages: 0, bytes: 0, dropped: 0 });
  });
}

/** A PULL and a PUSH, those who use them, and a proxy between. */
async function streamer(options: ProxyOptions = {}) {
  const [front, back] = [new Pull(), new Push({ immediate: true })];
  const [push, pull] = [new Push(), new Pull()];
  const [one, two] = [address(), address()];
  await front.bind(one);
  await back.bind(two);
  push.connect(one);
  const running = proxy(front, back, options);
  return {
    front,
    back,
    push,
    pull,
    running,
    /** Somebody takes what passes. */
    take: async () => {
      pull.connect(two);
      await back.peers(1);
    },
    [Symbol.asyncDispose]: async () => {
      await running.stop();
      await Promise.all([front, back, push, pull].map((socket) => socket.close({ linger: 0 })));
    },
  };
}

for (const make of [() => new Push(), () => new Dealer(), () => new Pair()]) {
  const { name } = make().constructor;

  test(`a capture by ${name} gets a copy of each message, both ways`, async () => {
    await using capture = make();
    await using hears = name === "Push" ? new Pull() : name === "Pair" ? new Pair() : new Dealer();
    const where = address();
    await hears.bind(where);
    capture.connect(where);
    const [front, back] = [new Router(), new Dealer()];
    const [one, two] = [address(), address()];
    await front.bind(one);
    await back.bind(two);
    const queue = proxy(front, back, { capture });
    await using rep = new Rep();
    rep.connect(two);
    rep.serve((frames) => frames);
    await using req = new Req({ routingId: "req" });
    req.connect(one);
    await req.request(["a", "b"]);
    assert.deepEqual(texts(await hears.receive({ signal: patience() })), ["req", "", "a", "b"]);
    assert.deepEqual(texts(await hears.receive({ signal: patience() })), ["req", "", "a", "b"]);
    await queue.stop();
    await Promise.all([front.close(), back.close()]);
  });
}

test("a capture without room holds up the proxy, and what was passed on is not counted as dropped", async () => {
  await using capture = new Push({ immediate: true });
  await using stage = await streamer({ capture });
  await stage.take();
  await stage.push.send("one");
  await stage.push.send("two");
  assert.deepEqual(texts(await stage.pull.receive({ signal: patience() })), ["one"]);
  const abort = new AbortController();
  const idle = stage.pull.receive({ signal: abort.signal });
  assert.ok(await isPending(idle));
  abort.abort(new Error("enough"));
  await assert.rejects(idle, /enough/);
  await stage.running.stop();
  const { messages, bytes, dropped } = stage.running.stats().forward;
  assert.deepEqual([messages, bytes], [1, 3]);
  assert.ok(dropped <= 1, `${dropped}`);
});

test("a capture whose time runs out is left without that copy, and the proxy goes on", async () => {
  await using capture = new Push({ immediate: true, sendTimeout: 1 });
  await using stage = await streamer({ capture });
  await stage.take();
  for (const job of ["one", "two"]) await stage.push.send(job);
  for (const job of ["one", "two"]) {
    assert.deepEqual(texts(await stage.pull.receive({ signal: patience() })), [job]);
  }
});

test("a proxy that is stopped while nobody has room counts what it had taken as dropped", async () => {
  await using stage = await streamer();
  for (const job of ["one", "two", "three"]) await stage.push.send(job);
  await settled(() => stage.front.stats().messagesReceived);
  await stage.running.stop();
  const { messages, dropped } = stage.running.stats().forward;
  assert.equal(messages, 0);
  assert.equal(dropped + stage.front.stats().queuedMessages, 3);
});

test("the sockets of a stopped proxy stay open, and can have another", async () => {
  await using stage = await streamer();
  await stage.take();
  await stage.push.send("by the first");
  assert.deepEqual(texts(await stage.pull.receive({ signal: patience() })), ["by the first"]);
  await stage.running.stop();
  await stage.running.stop();
  await stage.running.stopped;
  await stage.push.send("by the second");
  await using second = proxy(stage.front, stage.back);
  assert.deepEqual(texts(await stage.pull.receive({ signal: patience() })), ["by the second"]);
  assert.equal(second.stats().forward.messages, 1);
});

test("a proxy stops by its signal, before or while it runs", async () => {
  const abort = new AbortController();
  await using stage = await streamer({ signal: abort.signal });
  assert.ok(await isPending(stage.running.stopped));
  abort.abort();
  await stage.running.stopped;
  await using never = proxy(stage.front, stage.back, { signal: abort.signal });
  await never.stopped;
});

test("a proxy stops when one of its sockets is closed, and the other stays open", async () => {
  await using stage = await streamer();
  await stage.front.close();
  await stage.running.stopped;
  await stage.take();
  await stage.back.send("still here");
  assert.deepEqual(texts(await stage.pull.receive({ signal: patience() })), ["still here"]);
});

test("a proxy passes over times of its sockets that run out", async () => {
  const [front, back] = [
    new Pull({ receiveTimeout: 1 }),
    new Push({ sendTimeout: 1, immediate: true }),
  ];
  const log = watch(front);
  const [one, two] = [address(), address()];
  await front.bind(one);
  await back.bind(two);
  await using running = proxy(front, back);
  await using push = new Push();
  push.connect(one);
  await log.next("attached");
  await push.send("lost");
  while (running.stats().forward.dropped < 1) await settled(() => 0);
  await using pull = new Pull();
  pull.connect(two);
  await back.peers(1);
  await push.send("passed on");
  assert.deepEqual(texts(await pull.receive({ signal: patience() })), ["passed on"]);
  const { messages, dropped, bytes } = running.stats().forward;
  assert.deepEqual([messages, dropped, bytes], [1, 1, 9], "bytes are those that passed");
  await running.stop();
  await Promise.all([front.close(), back.close()]);
});

test("a reply to a peer that has gone does not stop a queue whose front is mandatory", async () => {
  const [front, back] = [new Router({ mandatory: true }), new Dealer()];
  const [one, two] = [address(), address()];
  await front.bind(one);
  await back.bind(two);
  await using queue = proxy(front, back);
  const log = watch(front);
  await using rep = new Rep();
  rep.connect(two);
  const gone = new Req();
  gone.connect(one);
  const lost = assert.rejects(gone.request("?"));
  await rep.receive({ signal: patience() });
  await Promise.all([lost, gone.close()]);
  await log.next("detached");
  await rep.send("too late");
  while (queue.stats().backward.dropped < 1) await settled(() => 0);
  await using req = new Req();
  req.connect(one);
  const reply = req.request("??", { signal: patience() });
  await rep.receive({ signal: patience() });
  await rep.send("in time");
  assert.deepEqual(texts(await reply), ["in time"]);
  await queue.stop();
  await Promise.all([front.close(), back.close()]);
});

test("a proxy of sockets between which there is no way is refused", async () => {
  await using one = new Pull();
  await using two = new Sub();
  assert.throws(() => proxy(one, two), spError("EINVAL"));
  assert.throws(() => proxy(new Push(), new Pub()), spError("EINVAL"));
});

test("a proxy refuses options that it does not know, and a capture that cannot send", async () => {
  await using front = new Pull();
  await using back = new Push();
  assert.throws(() => proxy(front, back, { captur: back } as never), spError("EINVAL", "captur"));
  assert.throws(
    () => proxy(front, back, { capture: front } as never),
    spError("EINVAL", "capture"),
  );
});
