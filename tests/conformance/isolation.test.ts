/** What throws inside, or in a handler of the user's, costs one message or one peer; and what nobody awaits ends no process. */

import assert from "node:assert/strict";
import process from "node:process";
import { after, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { Pair, Pub, Push, Rep, Req, type Socket, Surveyor } from "../../mod.ts";
import { frame } from "../helpers/reference_codec.ts";
import { concat, hex, utf8 } from "../helpers/bytes.ts";
import { spError } from "../helpers/errors.ts";
import { MockPlace } from "../helpers/mock_transport.ts";
import { bodies, question, readQuestion } from "../helpers/questions.ts";
import { calm } from "../helpers/turns.ts";
import { attached, patience, toText, watch } from "./stage.ts";
import { leaveTransports, TRANSPORTS } from "./transports.ts";

after(leaveTransports);

test("a connection that throws at a write is closed, and the others of that turn are written", async () => {
  await using pub = new Pub();
  const place = await MockPlace.of(pub);
  const log = watch(pub);
  const [bad, good] = [await place.peer(), await place.peer()];
  bad.write = () => {
    throw new TypeError("a fault of the transport");
  };
  for (const text of ["one", "two", "three"]) await pub.send(text);
  assert.deepEqual(await good.sent(3), ["one", "two", "three"]);
  const { reason } = await log.next("detached");
  assert.match(reason!.message, /a fault of the transport/);
  assert.equal((await log.next("dropped")).reason, "peer-gone");
  await pub.send("four");
  assert.deepEqual(await good.sent(4), ["one", "two", "three", "four"]);
});

test("a connection that throws at the write of a full slab rejects nothing and harms no other", async () => {
  await using push = new Push();
  const place = await MockPlace.of(push);
  const [bad, good] = [await place.peer({ framing: "message" }), await place.peer()];
  bad.write = () => {
    throw new TypeError("a fault of the transport");
  };
  const messages = Array.from({ length: 20 }, () => new Uint8Array(10_000));
  for (const message of messages) await push.send(message);
  await push.send("last");
  await good.until((peer) => peer.messages().some(({ length }) => length === 4));
});

test("an exception while a message is taken in costs that peer, and no other", async () => {
  await using req = new Req();
  const place = await MockPlace.of(req);
  const log = watch(req);
  const [bad, good] = [await place.peer(), await place.peer()];
  // No byte of a peer's can do this; so a broken buffer stands for whatever may throw.
  bad.deliver(
    new Proxy(new Uint8Array(8), {
      get: () => {
        throw new RangeError("a fault inside");
      },
    }),
  );
  assert.match((await log.next("detached")).reason!.message, /a fault inside/);
  const answer = req.request("still there?");
  assert.deepEqual(await bodies(good, 1), ["still there?"]);
  good.deliver(concat([good.messages()[0]!.subarray(0, 4), utf8("yes")]));
  assert.equal(toText(await answer), "yes");
});

/** Collects what would end a process that looks after nothing. */
async function unhandled(run: () => Promise<void>): Promise<unknown[]> {
  const reasons: unknown[] = [];
  const onRejection = (reason: unknown): void => void reasons.push(reason);
  process.on("unhandledRejection", onRejection);
  await run();
  for (let i = 0; i < 5; i++) await setImmediate();
  process.off("unhandledRejection", onRejection);
  return reasons;
}

/** What waits on a socket, and is not awaited. */
const UNAWAITED: [name: string, wait: () => Socket, counted: boolean][] = [
  ["a send", () => {
    const push = new Push();
    push.send("lost");
    return push;
  }, true],
  ["a send of a PAIR", () => {
    const pair = new Pair();
    pair.send("lost");
    return pair;
  }, true],
  ["a write", () => {
    const push = new Push();
    push.writable.getWriter().write("lost");
    return push;
  }, true],
  ["a request", () => {
    const req = new Req();
    req.request("lost");
    return req;
  }, true],
  ["a send of a REQ", () => {
    const req = new Req({ ready: true });
    req.send("lost");
    return req;
  }, true],
  ["a receive", () => {
    const pair = new Pair();
    pair.receive();
    return pair;
  }, false],
  ["a batch", () => {
    const pair = new Pair();
    pair.receiveBatch();
    return pair;
  }, false],
  ["a wait for peers", () => {
    const pair = new Pair();
    pair.peers(1);
    return pair;
  }, false],
  ["a survey's response", () => {
    const surveyor = new Surveyor();
    surveyor.send("anybody?");
    surveyor.receive();
    return surveyor;
  }, false],
];

for (const [name, wait, counted] of UNAWAITED) {
  test(`${name} that nobody awaits ends no process when its socket is closed`, async () => {
    const reasons = await unhandled(async () => {
      const socket = wait();
      const log = watch(socket);
      await calm();
      await socket.close({ linger: 0 });
      await log.ended;
      assert.deepEqual(socket.stats().drops, counted ? { closed: 1 } : {});
      assert.equal(log.of("dropped").length, counted ? 1 : 0);
    });
    assert.deepEqual(reasons, []);
  });
}

test("serve, not awaited and aborted, ends no process", async () => {
  const reasons = await unhandled(async () => {
    await using rep = new Rep();
    const abort = new AbortController();
    rep.serve(() => "", { signal: abort.signal });
    abort.abort();
    await calm();
  });
  assert.deepEqual(reasons, []);
});

test("a handler that throws, and an onError that throws, cost their answers and no worker", async () => {
  await using rep = new Rep();
  const place = await MockPlace.of(rep);
  const peer = await place.peer();
  const log = watch(rep);
  const serving = rep.serve((message) => {
    if (toText(message) === "bad") throw new Error("the handler's");
    return message;
  }, {
    concurrency: 1,
    onError: () => {
      throw new Error("onError's");
    },
  });
  peer.deliver(question("bad", 1), question("bad", 2), question("good", 3));
  await peer.until(() => peer.messages().length > 0);
  assert.equal(readQuestion(peer.messages()[0]!), "3 good");
  await rep.close();
  await serving;
  await log.ended;
  const failures = log.of("handler-failed");
  assert.deepEqual(failures.map(({ error }) => (error as Error).message), [
    "the handler's",
    "onError's",
    "the handler's",
    "onError's",
  ]);
  assert.equal(failures[0]!.peer.remoteAddress, peer.remoteAddress);
});

test("an onError that rejects, and one that answers with no message, cost their answers only", async () => {
  await using rep = new Rep();
  const place = await MockPlace.of(rep);
  const peer = await place.peer();
  const log = watch(rep);
  const answers: unknown[] = [Promise.reject(new Error("late")), 7, Promise.resolve("sorry")];
  rep.serve(() => Promise.reject(new Error("failed")), {
    concurrency: 1,
    onError: () => answers.shift() as never,
  });
  peer.deliver(question("?", 1), question("?", 2), question("?", 3));
  await peer.until(() => peer.messages().length > 0);
  assert.equal(readQuestion(peer.messages()[0]!), "3 sorry");
  await rep.close();
  await log.ended;
  assert.equal(log.of("handler-failed").length, 5);
});

for (const { name, open } of TRANSPORTS) {
  test(`close within a handler over ${name} waits for the others, and its own answer is sent`, async () => {
    await using place = await open();
    const rep = new Rep({ linger: 20_000 });
    await using req = new Req();
    await place.listen(rep);
    place.dial(req);
    await attached(req);
    const { promise, resolve } = Promise.withResolvers<void>();
    const done: string[] = [];
    rep.serve(async (message) => {
      if (toText(message) === "slow") {
        await promise;
        done.push("slow");
        return "slow's";
      }
      const closing = rep.close();
      resolve();
      await closing;
      done.push("closer");
      return "closer's";
    });
    const slow = req.request("slow", { signal: patience() });
    const closer = req.request("close", { signal: patience() });
    assert.deepEqual((await Promise.all([slow, closer])).map(toText), ["slow's", "closer's"]);
    await rep.closed;
    assert.deepEqual(done, ["slow", "closer"]);
    assert.deepEqual(rep.stats().drops, {});
  });
}

test("close behind an await of a handler's does not wait for that handler, where the runtime can tell", async () => {
  const rep = new Rep({ linger: 20_000 });
  const place = await MockPlace.of(rep);
  const peer = await place.peer();
  rep.serve(async () => {
    await setImmediate();
    await rep.close();
    return "bye";
  });
  peer.deliver(question("?", 1));
  await rep.closed;
  assert.equal(readQuestion(peer.messages()[0]!), "1 bye");
});

test("a malformed message costs its peer only, while others are answered", async () => {
  await using rep = new Rep();
  const place = await MockPlace.of(rep);
  rep.serve((message) => message);
  const [bad, good] = [await place.peer(), await place.peer()];
  bad.deliver(hex("00 01"));
  good.deliver(question("hello", 1));
  await good.until(() => good.messages().length > 0);
  assert.equal(readQuestion(good.messages()[0]!), "1 hello");
  assert.equal(bad.destroyed, true);
  assert.ok(frame("tcp", utf8("a")).length > 0);
});

test("a reply by a handler is given once: a second is ESTATE", async () => {
  await using rep = new Rep();
  const place = await MockPlace.of(rep);
  const peer = await place.peer();
  const log = watch(rep);
  rep.serve(async (_message, { reply }) => {
    await reply("first");
    await assert.rejects(reply("second"), spError("ESTATE", "answered already"));
    return "third";
  }, { onError: () => undefined });
  peer.deliver(question("?", 1));
  const { error } = await log.next("handler-failed");
  assert.ok(spError("ESTATE")(error));
  await calm();
  assert.deepEqual(peer.messages().map(readQuestion), ["1 first"]);
});
