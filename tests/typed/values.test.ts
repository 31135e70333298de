/** Sockets with a codec: what goes in as a value comes out as one, by every face of every class. */

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
import { json, ODD, odd } from "./codecs.ts";

interface Load {
  readonly cpu: number;
  readonly load: readonly number[];
}

const LOADS: readonly Load[] = [
  { cpu: 0, load: [] },
  { cpu: 1, load: [0.5, 0.25] },
  { cpu: 2, load: Array.from({ length: 10_000 }, (_, i) => i) },
  { cpu: 3, load: [1] },
  { cpu: 4, load: [2] },
  { cpu: 5, load: [3] },
];

/** A class that sends and one that receives; with a codec. */
interface OneWay {
  readonly name: string;
  open<T>(codec: ReturnType<typeof json<T>>): [Sender<T> & Socket, Receiver<T> & Socket];
}

const ONE_WAY: readonly OneWay[] = [
  { name: "PUSH and PULL", open: (codec) => [new Push({ codec }), new Pull({ codec })] },
  { name: "SOURCE and SINK", open: (codec) => [new Source({ codec }), new Sink({ codec })] },
  { name: "PUB and SUB", open: (codec) => [new Pub({ codec }), new Sub({ codec, subscribe: "" })] },
  { name: "PAIR", open: (codec) => [new Pair({ codec }), new Pair({ codec })] },
  { name: "PAIR version 1", open: (codec) => [new Pair1({ codec }), new Pair1({ codec })] },
  { name: "BUS", open: (codec) => [new Bus({ codec }), new Bus({ codec })] },
];

async function meet(sender: Socket, receiver: Socket, address: string): Promise<void> {
  const listener = await receiver.bind(address);
  sender.connect(listener.address);
  await Promise.all([
    sender.peers(1, { signal: patience() }),
    receiver.peers(1, { signal: patience() }),
  ]);
}

/** The ways to take messages, each of which takes a few. */
const TAKES: Record<string, <T>(receiver: Receiver<T>, count: number) => Promise<T[]>> = {
  "receive": async (receiver, count) => {
    const taken = [];
    for (let i = 0; i < count; i++) taken.push(await receiver.receive({ signal: patience() }));
    return taken;
  },
  "receives at once": (receiver, count) =>
    Promise.all(Array.from({ length: count }, () => receiver.receive())),
  "receiveBatch": async (receiver, count) => {
    const taken: Awaited<ReturnType<typeof receiver.receiveBatch>> = [];
    while (taken.length < count) {
      taken.push(...await receiver.receiveBatch({ signal: patience() }));
    }
    return taken;
  },
  "the loop": async (receiver, count) => {
    const taken = [];
    for await (const message of receiver) if (taken.push(message) === count) break;
    return taken;
  },
  "messages": async (receiver, count) => {
    const taken = [];
    for await (const { message } of receiver.messages()) {
      if (taken.push(message) === count) break;
    }
    return taken;
  },
  "a reader": async (receiver, count) => {
    const reader = receiver.readable.getReader();
    const taken = [];
    while (taken.length < count) {
      const { done, value } = await reader.read();
      assert.equal(done, false);
      taken.push(value!);
    }
    reader.releaseLock();
    return taken;
  },
  "a loop over the stream": async (receiver, count) => {
    const taken = [];
    for await (const message of receiver.readable.values({ preventCancel: true })) {
      if (taken.push(message) === count) break;
    }
    return taken;
  },
  "a pipe": async <T>(receiver: Receiver<T>, count: number) => {
    const taken: T[] = [];
    const enough = new AbortController();
    const sink = new WritableStream<T>({
      write: (message) => {
        if (taken.push(message) === count) enough.abort();
      },
    });
    const { signal } = enough;
    await receiver.readable.pipeTo(sink, { signal, preventCancel: true }).catch(() => {});
    return taken;
  },
};

for (const { name, open } of ONE_WAY) {
  for (const address of ["inproc", "tcp"]) {
    test(`${name} carry values over ${address}, by every way to take them`, async () => {
      for (const [how, take] of Object.entries(TAKES)) {
        const [sender, receiver] = open(json<Load>());
        await using _sender = sender;
        await using _receiver = receiver;
        const place = address === "tcp"
          ? "tcp://127.0.0.1:0"
          : `inproc://values-${name}-${how}`.replaceAll(" ", "-");
        await meet(sender, receiver, place);
        const taken = take(receiver, LOADS.length);
        for (const load of LOADS) await sender.send(load);
        assert.deepEqual(await taken, LOADS, how);
      }
    });
  }

  test(`${name} take values from a stream`, async () => {
    const [sender, receiver] = open(json<Load>());
    await using _sender = sender;
    await using _receiver = receiver;
    await meet(sender, receiver, `inproc://stream-${name}`.replaceAll(" ", "-"));
    const writer = sender.writable.getWriter();
    for (const load of LOADS) await writer.write(load);
    writer.releaseLock();
    await ReadableStream.from(LOADS).pipeTo(sender.writable, { preventClose: true });
    assert.deepEqual(await TAKES["receive"]!(receiver, 2 * LOADS.length), [...LOADS, ...LOADS]);
  });

  test(`${name} carry values that are easily mistaken for none`, async () => {
    for (const [how, take] of Object.entries(TAKES)) {
      const [sender, receiver] = open(odd);
      await using _sender = sender;
      await using _receiver = receiver;
      await meet(sender, receiver, `inproc://odd-${name}-${how}`.replaceAll(" ", "-"));
      for (const value of ODD) await sender.send(value);
      assert.deepEqual(await take(receiver, ODD.length), ODD, how);
      const late = take(receiver, ODD.length);
      for (const value of ODD) await sender.send(value);
      assert.deepEqual(await late, ODD, `${how}, waiting`);
    }
  });
}

interface Sum {
  readonly add: readonly number[];
}

const CALC = { request: json<Sum>(), reply: json<number>() };
const sum = ({ add }: Sum): number => add.reduce((total, one) => total + one, 0);

test("REQ and REP carry values both ways, each by its own codec", async () => {
  await using rep = new Rep({ codec: CALC });
  await using req = new Req({ codec: CALC });
  await meet(req, rep, "inproc://values-calc");
  rep.serve(async (question) => await sum(question));
  const answers = await Promise.all([
    req.request({ add: [1, 2] }),
    req.request({ add: [] }),
    req.request({ add: [0.5, 0.25] }),
  ]);
  assert.deepEqual(answers, [3, 0, 0.75]);
  await req.send({ add: [4] });
  assert.equal(await req.receive(), 4);
  const asked = ReadableStream.from<Sum>([{ add: [5] }, { add: [6] }]).pipeThrough(req);
  assert.deepEqual(await Array.fromAsync(asked), [5, 6]);
});

test("null is an answer as others are, and undefined is none", async () => {
  const codec = json<number | null>();
  await using rep = new Rep({ codec });
  await using req = new Req({ codec });
  await meet(req, rep, "inproc://values-null");
  rep.serve((n) => {
    if (n === 0) throw new Error("nothing");
    return n === 1 ? undefined : n;
  }, { onError: () => null });
  assert.equal(await req.request(null, { signal: patience() }), null);
  assert.equal(await req.request(0, { signal: patience() }), null);
  const silent = new AbortController();
  const unanswered = assert.rejects(req.request(1, { signal: silent.signal }), /enough/);
  assert.equal(await req.request(2, { signal: patience() }), 2);
  silent.abort(new Error("enough"));
  await unanswered;
});

test("a REP with a codec answers by all of its faces", async () => {
  await using rep = new Rep({ codec: CALC });
  await using req = new Req({ codec: CALC });
  await meet(req, rep, "inproc://values-faces");

  const first = req.request({ add: [1] });
  const question = await rep.receive();
  await rep.send(sum(question));
  assert.equal(await first, 1);

  const second = req.request({ add: [2] });
  for await (const { message, reply, peer } of rep.requests()) {
    assert.equal(peer.protocol, "req");
    await reply(sum(message));
    break;
  }
  assert.equal(await second, 2);

  const third = req.request({ add: [3] });
  for await (const { message, peer } of rep.messages()) {
    assert.equal(peer.protocol, "req");
    await rep.send(sum(message));
    break;
  }
  assert.equal(await third, 3);

  const batch = [req.request({ add: [4] }), req.request({ add: [5] })];
  const questions = await rep.receiveBatch();
  while (questions.length < 2) questions.push(...await rep.receiveBatch());
  for (const one of questions) await rep.send(sum(one));
  assert.deepEqual(await Promise.all(batch), [4, 5]);

  const answering = new TransformStream<Sum, number>({
    transform: (one, controller) => controller.enqueue(sum(one)),
  });
  const piped = rep.readable.pipeThrough(answering).pipeTo(rep.writable).catch(() => {});
  assert.deepEqual(await Promise.all([req.request({ add: [6] }), req.request({ add: [7] })]), [
    6,
    7,
  ]);
  await Promise.all([rep.close(), piped]);
});

test("SURVEYOR and RESPONDENT carry values both ways", async () => {
  await using surveyor = new Surveyor({ codec: CALC });
  await using respondent = new Respondent({ codec: CALC });
  await meet(respondent, surveyor, "inproc://values-survey");
  respondent.serve(sum);
  const once = { expect: 1, timeout: 20_000 };
  assert.deepEqual(await Array.fromAsync(surveyor.survey({ add: [1, 2] }, once)), [3]);
  const [response] = await Array.fromAsync(surveyor.responses({ add: [3] }, once));
  assert.deepEqual([response!.message, response!.peer.protocol], [3, "respondent"]);
  await surveyor.send({ add: [4] });
  assert.equal(await surveyor.receive({ signal: patience() }), 4);
  const [reader, writer] = [surveyor.readable.getReader(), surveyor.writable.getWriter()];
  writer.write({ add: [5] }).catch(() => {});
  assert.deepEqual(await reader.read(), { value: 5, done: false });
});

test("what is written is the value as it was then, even where the stream lets it wait", async () => {
  await using surveyor = new Surveyor({ codec: json<{ n: number }>(), deadline: 50 });
  await using respondent = new Respondent({ codec: json<{ n: number }>() });
  await meet(respondent, surveyor, "inproc://values-mutated");
  const seen: number[] = [];
  respondent.serve(({ n }) => void seen.push(n));
  const writer = surveyor.writable.getWriter();
  const value = { n: 1 };
  const written = [writer.write(value)];
  value.n = 2;
  written.push(writer.write(value));
  value.n = 3;
  await Promise.all(written);
  await writer.close();
  assert.deepEqual(seen, [1, 2]);
});

test("a SUB subscribes by its codec's prefix to text, and to bytes as they are", async () => {
  const codec = { ...json<string>(), prefix: (topic: string) => `"${topic}:` };
  await using pub = new Pub({ codec });
  await using sub = new Sub({ codec, subscribe: "a" });
  await meet(sub, pub, "inproc://values-prefix");
  sub.subscribe(new TextEncoder().encode('"b'));
  for (const word of ["a:1", "ab:2", "b:3", "bc:4"]) await pub.send(word);
  assert.deepEqual(await TAKES["receive"]!(sub, 3), ["a:1", "b:3", "bc:4"]);
  sub.unsubscribe("a");
  for (const word of ["a:5", "b:6"]) await pub.send(word);
  assert.equal(await sub.receive(), "b:6");
});

test("a codec that is none is refused, with what was expected", () => {
  const wanted = "a codec";
  for (const codec of [5, null, {}, { encode: () => "" }, "json"]) {
    const options = { codec } as never;
    for (const Class of [Push, Pull, Source, Sink, Pub, Sub, Pair, Pair1, Bus]) {
      assert.throws(() => new Class(options), spError("EINVAL", wanted), Class.name);
    }
  }
  for (const codec of [5, {}, { request: json() }, { request: json(), reply: 5 }]) {
    for (const Class of [Req, Rep, Surveyor, Respondent]) {
      assert.throws(() => new Class({ codec } as never), spError("EINVAL", wanted), Class.name);
    }
  }
});
