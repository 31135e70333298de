import type { Finding, Part, Plan } from "../lib/part.ts";
import { type Company, others, ours } from "./actors.ts";
import { pipeline } from "./pipeline.ts";
import { pubsub } from "./pubsub.ts";
import { reqrep } from "./reqrep.ts";
import { survey } from "./survey.ts";

type Scenario = (company: Company, plan: Plan, count: number) => Promise<Finding>;

const inOrder: Scenario = (company, plan, count) => pipeline(company, plan, count, true);
const hard: Scenario = (company, plan, count) => pipeline(company, plan, count, false);

/** Each by the name that chooses it alone. */
const SCENARIOS = { reqrep, inOrder, hard, pubsub, survey } as const;

/** Others have as many faults less: they are measured beside us, and need not show that nothing ever happens. */
const LESS_FOR_OTHERS = 10;

/** Processes killed and stopped, connections reset, under load. */
export const faults: Part = {
  name: "faults",
  title: "Processes killed and stopped, connections reset and flapping, under load",
  scenarios: Object.keys(SCENARIOS),
  run: async function* (plan) {
    for (const runtime of plan.runtimes) {
      const company = ours(runtime);
      const half = Math.ceil(plan.faults / 2);
      yield* play(company, plan, [
        ["REQ/REP", reqrep, plan.faults],
        ["PUSH/PULL in order", inOrder, half],
        ["PUSH/PULL", hard, half],
        ["PUB/SUB", pubsub, plan.faults],
        ["SURVEY", survey, plan.faults],
      ]);
    }
    const less = Math.ceil(plan.faults / LESS_FOR_OTHERS);
    for (const company of others(plan)) {
      yield* play(company, plan, [
        ["REQ/REP", reqrep, less],
        ["PUSH/PULL in order", inOrder, less],
        ["PUSH/PULL", hard, less],
        ["PUB/SUB", pubsub, less],
      ]);
    }
  },
};

async function* play(
  company: Company,
  plan: Plan,
  scenarios: readonly (readonly [name: string, scenario: Scenario, count: number])[],
): AsyncGenerator<Finding> {
  const chosen = plan.scenarios?.map((name) => SCENARIOS[name as keyof typeof SCENARIOS]);
  for (const [name, scenario, count] of scenarios) {
    if (chosen?.includes(scenario) === false) continue;
    plan.tell(`faults: ${company.name}, ${name}, ${count} faults`);
    try {
      yield await scenario(company, plan, count);
    } catch (error) {
      const note = error instanceof Error ? error.message : String(error);
      const who = company.name;
      yield { situation: name, who, measured: {}, ...company.isOurs && { met: false }, note };
    }
  }
}
