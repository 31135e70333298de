/** The short form of `npm run prove -- faults`: a fixed seed, this runtime, five faults each. */

import assert from "node:assert/strict";
import test from "node:test";
import { ours } from "../../prove/faults/actors.ts";
import { pipeline } from "../../prove/faults/pipeline.ts";
import { pubsub } from "../../prove/faults/pubsub.ts";
import { reqrep } from "../../prove/faults/reqrep.ts";
import { survey } from "../../prove/faults/survey.ts";
import type { Finding, Plan } from "../../prove/lib/part.ts";
import { CURRENT } from "../helpers/runtimes.ts";

const plan: Plan = {
  runtimes: [CURRENT.name],
  seed: 21,
  short: true,
  inputs: 0,
  faults: 5,
  minutes: 0,
  others: [],
  tell: () => {},
};
const company = ours(CURRENT.name);

function expectMet(finding: Finding): void {
  assert.equal(finding.met, true, JSON.stringify(finding, null, 2));
}

test("every request is answered, and rightly, while REPs are killed and connections break", async () => {
  expectMet(await reqrep(company, plan, plan.faults));
});

test("a PUSH loses nothing when its PULLs are stopped, drained, or end their connections", async () => {
  expectMet(await pipeline(company, plan, 4, true));
});

test("what a PUSH loses when PULLs are killed and connections reset is accounted for", async () => {
  expectMet(await pipeline(company, plan, 4, false));
});

test("a SUB has messages in order, and again after each fault", async () => {
  expectMet(await pubsub(company, plan, plan.faults));
});

test("each survey ends, with responses to itself alone, whatever happens to respondents", async () => {
  expectMet(await survey(company, plan, plan.faults));
});
