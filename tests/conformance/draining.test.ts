/** Sockets that drain: nothing is lost that was accepted, or that their own kind of peer had sent. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { after, test } from "node:test";
import { setImmediate } from "node:timers/promises";
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
  Sub,
  Surveyor,
} from "../../mod.ts";
import { concat, utf8 } from "../helpers/bytes.ts";
import { spError } from "../helpers/errors.ts";
import { MockPlace } from "../helpers/mock_transport.ts";
import { question, readQuestion } from "../helpers/questions.ts";
import { frameAll } from "../helpers/reference_codec.ts";
import { calm } from "../helpers/turns.ts";
import { attached, patience, toText, watch } from "./stage.ts";
import { leaveTransports, TRANSPORTS } from "./transports.ts";

after(leaveTransports);

/** A PUSH's greeting. */
const SP_GREETING = new Uint8Array([0, 0x53, 0x50, 0, 0, 0x50, 0, 0]);

/** Sends numbers until the socket says no; how many it accepted. */
async function sendForever(push: { send(message: string): Promise<void> }): Promise<number> {
  let accepted = 0;
  try {
    for (;;) {
      await push.send(`${accepted}`.padEnd(200));
      accepted++;
    }
  } catch (error) {
    spError("ECLOSED")(error);
    return accepted;
  }
}

for (const { name, open } of TRANSPORTS) {
  test(`a PULL over ${name} that drains under load loses nothing that its PUSH has sent`, async () => {
    await using place = await open();
    const pull = new Pull({ receiveBuffer: 10_000 });
    const push = new Push({ sendBuffer: 100_000, reconnectMin: 60_000, reconnectMax: 60_000 });
    await place.listen(pull);
    place.dial(push);
    await attached(push, pull);
    const log = watch(push);
    const sending = sendForever(push);
    const received: number[] = [];
    for (let i = 0; i < 1000; i++) received.push(Number(toText(await pull.receive())));
    const drained = pull.drain({ timeout: 20_000 });
    for await (const message of pull) received.push(Number(toText(message)));
    await drained;
    assert.deepEqual(pull.stats().drops, {});
    await log.next("detached");
    // What it had not been sent stays with the PUSH, and is sent to the next.
    const left = push.stats();
    assert.deepEqual(left.drops, {});
    assert.deepEqual(received, received.map((_, i) => i));
    assert.equal(left.messagesSent, received.length);
    await push.close({ linger: 0 });
    await sending;
  });

  test(`a PUSH over ${name} that drains sends all it has accepted, however slow its PULL`, async () => {
    await using place = await open();
    await using pull = new Pull({ receiveBuffer: 1000 });
    const push = new Push({ linger: 0, sendBuffer: 1_000_000 });
    await place.listen(pull);
    place.dial(push);
    await attached(push, pull);
    for (let i = 0; i < 500; i++) await push.send(`${i}`.padEnd(1000));
    const drained = push.drain();
    await assert.rejects(push.send("more"), spError("ECLOSED"));
    for (let i = 0; i < 500; i++) {
      assert.equal(Number(toText(await pull.receive({ signal: patience() }))), i);
      if (i % 50 === 0) await setImmediate();
    }
    await drained;
    assert.deepEqual(push.stats().drops, {});
  });

  test(`a REP over ${name} that drains behind a device answers all that has come`, async () => {
    await using place = await open();
    const front = new RawSocket("rep");
    const back = new RawSocket("req");
    const address = `inproc://${crypto.randomUUID()}`;
    await front.bind(address);
    await place.listen(back);
    const forwarder = device(front, back);
    await using req = new Req();
    req.connect(address);
    const rep = new Rep();
    place.dial(rep);
    await Promise.all([attached(rep), back.peers(1, { signal: patience() })]);
    const { promise: go, resolve } = Promise.withResolvers<void>();
    const serving = rep.serve(async (message) => {
      await go;
      return message;
    }, { concurrency: 2 });
    const answers = Array.from(
      { length: 10 },
      (_, i) => req.request(`${i}`, { signal: patience() }),
    );
    while (rep.stats().messagesReceived < 10) await setImmediate();
    const drained = rep.drain({ timeout: 20_000 });
    resolve();
    assert.deepEqual((await Promise.all(answers)).map(toText), answers.map((_, i) => `${i}`));
    await drained;
    await serving;
    assert.deepEqual(rep.stats().drops, {});
    await forwarder.stop();
    await Promise.all([front.close(), back.close()]);
  });
}

test("a REQ that drains waits for its replies, and takes no new request", async () => {
  const req = new Req({ linger: 0 });
  const place = await MockPlace.of(req);
  const peer = await place.peer();
  const answer = req.request("?");
  await req.send("too");
  await peer.until(() => peer.messages().length === 2);
  const drained = req.drain();
  await assert.rejects(req.request("new"), spError("ECLOSED"));
  await assert.rejects(req.send("new"), spError("ECLOSED"));
  await calm();
  for (const message of peer.messages()) {
    peer.deliver(new Uint8Array([...message.subarray(0, 4), 33]));
  }
  assert.equal(toText(await answer), "!");
  assert.equal(toText(await req.receive()), "!");
  await drained;
  assert.deepEqual(req.stats().drops, {});
});

test("a REP that drains waits for the answers to what was received by calls and by requests()", async () => {
  const rep = new Rep({ linger: 0 });
  const place = await MockPlace.of(rep);
  const peer = await place.peer();
  peer.deliver(question("a", 1), question("b", 2));
  assert.equal(toText(await rep.receive()), "a");
  const requests = rep.requests();
  const { value: request } = await requests.next();
  let isOver = false;
  const drained = rep.drain().then(() => isOver = true);
  await calm();
  await request!.reply("B");
  await calm();
  assert.equal(isOver, false);
  await rep.send("A");
  await drained;
  assert.deepEqual(peer.messages().map(readQuestion).sort(), ["1 A", "2 B"]);
});

test("a SURVEYOR that drains lets its surveys run to their end", async () => {
  const surveyor = new Surveyor({ linger: 0 });
  const place = await MockPlace.of(surveyor);
  const peer = await place.peer();
  const responses = Array.fromAsync(surveyor.survey("?", { expect: 1, deadline: 60_000 }));
  await peer.until(() => peer.messages().length === 1);
  const drained = surveyor.drain();
  assert.throws(() => surveyor.survey("new"), spError("ECLOSED"));
  peer.deliver(new Uint8Array([...peer.messages()[0]!.subarray(0, 4), 33]));
  assert.deepEqual((await responses).map(toText), ["!"]);
  await drained;
});

test("what is left at the timeout is dropped and counted", async () => {
  const pull = new Pull();
  const place = await MockPlace.of(pull);
  const peer = await place.peer();
  peer.deliver(new Uint8Array(3), new Uint8Array(3));
  await pull.drain({ timeout: 5 });
  assert.deepEqual(pull.stats().drops, { closed: 2 });
  const push = new Push();
  const sent = assert.rejects(push.send("never"), spError("ECLOSED"));
  await push.drain({ timeout: 5 });
  await sent;
  assert.deepEqual(push.stats().drops, { closed: 1 });
});

test("drain makes no new peers, is the same once more, and ends with a close meanwhile", async () => {
  for (const socket of [new Pair(), new Bus(), new Sub(), new Pull(), new Pub(), new Rep()]) {
    const place = await MockPlace.of(socket);
    const peer = await place.peer();
    if ("receive" in socket) peer.deliver(new Uint8Array([0x80, 0, 0, 1]));
    const drained = [socket.drain(), socket.drain()];
    await assert.rejects(socket.bind("inproc://late"), spError("ECLOSED"));
    assert.throws(() => socket.connect("inproc://late"), spError("ECLOSED"));
    await socket.close();
    await Promise.all(drained);
  }
  const pull = new Pull();
  await assert.rejects(pull.drain({ timeout: -1 }), spError("EINVAL", "timeout"));
  await assert.rejects(pull.drain({ time: 1 } as never), spError("EINVAL", '"time"'));
  await pull.drain();
  await pull.closed;
});

test("a PULL that drains waits for a peer that has its greeting, and takes what it sent", async () => {
  await using pull = new Pull();
  const { address } = await pull.bind("tcp://127.0.0.1:0");
  const socket = connect({ port: Number(address.split(":").at(-1)), allowHalfOpen: true });
  socket.on("end", () => socket.end());
  await once(socket, "data");
  socket.write(concat([SP_GREETING, frameAll("tcp", ["one", "two"].map(utf8))]));
  const drained = pull.drain();
  const received: string[] = [];
  for await (const message of pull) received.push(toText(message));
  await drained;
  assert.deepEqual(received, ["one", "two"]);
});
