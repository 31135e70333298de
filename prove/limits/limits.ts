import type { Part } from "../lib/part.ts";
import { disk } from "./disk.ts";
import { accept, connect } from "./files.ts";
import { memory } from "./memory.ts";
import { ports } from "./ports.ts";
import type { Scenario } from "./stage.ts";

const scenarios: readonly Scenario[] = [accept, connect, ports, disk, memory];

/** What the machine runs out of: descriptors, ports, disk, memory. */
export const limits: Part = {
  name: "limits",
  title: "What the machine runs out of: descriptors, ports, disk, memory",
  scenarios: scenarios.map(({ name }) => name),
  run: async function* (plan) {
    for (const { name, run } of scenarios) {
      if (plan.scenarios === undefined || plan.scenarios.includes(name)) yield* run(plan);
    }
  },
};
