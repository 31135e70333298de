/** The way out: what has room goes at once, what has none waits in order, and no promise is made without need. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { closedError, SPError } from "../../src/base/errors.ts";
import { SendQueue, type SendQueueOptions } from "../../src/pipes/send_queue.ts";
import type { Pipe } from "../../src/pipes/pipe.ts";
import type { Router } from "../../src/pipes/routing.ts";
import { spError } from "../helpers/errors.ts";
import { mockPipe } from "../helpers/mock_pipe.ts";
import { SpiedSignal } from "../helpers/signal.ts";

/** A router with room for so many messages. */
class Counter implements Router<string> {
  room: number;
  pending = 0;
  pumps = 0;
  readonly sent: string[] = [];
  readonly pipes: string[] = [];
  /** Thrown instead of sending. */
  refusal: Error | undefined;

  constructor(room: number) {
    this.room = room;
  }

  attach(_pipe: Pipe): void {
    this.pipes.push("attach");
  }

  detach(_pipe: Pipe): void {
    this.pipes.push("detach");
  }

  reclaim(_pipe: Pipe): void {
    this.pipes.push("reclaim");
  }

  ready(_pipe: Pipe): void {
    this.pipes.push("ready");
  }

  pump(): void {
    this.pumps++;
  }

  send(message: string): boolean {
    if (this.refusal !== undefined) throw this.refusal;
    if (this.room === 0) return false;
    this.room--;
    this.sent.push(message);
    return true;
  }
}

function sendQueue(
  room: number,
  options: Partial<SendQueueOptions<string, string>> = {},
): [SendQueue<string, string>, Counter] {
  const router = new Counter(room);
  const prepare = (chunk: string) => `<${chunk}>`;
  return [
    new SendQueue({
      router,
      prepare,
      keep: (message) => message,
      sendTimeout: Infinity,
      ...options,
    }),
    router,
  ];
}

describe("send", () => {
  test("makes no promise while there is room: it is always the same", async () => {
    const [out, router] = sendQueue(3);
    const promises = [out.send("1"), out.send("2"), out.send("3")];
    assert.equal(promises[0], promises[1]);
    assert.equal(promises[1], promises[2]);
    await promises[0];
    assert.deepEqual(router.sent, ["<1>", "<2>", "<3>"]);
  });

  test("waits while there is no room, in order, and goes on when there is", async () => {
    const [out, router] = sendQueue(1);
    await out.send("1");
    const order: string[] = [];
    const waiting = ["2", "3", "4"].map((text) => out.send(text).then(() => order.push(text)));
    assert.equal(out.idle, false);
    router.room = 2;
    out.pump();
    await Promise.all(waiting.slice(0, 2));
    assert.deepEqual(order, ["2", "3"]);
    assert.deepEqual(router.sent, ["<1>", "<2>", "<3>"]);
    router.room = 1;
    out.pump();
    await waiting[2];
    assert.equal(out.idle, true);
  });

  test("goes behind what waits already, even where there is room by now", async () => {
    const [out, router] = sendQueue(0);
    const first = out.send("1");
    router.room = 2;
    const second = out.send("2");
    assert.deepEqual(router.sent, []);
    out.pump();
    await Promise.all([first, second]);
    assert.deepEqual(router.sent, ["<1>", "<2>"]);
  });

  test("tells of the first that waits, and again only once none has waited", async () => {
    let told = 0;
    const [out, router] = sendQueue(1, { onWait: () => told++ });
    await out.send("1");
    assert.equal(told, 0);
    const waiting = [out.send("2"), out.send("3")];
    router.room = 1;
    out.pump();
    waiting.push(out.send("4"));
    assert.equal(told, 1);
    router.room = 2;
    out.pump();
    await Promise.all(waiting);
    const written = out.writable.getWriter().write("5");
    assert.equal(told, 2);
    router.room = 1;
    out.pump();
    await written;
    await assert.rejects(out.send("6", { timeout: 1 }), spError("ETIMEDOUT"));
    await assert.rejects(out.send("7", { timeout: 1 }), spError("ETIMEDOUT"));
    assert.equal(told, 4);
  });

  test("ends with the signal's reason, leaves nothing behind, and sends nothing", async () => {
    const [out, router] = sendQueue(0);
    const signal = new SpiedSignal();
    const aborted = out.send("1", { signal: signal.signal });
    const next = out.send("2");
    signal.abort("enough");
    await assert.rejects(aborted, (reason) => reason === "enough");
    assert.equal(signal.listeners, 0);
    router.room = 5;
    out.pump();
    await next;
    assert.deepEqual(router.sent, ["<2>"]);
  });

  test("lets what waits behind go on when the one that had no place gives up", async () => {
    const router = new Counter(0);
    // As a router that has room for some messages and not for others.
    router.send = (message) => message !== "large" && router.sent.push(message) > 0;
    const out = new SendQueue<string, string>({
      router,
      prepare: (chunk) => chunk,
      keep: (message) => message,
      sendTimeout: Infinity,
    });
    const signal = new SpiedSignal();
    const large = out.send("large", { signal: signal.signal });
    const small = out.send("small");
    signal.abort("enough");
    await assert.rejects(large);
    await small;
  });

  test("sends nothing where the signal is aborted before", async () => {
    const [out, router] = sendQueue(1);
    const signal = AbortSignal.abort("before");
    await assert.rejects(out.send("1", { signal }), (reason) => reason === "before");
    assert.deepEqual(router.sent, []);
  });

  test("leaves nothing on the signal where there was room, or once there is", async () => {
    const [out, router] = sendQueue(1);
    const signal = new SpiedSignal();
    await out.send("1", { signal: signal.signal });
    assert.equal(signal.listeners, 0);
    const waiting = out.send("2", { signal: signal.signal });
    assert.equal(signal.listeners, 1);
    router.room = 1;
    out.pump();
    await waiting;
    assert.equal(signal.listeners, 0);
  });

  test("rejects with ETIMEDOUT, and what timed out is not sent", async () => {
    const [out, router] = sendQueue(0, { sendTimeout: 1 });
    await assert.rejects(out.send("1"), spError("ETIMEDOUT", "Cannot send", "1 ms"));
    router.room = 1;
    out.pump();
    assert.deepEqual(router.sent, []);
    assert.equal(out.idle, true);
  });

  test("rejects with what the pattern says of the message, and does not throw", async () => {
    const [out] = sendQueue(1, {
      prepare: () => {
        throw new SPError("ESTATE", "There is no question");
      },
    });
    await assert.rejects(out.send("1"), spError("ESTATE", "no question"));
  });

  test("rejects with what the router says, at once or after a wait, and goes on with the rest", async () => {
    const [out, router] = sendQueue(0);
    const waiting = out.send("1");
    router.refusal = new SPError("ENOPEERS", "Nobody is connected");
    await assert.rejects(sendQueue0(router).send("2"), spError("ENOPEERS"));
    out.pump();
    await assert.rejects(waiting, spError("ENOPEERS"));
    router.refusal = undefined;
    router.room = 1;
    await out.send("3");
    assert.deepEqual(router.sent, ["<3>"]);
    assert.equal(out.idle, true);
  });

  test("rejects with ECLOSED once closed; what waits goes on waiting, and is sent if it can", async () => {
    const [out, router] = sendQueue(0);
    const waiting = out.send("1");
    out.close();
    await assert.rejects(out.send("2"), spError("ECLOSED", "Cannot send"));
    router.room = 1;
    out.pump();
    await waiting;
    assert.deepEqual(router.sent, ["<1>"]);
  });

  test("rejects what waits when it is given up, and tells how much that is with what the router still held", async () => {
    const [out, router] = sendQueue(0);
    const waiting = [out.send("1"), out.send("2")];
    router.pending = 3;
    assert.equal(out.abandon(closedError("go on")), 5);
    for (const send of waiting) await assert.rejects(send, spError("ECLOSED"));
    assert.deepEqual(router.sent, []);
  });
});

function sendQueue0(router: Counter): SendQueue<string, string> {
  return new SendQueue({
    router,
    prepare: (chunk) => chunk,
    keep: (message) => message,
    sendTimeout: Infinity,
  });
}

describe("the way out", () => {
  test("has the router hear of pipes, and sends what waits after each but a new one", () => {
    const [out, router] = sendQueue(0);
    const { pipe } = mockPipe();
    out.attach(pipe);
    assert.equal(router.pumps, 0);
    out.ready(pipe);
    out.detach(pipe);
    out.reclaim(pipe);
    assert.deepEqual(router.pipes, ["attach", "ready", "detach", "reclaim"]);
    assert.equal(router.pumps, 3);
  });

  test("does not begin to pump while it pumps", async () => {
    const [out, router] = sendQueue(0);
    const waiting = [out.send("1"), out.send("2"), out.send("3")];
    router.pump = () => out.pump();
    const { send } = router;
    router.send = (message) => {
      out.pump();
      return send.call(router, message);
    };
    router.room = 3;
    out.pump();
    await Promise.all(waiting);
    assert.deepEqual(router.sent, ["<1>", "<2>", "<3>"]);
  });

  test("is drained when nothing waits in it or in the router", async () => {
    const [out, router] = sendQueue(0);
    await out.drained();
    const waiting = out.send("1");
    router.pending = 1;
    let isDrained = false;
    const drained = [out.drained(), out.drained()];
    drained[0]!.then(() => isDrained = true);
    router.room = 1;
    out.pump();
    await waiting;
    await Promise.resolve();
    assert.equal(isDrained, false);
    router.pending = 0;
    out.pump();
    await Promise.all(drained);
  });
});
