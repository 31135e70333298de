/** Who may read in a turn of the event loop, and who waits for the next. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { leaveLine, mayRead, standInLine, type Turnable } from "../../src/pipes/reading_turn.ts";
import { calm } from "../helpers/turns.ts";

/** Somebody who wants so many helpings, and notes each. */
function eater(name: string, log: string[], helpings = 1): Turnable {
  const self = {
    goOn: (): void => {
      log.push(name);
      queueMicrotask(() => log.push(`${name} taken`));
      if (--helpings > 0) standInLine(self);
    },
  };
  return self;
}

test("while somebody stands in line, nobody reads past them", async () => {
  const log: string[] = [];
  assert.equal(mayRead(), true);
  standInLine(eater("a", log));
  assert.equal(mayRead(), false);
  await calm();
  assert.equal(mayRead(), true);
});

test("those in line are served in their order, and who wants more stands behind the others", async () => {
  const log: string[] = [];
  standInLine(eater("a", log, 3));
  standInLine(eater("b", log, 1));
  standInLine(eater("c", log, 2));
  await calm();
  const served = log.filter((entry) => !entry.endsWith("taken"));
  assert.deepEqual(served, ["a", "b", "c", "a", "c", "a"]);
});

test("what one is served is taken before the next is served", async () => {
  const log: string[] = [];
  standInLine(eater("a", log));
  standInLine(eater("b", log));
  await calm();
  assert.deepEqual(log, ["a", "a taken", "b", "b taken"]);
});

test("who leaves the line is not served", async () => {
  const log: string[] = [];
  const [a, b] = [eater("a", log), eater("b", log)];
  standInLine(a);
  standInLine(b);
  leaveLine(a);
  await calm();
  assert.deepEqual(log, ["b", "b taken"]);
});

test("a turn that has read for long lets nobody read, and the next one does", async () => {
  assert.equal(mayRead(), true);
  const start = performance.now();
  while (mayRead()) {
    if (performance.now() - start > 10_000) assert.fail("it never ends");
  }
  assert.equal(mayRead(), false);
  await calm();
  assert.equal(mayRead(), true);
});
