/** Whose memory a message is: a caller's buffer is free on return, and what is received is its receiver's alone. */

import assert from "node:assert/strict";
import { after, test } from "node:test";
import {
  Bus,
  device,
  Pair,
  Pub,
  Pull,
  Push,
  RawSocket,
  Rep,
  Req,
  Respondent,
  type Socket,
  Sub,
  Surveyor,
  transfer,
} from "../../mod.ts";
import { concat, utf8 } from "../helpers/bytes.ts";
import { spError } from "../helpers/errors.ts";
import { bodies, question, readQuestion } from "../helpers/questions.ts";
import { MockPlace } from "../helpers/mock_transport.ts";
import { attached, patience, toText, watch } from "./stage.ts";
import { leaveTransports, TRANSPORTS } from "./transports.ts";

after(leaveTransports);

const LARGE = 100_000;

/** A buffer whose owner uses it again at once. */
function reused(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

for (const { name, open } of TRANSPORTS) {
  test(`a message over ${name} that waits for a peer is as it was when it was sent`, async () => {
    await using place = await open();
    await using push = new Push();
    await using pull = new Pull();
    const buffer = reused("hello");
    const sent = push.send(buffer);
    buffer.fill(88);
    const writer = push.writable.getWriter();
    const second = reused("second");
    const written = writer.write(second);
    second.fill(88);
    await place.listen(pull);
    place.dial(push);
    await Promise.all([sent, written]);
    assert.equal(toText(await pull.receive({ signal: patience() })), "hello");
    assert.equal(toText(await pull.receive({ signal: patience() })), "second");
  });

  test(`a request over ${name} that waits for a peer, and is sent again, is as it was`, async () => {
    await using place = await open();
    await using rep = new Rep();
    await using req = new Req({ resendInterval: 5 });
    const one = reused("one");
    const two = reused("two");
    const answer = req.request(one, { signal: patience() });
    await req.send(two);
    one.fill(88);
    two.fill(88);
    await place.listen(rep);
    place.dial(req);
    const seen: string[] = [];
    for await (const request of rep.requests()) {
      seen.push(toText(request.message));
      if (seen.length < 6) continue;
      await request.reply("enough");
      break;
    }
    rep.serve(() => "enough");
    assert.deepEqual([...new Set(seen)].sort(), ["one", "two"]);
    await answer;
  });

  test(`two subscribers over ${name} do not see what the other writes to a message`, async () => {
    await using place = await open();
    await using pub = new Pub();
    const subs = [new Sub({ subscribe: "" }), new Sub({ subscribe: "" })] as const;
    await place.listen(pub);
    for (const sub of subs) place.dial(sub);
    await pub.peers(2, { signal: patience() });
    await pub.send("shared?");
    const [mine, yours] = await Promise.all(
      subs.map((sub) => sub.receive({ signal: patience() })),
    );
    mine!.fill(88);
    assert.equal(toText(yours!), "shared?");
    await Promise.all(subs.map((sub) => sub.close()));
  });
}

test("members of a BUS in one process do not see what another writes to a message", async () => {
  const address = `inproc://${crypto.randomUUID()}`;
  await using hub = new Bus();
  await using one = new Bus();
  await using two = new Bus();
  await hub.bind(address);
  one.connect(address);
  two.connect(address);
  await hub.peers(2);
  const buffer = reused("shared?");
  await hub.send(buffer);
  const mine = await one.receive();
  mine.fill(88);
  buffer.fill(89);
  assert.equal(toText(await two.receive()), "shared?");
});

test("respondents in one process do not see what another writes to a survey", async () => {
  const address = `inproc://${crypto.randomUUID()}`;
  await using surveyor = new Surveyor();
  await using one = new Respondent();
  await using two = new Respondent();
  await surveyor.bind(address);
  one.connect(address);
  two.connect(address);
  await surveyor.peers(2);
  await surveyor.send("shared?");
  (await one.receive()).fill(88);
  assert.equal(toText(await two.receive()), "shared?");
});

test("what waits in a raw socket and behind a device is as it was when it was sent", async () => {
  const front = new RawSocket("pull");
  const back = new RawSocket("push");
  const raw = new RawSocket("push");
  const address = `inproc://${crypto.randomUUID()}`;
  const behind = `inproc://${crypto.randomUUID()}`;
  await front.bind(address);
  await back.bind(behind);
  const body = reused("body");
  const sent = raw.send({ body });
  body.fill(88);
  raw.connect(address);
  await sent;
  const forwarder = device(front, back);
  await using pull = new Pull();
  pull.connect(behind);
  assert.equal(toText(await pull.receive({ signal: patience() })), "body");
  await forwarder.stop();
  await Promise.all([front, back, raw].map((socket) => socket.close()));
});

test("what is taken back from a lost peer is as it was when it was sent", async () => {
  await using push = new Push();
  const place = await MockPlace.of(push);
  const first = await place.peer({ stuck: true });
  const buffers = ["one", "two", "three"].map(reused);
  for (const buffer of buffers) await push.send(buffer);
  await first.until(({ writes }) => writes.length > 0);
  for (const buffer of buffers) buffer.fill(88);
  const more = [reused("four"), reused("five")];
  for (const buffer of more) await push.send(buffer);
  for (const buffer of more) buffer.fill(88);
  first.break();
  const second = await place.peer();
  assert.deepEqual(await second.sent(4), ["two", "three", "four", "five"]);
});

test("a subscription is as it was when it was made", async () => {
  await using pub = new Pub();
  await using sub = new Sub();
  const prefix = reused("cpu");
  sub.subscribe(prefix);
  prefix.fill(88);
  const address = `inproc://${crypto.randomUUID()}`;
  await pub.bind(address);
  sub.connect(address);
  await pub.peers(1);
  await pub.send("XXX");
  await pub.send("cpu 1");
  assert.equal(toText(await sub.receive({ signal: patience() })), "cpu 1");
});

test("an answer that is written by a handler's buffer is as it was", async () => {
  await using rep = new Rep();
  const place = await MockPlace.of(rep);
  const peer = await place.peer();
  const buffer = reused("yes");
  const serving = rep.serve((_question, { reply }) => {
    const replied = reply(buffer);
    buffer.fill(88);
    return replied.then(() => undefined);
  });
  peer.deliver(question("?", 1));
  await peer.until(() => peer.messages().length === 1);
  assert.equal(readQuestion(peer.messages()[0]!), "1 yes");
  await rep.close();
  await serving;
});

/** Takes a buffer away from whoever looks at it. */
function detach(buffer: ArrayBuffer): void {
  structuredClone(buffer, { transfer: [buffer] });
}

/** Ways to take the memory of a large message away. */
const THEFTS: [how: string, make: () => { message: Uint8Array<ArrayBuffer>; take(): void }][] = [
  ["detached", () => {
    const message = new Uint8Array(LARGE);
    return { message, take: () => detach(message.buffer) };
  }],
  ["made smaller", () => {
    const buffer = new ArrayBuffer(LARGE, { maxByteLength: LARGE });
    return { message: new Uint8Array(buffer), take: () => buffer.resize(10) };
  }],
];

for (const [how, make] of THEFTS) {
  for (const { name, open } of TRANSPORTS) {
    test(`a large message over ${name} that is ${how} before the flush costs only itself`, async () => {
      await using place = await open();
      await using push = new Push();
      await using pull = new Pull();
      await place.listen(pull);
      place.dial(push);
      await attached(push, pull);
      const log = watch(push);
      const { message, take } = make();
      const sent = ["before", message].map((one) => push.send(one));
      take();
      await Promise.all([...sent, push.send("after")]);
      const sizes: number[] = [];
      while (sizes.at(-1) !== 5) {
        sizes.push((await pull.receive({ signal: patience() })).length);
      }
      // Over ws it is handed over at once, as it was.
      if (sizes.length === 3) assert.deepEqual(sizes, [6, LARGE, 5]);
      else {
        assert.deepEqual(sizes, [6, 5]);
        const { reason, count } = await log.next("dropped");
        assert.deepEqual([reason, count], ["detached", 1]);
        assert.deepEqual(push.stats().drops, { detached: 1 });
        assert.equal(push.stats().messagesSent, 2);
      }
      assert.deepEqual(log.of("detached"), []);
    });
  }

  test(`a large message that is ${how} while it waits for a peer is dropped, counted and told`, async () => {
    for (const socket of [new Push(), new Pair()]) {
      const place = await MockPlace.of(socket);
      const { message, take } = make();
      const sent = socket.send(message);
      const after = socket.send("after");
      take();
      const peer = await place.peer({ framing: "message" });
      await Promise.all([sent, after]);
      assert.deepEqual(await peer.sent(1), ["after"]);
      assert.deepEqual(socket.stats().drops, { detached: 1 });
      await socket.close();
    }
  });

  test(`a large request that is ${how} before it is sent again fails, and the others go on`, async () => {
    await using req = new Req();
    const place = await MockPlace.of(req);
    const { message, take } = make();
    const lost = req.request(message);
    const small = req.request("small");
    const first = await place.peer();
    await first.until((peer) => peer.messages().length === 2);
    take();
    const rejected = assert.rejects(lost, spError("EINVAL", "memory is gone"));
    first.break();
    const second = await place.peer();
    assert.deepEqual(await bodies(second, 1), ["small"]);
    await rejected;
    const id = second.messages()[0]!.subarray(0, 4);
    second.deliver(concat([id, utf8("!")]));
    assert.equal(toText(await small), "!");
  });

  test(`a large message that is ${how} while it is kept for a slow subscriber costs only itself`, async () => {
    await using pub = new Pub({ sendBuffer: 10_000_000 });
    const place = await MockPlace.of(pub);
    const slow = await place.peer({ framing: "message" });
    slow.stuck = true;
    await pub.send("first");
    await slow.sent(1);
    const { message, take } = make();
    await pub.send(message);
    await pub.send("last");
    take();
    slow.release();
    assert.deepEqual(await slow.sent(2), ["first", "last"]);
    assert.deepEqual(pub.stats().drops, { detached: 1 });
  });
}

test("a buffer that is detached already cannot be sent", async () => {
  await using push = new Push();
  const message = new Uint8Array(100);
  detach(message.buffer);
  await assert.rejects(push.send(message), spError("EINVAL", "memory is gone", "detached"));
  await assert.rejects(push.send(message.buffer), spError("EINVAL", "memory is gone"));
  await assert.rejects(
    push.writable.getWriter().write(message),
    spError("EINVAL", "memory is gone"),
  );
});

test("a transferred message whose send is given up can be sent again", async () => {
  const socket: Socket[] = [];
  for (
    const [push, options] of [
      [new Push(), { timeout: 1 }],
      [new Push({ sendTimeout: 1 }), {}],
      [new Push(), { signal: AbortSignal.timeout(1) }],
    ] as const
  ) {
    const given = transfer(new Uint8Array(LARGE).fill(7));
    await assert.rejects(push.send(given, options));
    const place = await MockPlace.of(push);
    const peer = await place.peer();
    await push.send(given);
    await peer.sent(1);
    assert.equal(peer.messages()[0]!.length, LARGE);
    await assert.rejects(push.send(given), spError("EINVAL", "twice"));
    socket.push(push);
  }
  await Promise.all(socket.map((one) => one.close()));
});

test("a transferred request that was never sent can be sent again", async () => {
  await using req = new Req();
  const given = transfer(new Uint8Array(LARGE));
  await assert.rejects(req.request(given, { timeout: 1 }), spError("ETIMEDOUT"));
  const place = await MockPlace.of(req);
  const peer = await place.peer();
  const again = req.request(given);
  await peer.until(() => peer.messages().length === 1);
  assert.equal(peer.messages()[0]!.length, LARGE + 4);
  again.catch(() => {});
});
