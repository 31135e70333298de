/** The short form of `npm run prove -- soak`: peers come and go for three seconds, on this runtime. */

import assert from "node:assert/strict";
import test from "node:test";
import type { Finding } from "../../prove/lib/part.ts";
import { soak } from "../../prove/soak/soak.ts";
import { CURRENT } from "../helpers/runtimes.ts";

test("while peers of four patterns come and go nothing is lost, and nothing stays open", async () => {
  const findings: Finding[] = [];
  const plan = {
    runtimes: [CURRENT.name],
    seed: 21,
    short: true,
    inputs: 0,
    faults: 0,
    minutes: 0.05,
    others: [],
    tell: () => {},
  };
  for await (const finding of soak.run(plan)) findings.push(finding);
  assert.equal(findings.length, 1);
  assert.equal(findings[0]!.met, true, JSON.stringify(findings, null, 2));
});
