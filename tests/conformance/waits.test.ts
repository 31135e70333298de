/** Every wait can end, by a signal or a time; and no loop of calls keeps the event loop from turning. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as onImmediate } from "node:timers";
import {
  Bus,
  Pair,
  Pub,
  Pull,
  Push,
  RawSocket,
  Rep,
  Req,
  type Socket,
  Sub,
  Surveyor,
} from "../../mod.ts";
import { utf8 } from "../helpers/bytes.ts";
import { spError } from "../helpers/errors.ts";
import { MockPlace } from "../helpers/mock_transport.ts";
import { calm } from "../helpers/turns.ts";
import { attached, patience, toText } from "./stage.ts";

type Wait = (options: { timeout?: number; signal?: AbortSignal }) => Promise<unknown>;

const WAITS: [name: string, make: () => [Socket, Wait]][] = [
  ["send", () => {
    const push = new Push();
    return [push, (options) => push.send("x", options)];
  }],
  ["send of a PAIR", () => {
    const pair = new Pair();
    return [pair, (options) => pair.send("x", options)];
  }],
  ["send of a raw socket", () => {
    const raw = new RawSocket("push");
    return [raw, (options) => raw.send({ body: "x" }, options)];
  }],
  ["receive", () => {
    const pull = new Pull();
    return [pull, (options) => pull.receive(options)];
  }],
  ["receive of a raw socket", () => {
    const raw = new RawSocket("pull");
    return [raw, (options) => raw.receive(options)];
  }],
  ["receiveBatch", () => {
    const sub = new Sub();
    return [sub, (options) => sub.receiveBatch(options)];
  }],
  ["receiveBatch of a REP", () => {
    const rep = new Rep();
    return [rep, (options) => rep.receiveBatch(options)];
  }],
  ["request", () => {
    const req = new Req();
    return [req, (options) => req.request("x", options)];
  }],
  ["peers", () => {
    const bus = new Bus();
    return [bus, (options) => bus.peers(1, options)];
  }],
  ["survey", () => {
    const surveyor = new Surveyor();
    return [surveyor, (options) => Array.fromAsync(surveyor.survey("x", options))];
  }],
  ["opened of a dialer", () => {
    const pull = new Pull();
    const address = `inproc://${crypto.randomUUID()}`;
    return [pull, (options) => pull.connect(address, options).opened];
  }],
];

for (const [name, make] of WAITS) {
  test(`${name} rejects with ETIMEDOUT after its timeout`, async () => {
    const [socket, wait] = make();
    await assert.rejects(wait({ timeout: 1 }), spError("ETIMEDOUT", "1 ms"));
    await socket.close();
  });

  test(`${name} rejects with its signal's reason`, async () => {
    const [socket, wait] = make();
    const abort = new AbortController();
    const waiting = assert.rejects(wait({ signal: abort.signal }), /enough/);
    await calm();
    abort.abort(new Error("enough"));
    await waiting;
    await socket.close();
  });

  test(`${name} refuses an option that it does not know, and a time that is none`, async () => {
    const [socket, wait] = make();
    const tried = async (options: object): Promise<void> => {
      await wait(options);
    };
    await assert.rejects(tried({ timout: 50 }), spError("EINVAL", '"timout"', "timeout"));
    await assert.rejects(tried({ timeout: -1 }), spError("EINVAL", "timeout", "-1"));
    await assert.rejects(tried({ signal: {} }), spError("EINVAL", "signal", "AbortSignal"));
    await socket.close();
  });
}

test("a call's timeout goes before the socket's", async () => {
  await using push = new Push({ sendTimeout: 1 });
  await using pull = new Pull({ receiveTimeout: 1 });
  await using req = new Req({ receiveTimeout: 1 });
  const waits = [
    push.send("x", { timeout: Infinity }),
    pull.receive({ timeout: Infinity }),
    req.request("x", { timeout: Infinity }),
  ];
  await assert.rejects(push.send("x"), spError("ETIMEDOUT"));
  await assert.rejects(pull.receive(), spError("ETIMEDOUT"));
  await assert.rejects(req.request("x"), spError("ETIMEDOUT"));
  assert.equal(await Promise.race([...waits, calm().then(() => "pending")]), "pending");
});

/** How often the event loop turns while a loop of calls awaits nothing else. */
async function turnsWhile(rounds: number, call: () => unknown): Promise<number> {
  let turns = 0;
  let isOver = false;
  const count = (): void => {
    turns++;
    if (!isOver) onImmediate(count);
  };
  onImmediate(count);
  for (let i = 0; i < rounds; i++) await call();
  isOver = true;
  return turns;
}

const SENDERS: [name: string, make: () => [Socket, (message: Uint8Array) => unknown]][] = [
  ["PUB.send", () => {
    const pub = new Pub();
    return [pub, (message) => pub.send(message)];
  }],
  ["BUS.send", () => {
    const bus = new Bus();
    return [bus, (message) => bus.send(message)];
  }],
  ["a raw PUB's send", () => {
    const raw = new RawSocket("pub");
    return [raw, (body) => raw.send({ body })];
  }],
  ["a SURVEYOR's send", () => {
    const surveyor = new Surveyor();
    return [surveyor, (message) => surveyor.send(message)];
  }],
  ["a writer's write", () => {
    const pub = new Pub();
    const writer = pub.writable.getWriter();
    return [pub, (message) => writer.write(message)];
  }],
  ["a writer's ready", () => {
    const pub = new Pub();
    const writer = pub.writable.getWriter();
    return [pub, (message) => {
      writer.write(message);
      return writer.ready;
    }];
  }],
];

for (const [name, make] of SENDERS) {
  for (const [size, rounds] of [[64, 20_000], [1024 * 1024, 20]] as const) {
    test(`a loop of ${name} with ${size} bytes has the event loop turn`, async () => {
      const [socket, send] = make();
      const message = new Uint8Array(size);
      assert.ok(await turnsWhile(rounds, () => send(message)) >= 4);
      await socket.close({ linger: 0 });
    });
  }
}

test("a pipe into a PUB without subscribers has the event loop turn", async () => {
  await using pub = new Pub();
  let left = 20_000;
  const endless = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      if (left-- > 0) controller.enqueue(new Uint8Array(64));
      else controller.close();
    },
  });
  const piped = endless.pipeTo(pub.writable, { preventClose: true });
  let isOver = false;
  piped.then(() => isOver = true);
  let turns = 0;
  while (!isOver) {
    await new Promise<void>((resolve) => onImmediate(() => resolve()));
    turns++;
  }
  assert.ok(turns >= 4, `${turns} turns`);
});

test("sends that find room return the same promise, but once in thousands", async () => {
  await using pub = new Pub();
  await calm();
  const promises = new Set<Promise<void>>();
  for (let i = 0; i < 10_000; i++) promises.add(pub.send("x"));
  assert.equal(promises.size, 2);
});

test("a loop that is left does not swallow the next message", async () => {
  await using pull = new Pull();
  const place = await MockPlace.of(pull);
  const peer = await place.peer();
  const iterator = pull[Symbol.asyncIterator]();
  const waiting = iterator.next();
  await iterator.return!();
  assert.deepEqual(await waiting, { value: undefined, done: true });
  peer.deliver(utf8("next"));
  assert.equal(toText(await pull.receive()), "next");
  assert.deepEqual(await iterator.next(), { value: undefined, done: true });
});

test("a loop of requests that is left does not swallow the next one", async () => {
  await using rep = new Rep();
  const place = await MockPlace.of(rep);
  const peer = await place.peer();
  const iterator = rep.requests();
  const waiting = iterator.next();
  await iterator.return!();
  assert.equal((await waiting).done, true);
  peer.deliver(new Uint8Array([0x80, 0, 0, 1, 33]));
  assert.equal(toText(await rep.receive()), "!");
});

test("receive takes what an aborted pipe was handed before what came later", async () => {
  const address = `inproc://${crypto.randomUUID()}`;
  await using pull = new Pull();
  await using push = new Push();
  await pull.bind(address);
  push.connect(address);
  await attached(push, pull);
  const written: string[] = [];
  const abort = new AbortController();
  const { promise: hold, resolve: release } = Promise.withResolvers<void>();
  const piped = pull.readable.pipeTo(
    new WritableStream<Uint8Array>({
      write: (message) => {
        written.push(toText(message));
        return hold;
      },
    }, { highWaterMark: 1 }),
    { signal: abort.signal, preventCancel: true, preventAbort: true },
  );
  for (let i = 0; i < 200; i++) await push.send(`${i}`);
  await calm();
  abort.abort();
  release();
  await assert.rejects(piped);
  const rest: string[] = [];
  while (rest.at(-1) !== "199") rest.push(toText(await pull.receive({ signal: patience() })));
  const all = [...written, ...rest].map(Number);
  assert.deepEqual(all, all.toSorted((a, b) => a - b));
  // The platform may lose what it had read and not written: one at the most.
  assert.ok(all.length >= 199, `${all.length}`);
  const again = pull[Symbol.asyncIterator]();
  await push.send("more");
  assert.equal(toText((await again.next()).value!), "more");
});
