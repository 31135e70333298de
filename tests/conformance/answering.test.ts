/** Which question an answer is for: with calls, with streams, and with `requests()` and `surveys()`. */

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { type ReceivedQuestion, Rep, Req, Respondent, Surveyor } from "../../mod.ts";
import { spError } from "../helpers/errors.ts";
import { MockPlace } from "../helpers/mock_transport.ts";
import { question, readQuestion } from "../helpers/questions.ts";
import { calm } from "../helpers/turns.ts";
import { attached, patience, toText } from "./stage.ts";
import { leaveTransports, TRANSPORTS } from "./transports.ts";

after(leaveTransports);

async function next(questions: AsyncIterable<ReceivedQuestion>): Promise<ReceivedQuestion> {
  for await (const one of questions) return one;
  throw new Error("There was no question");
}

for (const { name, open } of TRANSPORTS) {
  test(`send over ${name} answers the question received last, and the one before is given up`, async () => {
    await using place = await open();
    await using rep = new Rep();
    await using req = new Req();
    await place.listen(rep);
    place.dial(req);
    await attached(req);
    const abort = new AbortController();
    const skipped = assert.rejects(req.request("skip", { signal: abort.signal }), /enough/);
    assert.equal(toText(await rep.receive({ signal: patience() })), "skip");
    const answer = req.request("answer", { signal: patience() });
    assert.equal(toText(await rep.receive({ signal: patience() })), "answer");
    await rep.send("for the second");
    assert.equal(toText(await answer), "for the second");
    assert.deepEqual(rep.stats().drops, { unanswered: 1 });
    abort.abort(new Error("enough"));
    await skipped;
  });

  test(`requests over ${name} are answered in any order`, async () => {
    await using place = await open();
    await using rep = new Rep();
    await using req = new Req();
    await place.listen(rep);
    place.dial(req);
    await attached(req);
    const answers = Array.from({ length: 5 }, (_, i) => req.request(`${i}`));
    const held: ReceivedQuestion[] = [];
    for await (const request of rep.requests()) if (held.push(request) === 5) break;
    assert.equal(held[0]!.peer.protocol, "req");
    for (const { message, reply } of held.reverse()) await reply(`re ${toText(message)}`);
    assert.deepEqual((await Promise.all(answers)).map(toText), [
      "re 0",
      "re 1",
      "re 2",
      "re 3",
      "re 4",
    ]);
  });

  test(`a question's signal over ${name} is aborted when its asker is gone`, async () => {
    await using place = await open();
    await using rep = new Rep();
    const req = new Req();
    await place.listen(rep);
    place.dial(req);
    req.request("?").catch(() => {});
    const request = await next(rep.requests());
    assert.equal(request.signal.aborted, false);
    const gone = new Promise((resolve) => request.signal.addEventListener("abort", resolve));
    await req.close();
    await gone;
    assert.ok(spError("ECONNRESET", "has left")(request.signal.reason));
    await request.reply("to nobody");
    assert.deepEqual(rep.stats().drops, { "peer-gone": 1 });
  });
}

test("a handler's second argument tells who asked, and is aborted when they leave", async () => {
  await using rep = new Rep();
  const place = await MockPlace.of(rep);
  const peer = await place.peer();
  const { promise, resolve } = Promise.withResolvers<ReceivedQuestion>();
  rep.serve(async (_message, request) => {
    resolve(request);
    await new Promise((left) => request.signal.addEventListener("abort", left));
    return "too late";
  });
  peer.deliver(question("?", 1));
  const request = await promise;
  assert.equal(request.peer.remoteAddress, peer.remoteAddress);
  peer.break();
  await calm();
  assert.equal(request.signal.aborted, true);
  assert.deepEqual(rep.stats().drops, { "peer-gone": 1 });
});

test("a question is answered once", async () => {
  await using rep = new Rep();
  const place = await MockPlace.of(rep);
  const peer = await place.peer();
  peer.deliver(question("?", 1));
  const request = await next(rep.requests());
  await request.reply("yes");
  await assert.rejects(request.reply("no"), spError("ESTATE", "answered already"));
  await assert.rejects(request.reply(7 as never), spError("ESTATE"));
  await calm();
  assert.deepEqual(peer.messages().map(readQuestion), ["1 yes"]);
});

test("what is no message leaves a question to be answered", async () => {
  await using rep = new Rep();
  const place = await MockPlace.of(rep);
  const peer = await place.peer();
  peer.deliver(question("?", 1));
  const request = await next(rep.requests());
  await assert.rejects(request.reply(7 as never), spError("EINVAL"));
  await request.reply("yes");
  await calm();
  assert.deepEqual(peer.messages().map(readQuestion), ["1 yes"]);
});

test("streams keep the order of the questions, whatever their askers", async () => {
  await using rep = new Rep();
  const place = await MockPlace.of(rep);
  const peers = [await place.peer(), await place.peer()];
  const slow = new TransformStream<Uint8Array, string>({
    transform: async (message, controller) => {
      for (let i = 0; i < 3; i++) await setImmediate();
      controller.enqueue(`re ${toText(message)}`);
    },
  });
  rep.readable.pipeThrough(slow).pipeTo(rep.writable).catch(() => {});
  for (let i = 0; i < 6; i++) peers[i % 2]!.deliver(question(`${i}`, i));
  await Promise.all(peers.map((peer) => peer.until(() => peer.messages().length === 3)));
  assert.deepEqual(peers.map((peer) => peer.messages().map(readQuestion)), [
    ["0 re 0", "2 re 2", "4 re 4"],
    ["1 re 1", "3 re 3", "5 re 5"],
  ]);
});

test("a batch is answered in its order, and what is left of it is given up by the next", async () => {
  await using rep = new Rep();
  const place = await MockPlace.of(rep);
  const peer = await place.peer();
  peer.deliver(question("a", 1), question("b", 2), question("c", 3));
  assert.deepEqual((await rep.receiveBatch()).map(toText), ["a", "b", "c"]);
  await rep.send("A");
  await rep.send("B");
  peer.deliver(question("d", 4));
  assert.equal(toText(await rep.receive()), "d");
  await rep.send("D");
  await calm();
  assert.deepEqual(peer.messages().map(readQuestion), ["1 A", "2 B", "4 D"]);
  assert.deepEqual(rep.stats().drops, { unanswered: 1 });
});

test("a REP that only reads remembers so many questions, counts the others, and still answers the right ones", async () => {
  const most = 65_536;
  await using rep = new Rep({ receiveBuffer: Infinity });
  const place = await MockPlace.of(rep);
  const peer = await place.peer();
  const reader = rep.readable.getReader();
  for (let i = 0; i < most + 10; i++) {
    peer.deliver(question("?", i));
    await reader.read();
  }
  assert.deepEqual(rep.stats().drops, { unanswered: 10 });
  const writer = rep.writable.getWriter();
  for (let i = 0; i < 11; i++) await writer.write(`${i}`);
  await calm();
  assert.deepEqual(peer.messages().map(readQuestion), ["10 10"]);
});

test("surveys are answered in any order, or not at all", async () => {
  const address = `inproc://${crypto.randomUUID()}`;
  await using surveyor = new Surveyor({ deadline: 60_000 });
  await using respondent = new Respondent();
  await surveyor.bind(address);
  respondent.connect(address);
  await surveyor.peers(1);
  const surveys = respondent.surveys();
  const first = surveyor.survey("first", { expect: 1 });
  const second = surveyor.survey("second", { expect: 1 });
  surveyor.survey("unanswered").cancel();
  const [one, two] = [(await surveys.next()).value!, (await surveys.next()).value!];
  await two.reply("2");
  await one.reply("1");
  assert.deepEqual((await Array.fromAsync(first)).map(toText), ["1"]);
  assert.deepEqual((await Array.fromAsync(second)).map(toText), ["2"]);
  assert.equal(toText((await surveys.next()).value!.message), "unanswered");
});

test("a failed request keeps its place: receive rejects there, and the replies behind it are whose they were", async () => {
  await using req = new Req({ failWithoutPeers: true });
  const place = await MockPlace.of(req);
  const first = await place.peer();
  await req.send("A");
  await first.sent(1).catch(() => {});
  first.break();
  const second = await place.peer();
  await req.send("B");
  await second.until(() => second.messages().length === 1);
  const id = second.messages()[0]!.subarray(0, 4);
  second.deliver(new Uint8Array([...id, 66]));
  await assert.rejects(req.receive(), spError("ENOPEERS"));
  assert.equal(toText(await req.receive()), "B");
});

test("a failed request ends a batch, and is told by the next call", async () => {
  await using req = new Req({ failWithoutPeers: true });
  const place = await MockPlace.of(req);
  const peer = await place.peer();
  await req.send("A");
  await req.send("B");
  await peer.until(() => peer.messages().length === 2);
  peer.deliver(new Uint8Array([...peer.messages()[0]!.subarray(0, 4), 65]));
  peer.break();
  assert.deepEqual((await req.receiveBatch()).map(toText), ["A"]);
  await assert.rejects(req.receiveBatch(), spError("ENOPEERS"));
  await assert.rejects(req.receive(), spError("ESTATE"));
});

test("in a stream a failed request is an error behind the replies that come before it", async () => {
  await using req = new Req({ failWithoutPeers: true });
  const place = await MockPlace.of(req);
  const peer = await place.peer();
  const writer = req.writable.getWriter();
  await writer.write("A");
  await writer.write("B");
  await peer.until(() => peer.messages().length === 2);
  peer.deliver(new Uint8Array([...peer.messages()[0]!.subarray(0, 4), 65]));
  peer.break();
  const reader = req.readable.getReader();
  assert.equal(toText((await reader.read()).value!), "A");
  await assert.rejects(reader.read(), spError("ENOPEERS"));
});
