/** Sockets with a codec, and what their codec cannot encode or decode: that message is lost, and told; no other is. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  Bus,
  Pair,
  Pair1,
  Pub,
  Pull,
  Push,
  type Receiver,
  Rep,
  Req,
  Respondent,
  type Sender,
  Sink,
  type Socket,
  Source,
  Sub,
  Surveyor,
} from "../../mod.ts";
import { patience } from "../conformance/stage.ts";
import { spError } from "../helpers/errors.ts";
import { nextDrops, nextEvent } from "../helpers/next_event.ts";
import { json, text } from "./codecs.ts";

const OPEN: Record<string, () => [Sender<string> & Socket, Receiver<number> & Socket]> = {
  PULL: () => [new Push({ codec: text }), new Pull({ codec: json<number>() })],
  SINK: () => [new Source({ codec: text }), new Sink({ codec: json<number>() })],
  SUB: () => [new Pub({ codec: text }), new Sub({ codec: json<number>(), subscribe: "" })],
  PAIR: () => [new Pair({ codec: text }), new Pair({ codec: json<number>() })],
  PAIR1: () => [new Pair1({ codec: text }), new Pair1({ codec: json<number>() })],
  BUS: () => [new Bus({ codec: text }), new Bus({ codec: json<number>() })],
};

let count = 0;

async function meet(sender: Socket, receiver: Socket): Promise<void> {
  const address = `inproc://malformed-${count++}`;
  await receiver.bind(address);
  sender.connect(address);
  await Promise.all([
    sender.peers(1, { signal: patience() }),
    receiver.peers(1, { signal: patience() }),
  ]);
}

/** The ways to take messages; each yields them as they come. */
const TAKES: Record<string, (receiver: Receiver<number>) => AsyncIterator<number>> = {
  "receive": async function* (receiver) {
    for (;;) yield await receiver.receive({ signal: patience() });
  },
  "receiveBatch": async function* (receiver) {
    for (;;) yield* await receiver.receiveBatch({ signal: patience() });
  },
  "the loop": async function* (receiver) {
    yield* receiver;
  },
  "messages": async function* (receiver) {
    for await (const { message } of receiver.messages()) yield message;
  },
  "a reader": async function* (receiver) {
    for (const reader = receiver.readable.getReader();;) yield (await reader.read()).value!;
  },
  "a pipe": async function* (receiver) {
    yield* receiver.readable.pipeThrough(new TransformStream<number, number>());
  },
};

const SENT = ["{", "1", "{", "{", "2", "3", "", "{}}", "4", "nonsense", "5"];

for (const [name, open] of Object.entries(OPEN)) {
  for (const [how, take] of Object.entries(TAKES)) {
    test(`what a ${name}'s codec cannot decode is dropped, and ${how} gets what it can`, async () => {
      const [sender, receiver] = open();
      await using _sender = sender;
      await using _receiver = receiver;
      await meet(sender, receiver);
      const events = receiver.events().getReader();
      const taken = take(receiver);
      // All of them wait when they are taken.
      for (const word of SENT) await sender.send(word);
      for (const n of [1, 2, 3, 4, 5]) assert.equal((await taken.next()).value, n);
      // Each comes while somebody waits.
      for (const [first, second] of [["6", "7"], ["8", "9"]] as const) {
        const next = taken.next();
        for (const word of ["{", first, "{", second]) await sender.send(word);
        assert.equal((await next).value, Number(first));
        assert.equal((await taken.next()).value, Number(second));
      }
      const drops = await nextDrops(events, 10);
      assert.equal(drops.reason, "malformed");
      assert.ok(drops.error instanceof SyntaxError, String(drops.error));
      assert.equal(receiver.stats().drops.malformed, 10);
      assert.equal(receiver.stats().peers[0]!.drops.malformed, 10);
      assert.equal(receiver.stats().peers.length, 1);
    });
  }
}

test("what waits when the socket closes ends the stream behind what can be decoded", async () => {
  const pull = new Pull({ codec: json<number>() });
  await using push = new Push({ codec: text });
  await meet(push, pull);
  for (const word of ["1", "{", "2", "{"]) await push.send(word);
  while (pull.stats().queuedMessages < 4) await new Promise((resolve) => setTimeout(resolve, 1));
  const { readable } = pull;
  await pull.close();
  assert.deepEqual(await Array.fromAsync(readable), [1, 2]);
  assert.equal(pull.stats().drops.malformed, 2);
});

test("a flood that nobody can decode harms nothing else", async () => {
  await using pull = new Pull({ codec: json<number>() });
  await using push = new Push({ codec: text });
  await meet(push, pull);
  const flood = (async () => {
    for (let i = 0; i < 20_000; i++) await push.send("{");
    await push.send("1");
  })();
  assert.equal(await pull.receive({ signal: patience() }), 1);
  await flood;
  assert.equal(pull.stats().drops.malformed, 20_000);
});

test("a codec that closes its socket while it decodes ends what waits", async () => {
  const pull: Pull<number> = new Pull({
    codec: {
      encode: () => "",
      decode: () => {
        pull.close();
        throw new Error("enough");
      },
    },
  });
  await using push = new Push();
  await meet(push, pull);
  const waiting = pull.receive();
  await push.send("1");
  await assert.rejects(waiting, spError("ECLOSED"));
  await pull.closed;
});

test("what a codec cannot encode is told to who sends it, and nothing is sent", async () => {
  await using push = new Push({ codec: json<unknown>() });
  await using pull = new Pull({ codec: json<unknown>() });
  await meet(push, pull);
  await assert.rejects(push.send(10n), TypeError);
  await assert.rejects(push.send(undefined), spError("EINVAL", "encode nothing"));
  await push.send("next");
  assert.equal(await pull.receive(), "next");
  const writer = push.writable.getWriter();
  await writer.write("last");
  await assert.rejects(writer.write(10n), TypeError);
  await assert.rejects(writer.closed, TypeError);
  assert.equal(await pull.receive(), "last");
});

const CALC = { request: json<number>(), reply: json<number>() };

test("a question that cannot be decoded is answered by serve's onError, and no handler sees it", async () => {
  await using rep = new Rep({ codec: CALC });
  await using req = new Req();
  await meet(req, rep);
  const events = rep.events().getReader();
  const told: unknown[] = [];
  const handled: number[] = [];
  rep.serve((n) => {
    handled.push(n);
    return 2 * n;
  }, {
    concurrency: 1,
    onError: (error, message) => {
      told.push([error, message]);
      return -1;
    },
  });
  const answer = async (question: string) =>
    new TextDecoder().decode(await req.request(question, { timeout: 20_000 }));
  assert.deepEqual(await Promise.all(["1", "{", "2"].map(answer)), ["2", "-1", "4"]);
  const [[error, message]] = told as [[unknown, Uint8Array]];
  assert.ok(error instanceof SyntaxError);
  assert.deepEqual(message, new TextEncoder().encode("{"));
  assert.deepEqual(handled, [1, 2]);
  const drop = await nextEvent(events, "dropped");
  assert.deepEqual([drop.reason, drop.count, drop.error], ["malformed", 1, error]);
  assert.equal(rep.stats().drops.malformed, 1);
});

test("without onError a question that cannot be decoded stays unanswered, and others are answered", async () => {
  await using rep = new Rep({ codec: CALC });
  await using req = new Req();
  await meet(req, rep);
  rep.serve((n) => 2 * n, { concurrency: 1 });
  const lost = req.request("{");
  lost.catch(() => {});
  assert.equal(new TextDecoder().decode(await req.request("4")), "8");
  assert.equal(rep.stats().drops.malformed, 1);
});

test("an onError that throws costs the answer, and is an event", async () => {
  await using rep = new Rep({ codec: CALC });
  await using req = new Req();
  await meet(req, rep);
  const events = rep.events().getReader();
  rep.serve((n) => 2 * n, {
    concurrency: 1,
    onError: () => {
      throw new RangeError("no answer");
    },
  });
  req.request("{").catch(() => {});
  assert.ok((await nextEvent(events, "handler-failed")).error instanceof RangeError);
  assert.equal(new TextDecoder().decode(await req.request("4")), "8");
});

test("an answer that cannot be encoded is serve's error, and costs its answer", async () => {
  await using rep = new Rep({ codec: json<unknown>() });
  await using req = new Req({ codec: json<unknown>() });
  await meet(req, rep);
  rep.serve((n) => n === 1 ? 10n : n, { onError: (error) => `${(error as Error).name}` });
  assert.deepEqual(await Promise.all([req.request(1), req.request(2)]), ["TypeError", 2]);
});

test("by its other faces a REP gets the questions that can be decoded", async () => {
  await using rep = new Rep({ codec: CALC });
  await using req = new Req();
  await meet(req, rep);
  const ask = (question: string) => void req.request(question).catch(() => {});
  for (const question of ["{", "1", "{"]) ask(question);
  assert.equal(await rep.receive({ signal: patience() }), 1);
  await rep.send(10);
  for (const question of ["{", "2"]) ask(question);
  for await (const { message, reply } of rep.requests()) {
    assert.equal(message, 2);
    await reply(20);
    break;
  }
  for (const question of ["{", "3"]) ask(question);
  assert.deepEqual(await rep.receiveBatch({ signal: patience() }), [3]);
  await rep.send(30);
  for (const question of ["{", "4"]) ask(question);
  const { value } = await rep.readable.getReader().read();
  assert.equal(value, 4);
  assert.equal(rep.stats().drops.malformed, 5);
});

test("a reply that cannot be decoded fails its request, and no other", async () => {
  await using rep = new Rep();
  await using req = new Req({ codec: CALC });
  await meet(req, rep);
  const events = req.events().getReader();
  rep.serve((question) => new TextDecoder().decode(question) === "1" ? "{" : question);
  const [bad, good] = await Promise.allSettled([req.request(1), req.request(2)]);
  assert.equal(bad.status, "rejected");
  assert.ok(spError("EPROTO", "Cannot decode the reply")(bad.reason));
  assert.ok(bad.reason.cause instanceof SyntaxError);
  assert.deepEqual(good, { status: "fulfilled", value: 2 });
  assert.equal((await nextEvent(events, "dropped")).reason, "malformed");
  assert.equal(req.stats().drops.malformed, 1);
});

test("a reply that cannot be decoded is passed over by a REQ's streams", async () => {
  await using rep = new Rep();
  await using req = new Req({ codec: CALC });
  await meet(req, rep);
  rep.serve((question) => new TextDecoder().decode(question) === "2" ? "{" : question);
  const replies = ReadableStream.from([1, 2, 3]).pipeThrough(req);
  assert.deepEqual(await Array.fromAsync(replies), [1, 3]);
  assert.equal(req.stats().drops.malformed, 1);
});

test("who waits for a reply that cannot be decoded is told, as no other comes", async () => {
  await using rep = new Rep();
  await using req = new Req({ codec: CALC });
  await meet(req, rep);
  await req.send(1);
  const waiting = req.receive({ signal: patience() });
  await rep.receive();
  await rep.send("{");
  await assert.rejects(waiting, spError("EPROTO", "Cannot decode the reply"));
  await req.send(2);
  await rep.receive();
  await rep.send("{");
  while (req.stats().messagesReceived < 2) await new Promise((resolve) => setTimeout(resolve, 1));
  await assert.rejects(req.receive({ signal: patience() }), spError("EPROTO"));
  await assert.rejects(req.receive(), spError("ESTATE"));
});

test("a REQ's calls that outnumber the replies that can be decoded are told why", async () => {
  await using rep = new Rep();
  await using req = new Req({ codec: CALC });
  await meet(req, rep);
  rep.serve((question) => new TextDecoder().decode(question) === "1" ? "{" : question);
  const cannot = spError("EPROTO", "Cannot decode the reply");
  const receive = () => req.receive({ signal: patience() });
  for (const questions of [[1, 2], [2, 1], [1, 2, 1]]) {
    for (const question of questions) await req.send(question);
    const outcomes = await Promise.allSettled(questions.map(receive));
    const reasons = outcomes.flatMap((one) => one.status === "rejected" ? [one.reason] : []);
    assert.equal(reasons.length, questions.length - 1);
    for (const reason of reasons) assert.ok(cannot(reason));

    const { messagesReceived } = req.stats();
    for (const question of questions) await req.send(question);
    while (req.stats().messagesReceived < messagesReceived + questions.length) {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    assert.equal(await receive(), 2);
    await assert.rejects(receive(), cannot);
    await assert.rejects(receive(), spError("ESTATE"));
  }
});

test("a response that cannot be decoded is dropped, and the survey goes on", async () => {
  await using surveyor = new Surveyor({ codec: CALC });
  const respondents = [new Respondent(), new Respondent(), new Respondent()];
  const address = `inproc://malformed-${count++}`;
  await surveyor.bind(address);
  for (const [i, respondent] of respondents.entries()) {
    respondent.connect(address);
    respondent.serve(() => i === 1 ? "{" : String(i));
  }
  await surveyor.peers(3);
  const options = { expect: 2, timeout: 20_000 };
  const responses = await Array.fromAsync(surveyor.survey(0, options));
  assert.deepEqual(responses.toSorted(), [0, 2]);
  while (surveyor.stats().drops.malformed !== 1) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await Promise.all(respondents.map((respondent) => respondent.close()));
});
