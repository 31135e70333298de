/** The proving ground's *fuzz*, in short: some mutated bytes to every pattern, over each transport. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { fuzz } from "../../prove/fuzz/fuzz.ts";
import type { Finding, Plan } from "../../prove/lib/part.ts";
import { CURRENT } from "../helpers/runtimes.ts";

const plan: Plan = {
  runtimes: [CURRENT.name],
  seed: 1,
  short: true,
  inputs: 1500,
  faults: 0,
  minutes: 0,
  others: [],
  tell: () => {},
};

let found: Promise<Finding[]> | undefined;

/** All schemes in one run, whichever test comes first. */
function findings(): Promise<Finding[]> {
  return found ??= Array.fromAsync(fuzz.run(plan));
}

for (const scheme of ["tcp", "ipc", "ws", "tls"]) {
  test(`no mutated bytes over ${scheme} harm a socket of any pattern, or what its good peer is told`, async () => {
    const finding = (await findings()).find(({ situation }) => situation.endsWith(` ${scheme}`));
    assert.ok(finding !== undefined);
    const { measured, note } = finding;
    for (const harm of ["died", "uncaught errors", "wrong deliveries", "lost", "not forgotten"]) {
      assert.equal(measured[harm], "0", `${harm}: ${note}`);
    }
    for (const sent of ["inputs, we bind", "inputs, we connect", "good messages"]) {
      assert.ok(Number(measured[sent]) > 0, `${sent}: ${measured[sent]}`);
    }
  });
}
