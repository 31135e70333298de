import type { Part } from "../lib/part.ts";
import { lone } from "./lone.ts";
import { full, loud } from "./loud.ts";
import type { Scenario } from "./stage.ts";
import { waiting } from "./waiting.ts";

const scenarios: readonly Scenario[] = [waiting, loud, full, lone];

/** Many peers, loud peers, silent peers. */
export const crowd: Part = {
  name: "crowd",
  title: "Many peers, loud peers, silent peers",
  scenarios: scenarios.map(({ name }) => name),
  run: async function* (plan) {
    for (const { name, run } of scenarios) {
      if (plan.scenarios === undefined || plan.scenarios.includes(name)) yield* run(plan);
    }
  },
};
