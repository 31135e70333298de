import type { Part } from "../lib/part.ts";
import { announced } from "./announced.ts";
import { handshakes } from "./handshakes.ts";
import { held } from "./held.ts";
import { lone } from "./lone.ts";
import { full, loud } from "./loud.ts";
import { pushes } from "./pushes.ts";
import { slow } from "./slow.ts";
import type { Scenario } from "./stage.ts";
import { waiting } from "./waiting.ts";

const scenarios: readonly Scenario[] = [
  waiting,
  slow,
  held,
  announced,
  loud,
  full,
  lone,
  pushes,
  handshakes,
];

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
