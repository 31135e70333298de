/** How the bench has its rows take turns, which is what its ratios rest on. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Case } from "../../bench/lib/part.ts";
import type { Row } from "../../bench/lib/rows.ts";
import { ratio, roundsOf, runCases } from "../../bench/lib/run_case.ts";

const A: Row = { name: "A", family: "ours", command: [] };
const B: Row = { name: "B", family: "nng", command: [] };

/** A case whose rows note in `log` what they do; a figure is the number of figures before it. */
function noting(log: string[], name: string, rest: Partial<Case> = {}): Case {
  return {
    name,
    metrics: [{ name: "messages", unit: "msg/s" }],
    better: "higher",
    rows: [A, B],
    open: (row) =>
      Promise.resolve({
        round: () => Promise.resolve({ messages: log.push(`${row.name} ${name}`) }),
        end: () => {
          log.push(`${row.name} ${name} ends`);
          return Promise.resolve();
        },
      }),
    ...rest,
  };
}

describe("rows of the bench", () => {
  test("take turns, round by round, and end at the end", async () => {
    const log: string[] = [];
    const [result] = await runCases([noting(log, "x")], 2, () => {});
    assert.deepEqual(log, ["A x", "B x", "A x", "B x", "A x ends", "B x ends"]);
    assert.deepEqual(result!.rows.map(({ rounds }) => rounds), [[1, 3], [2, 4]]);
    assert.equal(ratio(result!.rows[0]!, result!.rows[1]), (1 / 2 + 3 / 4) / 2);
  });

  test("are measured in one case right after the other, where cases are compared", async () => {
    const log: string[] = [];
    const results = await runCases([noting(log, "x"), noting(log, "y")], 2, () => {});
    assert.deepEqual(log.slice(0, 8), ["A x", "A y", "B x", "B y", "A x", "A y", "B x", "B y"]);
    assert.deepEqual(results.map(({ name }) => name), ["x", "y"]);
  });

  test("are measured no more often than their case allows", async () => {
    const log: string[] = [];
    const few = noting(log, "x", { mostRounds: 1 });
    const [result] = await runCases([few, noting(log, "y")], 3, () => {});
    assert.equal(roundsOf(few, 3), 1);
    assert.deepEqual(result!.rows.map(({ rounds }) => rounds.length), [1, 1]);
    assert.equal(log.filter((line) => line === "A y").length, 3);
  });

  test("that fail say why, and are not tried again after two failures without a figure", async () => {
    const log: string[] = [];
    const broken = noting(log, "x", {
      rows: [A],
      open: () => {
        log.push("tried");
        return Promise.reject(new Error("no port"));
      },
    });
    const [result] = await runCases([broken], 5, () => {});
    assert.deepEqual(log, ["tried", "tried"]);
    assert.equal(result!.rows[0]!.note, "failed: no port");
    assert.equal(ratio(result!.rows[0]!, result!.rows[0]), undefined);
  });

  test("that are missing are not opened, and say so", async () => {
    const log: string[] = [];
    const missing: Row = { ...B, missing: "not installed" };
    const [result] = await runCases([noting(log, "x", { rows: [A, missing] })], 1, () => {});
    assert.deepEqual(log, ["A x", "A x ends"]);
    assert.equal(result!.rows[1]!.note, "not installed");
  });
});
