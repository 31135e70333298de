import { attempt, titles } from "../lib/attempt.ts";
import { Child } from "../lib/child.ts";
import { grown, growth, memoryOf } from "../lib/memory.ts";
import type { Finding, Plan, Runtime } from "../lib/part.ts";
import { join, rawPeers, type Scenario } from "./stage.ts";

/** The queue of a peer, and what its owner may cost besides. */
const QUEUE = 1 << 20;
const MOST = 32e6;

/** PUB and BUS with a subscriber that never reads. */
export const slow: Scenario = {
  name: "slow",
  run: async function* (plan) {
    for (const pattern of ["pub", "bus"] as const) {
      for (const size of plan.short ? [64] : [64, 65_536]) {
        for (const runtime of plan.runtimes) yield await flood(plan, pattern, size, runtime);
      }
    }
  },
};

function flood(
  plan: Plan,
  pattern: "pub" | "bus",
  size: number,
  runtime: Runtime,
): Promise<Finding> {
  const time = plan.short ? 300 : size === 64 ? 60_000 : 20_000;
  const messages = size === 64 ? "64 B" : "64 KiB";
  const situation = `${pattern.toUpperCase()} with a subscriber that never reads, ${messages}, ${
    time / 1000
  } s, queue 1 MiB`;
  const who = `ours, ${titles[runtime]}`;
  plan.tell(`${situation}: ${who}`);
  return attempt({ situation, who, wanted: `${grown(MOST)} at most` }, async (troupe) => {
    const sender = troupe.add(Child.of(runtime, new URL("sender.ts", import.meta.url)));
    const { port } = await sender.ask("open", { pattern, options: { sendBuffer: QUEUE } });
    const peers = rawPeers(troupe);
    const protocol = pattern === "pub" ? "sub" : "bus";
    await join(peers, 1, { port: port as number, protocol, isDeaf: true });
    await sender.ask("peers", { count: 1 });
    const before = await memoryOf(sender);
    const { sent } = await sender.ask("flood", { milliseconds: time, size }, time + 60_000);
    const more = growth(before, await memoryOf(sender));
    return {
      measured: {
        "peak": grown(more.peak),
        "RSS after": grown(more.rss),
        "heap and buffers after": grown(more.heap),
        "sent": `${sent}`,
      },
      met: more.peak <= MOST,
    };
  });
}
