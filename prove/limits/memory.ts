import { join, open, rawPeers, receiverOn } from "../crowd/stage.ts";
import { attempt, settled, titles } from "../lib/attempt.ts";
import { grown, growth, memoryOf } from "../lib/memory.ts";
import type { Finding, Plan, Runtime } from "../lib/part.ts";
import type { Scenario } from "./stage.ts";

/** MiB of heap that a process may have; Bun knows no such limit. */
const HEAP = 64;

/** A slow reader in a process that has little memory. */
export const memory: Scenario = {
  name: "memory",
  run: async function* (plan) {
    for (const size of plan.short ? [0] : [0, 64, 65_536]) {
      for (const runtime of plan.runtimes) yield await survive(plan, size, runtime);
    }
  },
};

function survive(plan: Plan, size: number, runtime: Runtime): Promise<Finding> {
  const peers = plan.short ? 20 : 100;
  const limit = runtime === "bun" ? "" : `, heap limited to ${HEAP} MiB`;
  const situation = `${peers} loud peers, ${size} B, a PULL that does not read${limit}`;
  const who = `ours, ${titles[runtime]}`;
  plan.tell(`${situation}: ${who}`);
  return attempt({ situation, who, wanted: "survives, and takes on" }, async (troupe) => {
    const receiver = receiverOn(troupe, runtime, runtime === "bun" ? undefined : HEAP);
    const port = await open(receiver, "pull");
    const before = await memoryOf(receiver);
    const loud = rawPeers(troupe);
    await join(loud, peers, { port });
    await loud.ask("blast", { size });
    await loud.ask("stuck");
    await settled(async () => (await receiver.ask("stats")).messagesReceived as number);
    const more = growth(before, await memoryOf(receiver));
    await loud.ask("hush");
    const { taken } = await receiver.ask("drain", {}, 120_000);
    const { connected } = await loud.ask("count");
    return {
      measured: {
        "RSS": grown(more.rss),
        "heap and buffers": grown(more.heap),
        "taken": `${taken}`,
      },
      met: connected === peers && (taken as number) > 0,
    };
  });
}
