import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Deadline, quiet, Waiter, within } from "../../src/base/wait.ts";
import { spError } from "../helpers/errors.ts";
import { SpiedSignal } from "../helpers/signal.ts";

describe("a waiter", () => {
  test("resolves with a value, once", async () => {
    const waiter = new Waiter<number>();
    assert.equal(waiter.settled, false);
    waiter.resolve(1);
    waiter.resolve(2);
    waiter.reject(new Error("too late"));
    assert.equal(waiter.settled, true);
    assert.equal(await waiter.promise, 1);
  });

  test("rejects with a reason, as it is", async () => {
    const waiter = new Waiter<number>();
    waiter.reject("because");
    await assert.rejects(waiter.promise, (reason) => reason === "because");
  });

  test("rejects with the signal's reason, and says that it gave up", async () => {
    const signal = new SpiedSignal();
    let gaveUp = 0;
    const waiter = new Waiter<number>(signal.signal, () => gaveUp++);
    signal.abort("enough");
    await assert.rejects(waiter.promise, (reason) => reason === "enough");
    assert.equal(gaveUp, 1);
  });

  test("rejects at once where the signal is aborted already", async () => {
    let gaveUp = 0;
    const waiter = new Waiter<number>(AbortSignal.abort("before"), () => gaveUp++);
    assert.equal(waiter.settled, true);
    assert.equal(gaveUp, 1);
    await assert.rejects(waiter.promise, (reason) => reason === "before");
  });

  test("rejects with ETIMEDOUT, and says that it gave up", async () => {
    let gaveUp = 0;
    const waiter = new Waiter<number>(undefined, () => gaveUp++).limit(2, "open the door");
    await assert.rejects(waiter.promise, spError("ETIMEDOUT", "open the door", "2 ms"));
    assert.equal(gaveUp, 1);
  });

  test("does not say that it gave up where it got what it waited for, or a reason", async () => {
    let gaveUp = 0;
    const one = new Waiter<number>(undefined, () => gaveUp++);
    one.resolve(1);
    const other = new Waiter<number>(undefined, () => gaveUp++);
    other.reject(1);
    await Promise.allSettled([one.promise, other.promise]);
    assert.equal(gaveUp, 0);
  });

  for (const end of ["resolve", "reject", "abort", "time out"] as const) {
    test(`leaves no listener on the signal once it is over: ${end}`, async () => {
      const signal = new SpiedSignal();
      const waiter = new Waiter<number>(signal.signal).limit(
        end === "time out" ? 1 : 60_000,
        "wait",
      );
      assert.equal(signal.listeners, 1);
      if (end === "resolve") waiter.resolve(1);
      else if (end === "reject") waiter.reject(1);
      else if (end === "abort") signal.abort("enough");
      await waiter.promise.catch(() => {});
      // A timer of a minute, left behind, would also keep Node from ending in time.
      assert.equal(signal.listeners, 0);
    });
  }

  test("waits for ever where the limit is Infinity or longer than a timer can be", async () => {
    for (const limit of [Infinity, 2 ** 31, 1e300]) {
      const waiter = new Waiter<string>().limit(limit, "wait");
      await new Promise((resolve) => setTimeout(resolve));
      assert.equal(waiter.settled, false);
      waiter.resolve("still there");
      assert.equal(await waiter.promise, "still there");
    }
  });
});

describe("a deadline", () => {
  test("is met when the promise resolves, or rejects", async () => {
    const deadline = new Deadline(60_000);
    await deadline.meet(Promise.resolve());
    await deadline.meet(Promise.reject(new Error("no")));
  });

  test("ends every wait when it has passed, this one and those to come", async () => {
    for (const time of [0, 1]) {
      const deadline = new Deadline(time);
      await deadline.meet(new Promise(() => {}));
      await deadline.meet(new Promise(() => {}));
    }
  });

  test("leaves a wait to the promise alone where it is Infinity", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const waiting = new Deadline(Infinity).meet(promise);
    resolve();
    await waiting;
  });

  test("can be brought forward while somebody waits, and before; never put off", async () => {
    for (const time of [Infinity, 86_400_000]) {
      const deadline = new Deadline(time);
      const waiting = deadline.meet(new Promise(() => {}));
      deadline.shorten(1);
      deadline.shorten(86_400_000);
      await waiting;
      await deadline.meet(new Promise(() => {}));
      const next = new Deadline(time);
      next.shorten(1);
      await next.meet(new Promise(() => {}));
    }
  });

  test("that is brought forward changes nothing for a wait that is over", async () => {
    const deadline = new Deadline(60_000);
    await deadline.meet(Promise.resolve());
    deadline.shorten(1);
    await deadline.meet(new Promise(() => {}));
  });
});

test("within waits for a promise, or for a time, whichever is first over", async () => {
  await within(60_000, Promise.reject(new Error("no")));
  await within(1, new Promise(() => {}));
});

test("a quiet promise rejects for who awaits it, and for nobody else", async () => {
  const promise = quiet(Promise.reject(new Error("heard")));
  await new Promise((resolve) => setTimeout(resolve));
  await assert.rejects(promise, /heard/);
});
