import { attempt, settled, titles } from "../lib/attempt.ts";
import { grown, growth, memoryOf } from "../lib/memory.ts";
import type { Finding, Plan, Runtime } from "../lib/part.ts";
import { join, open, rawPeers, receiverOn, type Scenario } from "./stage.ts";

/** A `receiveBuffer`, and what a peer may cost besides. */
const BUFFER = 1 << 20;
const OF_A_PEER = 64 * 1024;

/** What a process may have, with 10,000 peers as well: 1 GiB. */
const LIMIT = 1 << 30;

/** What waits while nobody reads. */
export const waiting: Scenario = {
  name: "waiting",
  run: async function* (plan) {
    for (const count of plan.short ? [50] : [500, 2188, 10_000]) {
      for (const runtime of plan.runtimes) yield await crowd(plan, count, runtime);
    }
  },
};

function crowd(plan: Plan, count: number, runtime: Runtime): Promise<Finding> {
  const situation =
    `${count} peers, each a chunk of empty messages, the PULL not reading, receiveBuffer 1 MiB`;
  const who = `ours, ${titles[runtime]}`;
  const most = 2 * BUFFER + count * OF_A_PEER;
  const wanted = `${grown(most)} at most, and below 1 GiB in all; nothing lost`;
  plan.tell(`${situation}: ${who}`);
  return attempt({ situation, who, wanted }, async (troupe) => {
    const receiver = receiverOn(troupe, runtime, 1024);
    const port = await open(receiver, "pull", "tcp", { receiveBuffer: BUFFER });
    const peers = rawPeers(troupe);
    const before = await memoryOf(receiver);
    await join(peers, count, { port });
    await receiver.ask("peers", { count });
    const idle = await memoryOf(receiver);
    await peers.ask("once", { size: 0, bytes: OF_A_PEER }, 60_000);
    await settled(async () => (await receiver.ask("stats", {}, 60_000)).messagesReceived as number);
    const after = await memoryOf(receiver);
    const { taken } = await receiver.ask("drain", {}, 300_000);
    const sent = count * OF_A_PEER / 8;
    const all = growth(before, after);
    const alone = growth(before, idle);
    // JavaScriptCore counts buffers twice, and an allocator keeps what was freed: the lower figure is the truer one.
    const waits = Math.min(all.heap - alone.heap, all.rss - alone.rss);
    return {
      measured: {
        "what waits": grown(waits),
        "heap and buffers, with the peers": grown(all.heap),
        "RSS, with the peers": grown(all.rss),
        "of it the peers": grown(alone.rss),
        "peak in all": `${Math.round(after.peak / 1e6)} MB`,
        "taken": `${taken} of ${sent}`,
      },
      met: waits <= most && after.peak < LIMIT && taken === sent,
    };
  });
}
