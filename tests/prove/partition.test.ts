/** The short form of `npm run prove -- partition`: a link that is down for a moment, on this runtime. */

import assert from "node:assert/strict";
import test from "node:test";
import type { Finding } from "../../prove/lib/part.ts";
import { Network } from "../../prove/partition/network.ts";
import { partition } from "../../prove/partition/partition.ts";
import { CURRENT } from "../helpers/runtimes.ts";

const missing = Network.missing();

test("nothing is lost while a link is down, and everybody is there again", {
  skip: missing ?? false,
}, async () => {
  const findings: Finding[] = [];
  const plan = {
    runtimes: [CURRENT.name],
    seed: 21,
    short: true,
    inputs: 0,
    faults: 0,
    minutes: 0,
    others: [],
    tell: () => {},
  };
  for await (const finding of partition.run(plan)) findings.push(finding);
  assert.equal(findings.length, 1);
  assert.equal(findings[0]!.met, true, JSON.stringify(findings, null, 2));
});

test(
  "a network of our own is gone when it is disposed of",
  { skip: missing ?? false },
  async () => {
    const before = Network.list();
    {
      await using network = new Network();
      assert.ok(Network.list().includes(network.left.namespace));
    }
    assert.deepEqual(Network.list(), before);
  },
);
