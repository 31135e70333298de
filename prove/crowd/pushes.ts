import type { CrowdSeen } from "../../bench/lib/crowd.ts";
import { attempt, milliseconds, titles } from "../lib/attempt.ts";
import { Child } from "../lib/child.ts";
import type { Finding, Plan, Runtime } from "../lib/part.ts";
import { open, receiverOn, type Scenario } from "./stage.ts";

/** In milliseconds: when each is to have been heard, and when nobody listens any more. */
const WANTED = 6000;
const LONGEST = 20_000;

/** Many PUSH sockets in one process. */
export const pushes: Scenario = {
  name: "pushes",
  run: async function* (plan) {
    for (const runtime of plan.runtimes) yield await push(plan, runtime);
  },
};

function push(plan: Plan, runtime: Runtime): Promise<Finding> {
  const count = plan.short ? 100 : 1000;
  const situation = `${count} PUSH in one process, one PULL in another`;
  const who = `ours, ${titles[runtime]}`;
  plan.tell(`${situation}: ${who}`);
  return attempt({ situation, who, wanted: "each is heard within 6 s" }, async (troupe) => {
    const receiver = receiverOn(troupe, runtime);
    const port = await open(receiver, "pull");
    const sender = troupe.add(Child.of(runtime, new URL("sender.ts", import.meta.url)));
    await sender.ask("memory"); // It has started.
    const everyone = receiver.ask("everyone", { milliseconds: LONGEST, loud: count }, 60_000);
    // A process that is busy with sending may answer late, or not at all.
    const address = `tcp://127.0.0.1:${port}`;
    sender.ask("connect", { address, count }, 60_000).catch(() => {});
    const seen = await everyone as unknown as CrowdSeen;
    return {
      measured: {
        "silent": `${seen.silent}`,
        "after": milliseconds(seen.elapsed),
        "most, least": `${seen.most}, ${seen.least}`,
      },
      met: seen.silent === 0 && seen.elapsed <= WANTED,
    };
  });
}
