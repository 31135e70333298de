import { attempt, titles } from "../lib/attempt.ts";
import { Child } from "../lib/child.ts";
import type { Finding, Plan, Runtime } from "../lib/part.ts";
import { look, open, receiverOn, type Scenario } from "./stage.ts";

/** Many PUSH sockets in one process. */
export const pushes: Scenario = {
  name: "pushes",
  run: async function* (plan) {
    for (const runtime of plan.runtimes) yield await push(plan, runtime);
  },
};

function push(plan: Plan, runtime: Runtime): Promise<Finding> {
  const count = plan.short ? 100 : 1000;
  const time = plan.short ? 2000 : 6000;
  const situation = `${count} PUSH in one process, one PULL in another, ${time / 1000} s`;
  const who = `ours, ${titles[runtime]}`;
  plan.tell(`${situation}: ${who}`);
  return attempt({ situation, who, wanted: "each of them sends" }, async (troupe) => {
    const receiver = receiverOn(troupe, runtime);
    const port = await open(receiver, "pull");
    const sender = troupe.add(Child.of(runtime, new URL("sender.ts", import.meta.url)));
    // A process that is busy with sending may answer late, or not at all.
    const begun = sender.ask("connect", { address: `tcp://127.0.0.1:${port}`, count }, 60_000);
    begun.catch(() => {});
    const seen = await look(receiver, time, count);
    return {
      measured: {
        "silent": `${seen.silent}`,
        "most, least": `${seen.most}, ${seen.least}`,
        "taken": `${Math.round(seen.taken / seen.elapsed)} k/s`,
      },
      met: seen.silent === 0,
    };
  });
}
