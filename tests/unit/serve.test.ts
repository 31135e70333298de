/** Answering with a handler, and by streams. */

import assert from "node:assert/strict";
import process from "node:process";
import { mock } from "node:test";
import { describe, test } from "../helpers/flat.ts";
import { Rep } from "../../patterns/reqrep.ts";
import { SPError } from "../../src/base/errors.ts";
import { text } from "../helpers/bytes.ts";
import { spError } from "../helpers/errors.ts";
import type { MockConnection } from "../helpers/mock_connection.ts";
import { MockPlace } from "../helpers/mock_transport.ts";
import { question, readQuestion } from "../helpers/questions.ts";
import { SpiedSignal } from "../helpers/signal.ts";
import { calm, isPending } from "../helpers/turns.ts";

async function replies(peer: MockConnection, count: number): Promise<string[]> {
  await peer.until(() => peer.messages().length >= count);
  return peer.messages().map(readQuestion);
}

function capitals(question: Uint8Array): string {
  return text(question).toUpperCase();
}

describe("serve", () => {
  test("answers each question to who asked, in whatever order the answers are ready", async () => {
    const rep = new Rep();
    const place = await MockPlace.of(rep);
    const [a, b] = [await place.peer(), await place.peer()];
    const slow = Promise.withResolvers<string>();
    const serving = rep.serve((question) =>
      text(question) === "slow" ? slow.promise : capitals(question)
    );
    a.deliver(question("slow", 1), question("fast", 2));
    b.deliver(question("fast", 1));
    assert.deepEqual(await replies(a, 1), ["2 FAST"]);
    assert.deepEqual(await replies(b, 1), ["1 FAST"]);
    slow.resolve("at last");
    assert.deepEqual(await replies(a, 2), ["2 FAST", "1 at last"]);
    await rep.close();
    await serving;
  });

  test("has at most `concurrency` questions in hand", async () => {
    const rep = new Rep();
    const place = await MockPlace.of(rep);
    const peer = await place.peer();
    const inHand: (() => void)[] = [];
    const serving = rep.serve(
      (question) => new Promise((resolve) => inHand.push(() => resolve(question))),
      { concurrency: 3 },
    );
    for (let i = 0; i < 5; i++) peer.deliver(question("q", i));
    await calm();
    assert.equal(inHand.length, 3);
    inHand[1]!();
    assert.deepEqual(await replies(peer, 1), ["1 q"]);
    await calm();
    assert.equal(inHand.length, 4);
    for (const answer of inHand) answer();
    await calm();
    inHand[4]!();
    await replies(peer, 5);
    await rep.close();
    await serving;
  });

  test("sends nothing where the handler returns nothing", async () => {
    const rep = new Rep();
    const place = await MockPlace.of(rep);
    const peer = await place.peer();
    const serving = rep.serve((question) => text(question) === "quiet" ? undefined : question);
    peer.deliver(question("quiet", 1), question("loud", 2));
    assert.deepEqual(await replies(peer, 1), ["2 loud"]);
    await rep.close();
    await serving;
    assert.equal(peer.messages().length, 1);
  });

  test("waits for an onError that is asynchronous", async () => {
    const rep = new Rep();
    const place = await MockPlace.of(rep);
    const peer = await place.peer();
    const serving = rep.serve(() => {
      throw new Error("no");
    }, { concurrency: 1, onError: (async () => await "sorry") as unknown as () => string });
    peer.deliver(question("a", 1), question("b", 2));
    assert.deepEqual(await replies(peer, 2), ["1 sorry", "2 sorry"]);
    await rep.close();
    await serving;
  });

  test("tells onError what the handler threw, and sends what that returns", async () => {
    const rep = new Rep();
    const place = await MockPlace.of(rep);
    const peer = await place.peer();
    const serving = rep.serve((question) => {
      switch (text(question)) {
        case "throw":
          throw new Error("thrown");
        case "reject":
          return Promise.reject(new Error("rejected"));
        default:
          return 5 as unknown as string;
      }
    }, { onError: (error, question) => `${text(question)}: ${(error as Error).message}` });
    peer.deliver(question("throw", 1), question("reject", 2), question("number", 3));
    const all = await replies(peer, 3);
    assert.deepEqual(all.slice(0, 2).sort(), ["1 throw: thrown", "2 reject: rejected"]);
    assert.match(all[2]!, /^3 number: Cannot send 5 \(number\)/);
    await rep.close();
    await serving;
  });

  test("reports what the handler threw, and goes on, unless told otherwise", async (t) => {
    const report = mock.method(console, "error", () => {});
    t.after(() => report.mock.restore());
    const rep = new Rep();
    const place = await MockPlace.of(rep);
    const peer = await place.peer();
    const broken = new Error("broken");
    const serving = rep.serve((question) => {
      if (text(question) === "bad") throw broken;
      return question;
    });
    peer.deliver(question("bad", 1), question("good", 2));
    assert.deepEqual(await replies(peer, 1), ["2 good"]);
    assert.equal(report.mock.callCount(), 1);
    assert.equal(report.mock.calls[0]!.arguments.at(-1), broken);
    await rep.close();
    await serving;
  });

  test("ends when the socket is closed: what is in hand is finished and sent before", async () => {
    const rep = new Rep();
    const place = await MockPlace.of(rep);
    const peer = await place.peer();
    const { promise, resolve } = Promise.withResolvers<string>();
    const serving = rep.serve(() => promise);
    peer.deliver(question("q", 1));
    await calm();
    const closed = rep.close();
    assert.equal(await isPending(closed), true);
    resolve("in time");
    await closed;
    await serving;
    assert.deepEqual(await replies(peer, 1), ["1 in time"]);
    assert.deepEqual(rep.stats().drops, {});
  });

  test("is not waited for longer than linger; its answer is dropped and counted then", async () => {
    const rep = new Rep({ linger: 1 });
    const place = await MockPlace.of(rep);
    const peer = await place.peer();
    const { promise, resolve } = Promise.withResolvers<string>();
    const serving = rep.serve(() => promise);
    peer.deliver(question("q", 1));
    await calm();
    await rep.close();
    resolve("too late");
    await serving;
    assert.deepEqual(peer.writes, []);
    assert.deepEqual(rep.stats().drops, { "peer-gone": 1 });
  });

  test("resolves once its signal is aborted; what is in hand is finished, nothing else is taken", async () => {
    await using rep = new Rep();
    const place = await MockPlace.of(rep);
    const peer = await place.peer();
    const { promise, resolve } = Promise.withResolvers<string>();
    const signal = new SpiedSignal();
    const warnings: string[] = [];
    const warn = (warning: Error): number => warnings.push(warning.name);
    process.on("warning", warn);
    const serving = rep.serve(() => promise, { signal: signal.signal });
    peer.deliver(question("in hand", 1));
    await calm();
    signal.abort("enough");
    peer.deliver(question("left", 2));
    await calm();
    resolve("finished");
    await serving;
    assert.deepEqual(await replies(peer, 1), ["1 finished"]);
    assert.equal(text(await rep.receive()), "left");
    assert.equal(signal.listeners, 0);
    process.off("warning", warn);
    assert.deepEqual(warnings, []);
  });

  for (const code of ["ETIMEDOUT", "ECLOSED"] as const) {
    test(`resolves also where the signal's reason is an ${code} of this library`, async () => {
      await using rep = new Rep();
      const reason = new SPError(code, "somebody else's");
      const controller = new AbortController();
      const serving = rep.serve(capitals, { signal: controller.signal });
      controller.abort(reason);
      await serving;
    });
  }

  test("goes on when receiveTimeout passes without a question", async () => {
    const rep = new Rep({ receiveTimeout: 1 });
    const place = await MockPlace.of(rep);
    const peer = await place.peer();
    const serving = rep.serve(capitals, { concurrency: 2 });
    // Both have timed out by the time that a third has.
    await assert.rejects(rep.receive(), spError("ETIMEDOUT"));
    await assert.rejects(rep.receive(), spError("ETIMEDOUT"));
    peer.deliver(question("q", 1));
    assert.deepEqual(await replies(peer, 1), ["1 Q"]);
    await rep.close();
    await serving;
  });

  test("refuses wrong options by name", async () => {
    await using rep = new Rep();
    const wrong: readonly (readonly [object, string])[] = [
      [{ concurrency: 0 }, "Cannot set concurrency to 0"],
      [{ onError: "log" }, 'Cannot set onError to "log"'],
      [{ signal: {} }, "Cannot set signal to an object"],
      [{ timeout: 5 }, 'Unknown option "timeout" in serve\'s options'],
    ];
    for (const [options, message] of wrong) {
      await assert.rejects(rep.serve(capitals, options), spError("EINVAL", message));
    }
  });
});

describe("a REP socket's streams", () => {
  test("answer by a transform between them, replies in the order of the questions", async () => {
    const rep = new Rep();
    const place = await MockPlace.of(rep);
    const [a, b] = [await place.peer(), await place.peer()];
    const upper = new TransformStream<Uint8Array, string>({
      transform: (question, controller) => controller.enqueue(capitals(question)),
    });
    const piped = rep.readable.pipeThrough(upper).pipeTo(rep.writable);
    a.deliver(question("one", 1), question("two", 2));
    b.deliver(question("three", 3));
    assert.deepEqual(await replies(a, 2), ["1 ONE", "2 TWO"]);
    assert.deepEqual(await replies(b, 1), ["3 THREE"]);
    await rep.close();
    await piped.catch(() => {});
  });

  test("error where a reply has no question", async () => {
    await using rep = new Rep();
    const writer = rep.writable.getWriter();
    const closed = assert.rejects(writer.closed, spError("ESTATE"));
    await assert.rejects(writer.write("what?"), spError("ESTATE", "no question"));
    await closed;
  });
});
