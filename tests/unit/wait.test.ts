import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { quiet, Waiter, within } from "../../src/wait.ts";
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

describe("within", () => {
  test("resolves when the promise does, or rejects", async () => {
    await within(60_000, Promise.resolve());
    await within(60_000, Promise.reject(new Error("no")));
  });

  test("resolves when the time has passed", async () => {
    await within(1, new Promise(() => {}));
    await within(0, new Promise(() => {}));
  });

  test("waits for the promise alone where the limit is Infinity", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const waiting = within(Infinity, promise);
    resolve();
    await waiting;
  });
});

test("a quiet promise rejects for who awaits it, and for nobody else", async () => {
  const promise = quiet(Promise.reject(new Error("heard")));
  await new Promise((resolve) => setTimeout(resolve));
  await assert.rejects(promise, /heard/);
});
