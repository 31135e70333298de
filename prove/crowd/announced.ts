import { attempt, settled, titles } from "../lib/attempt.ts";
import { grown, growth, memoryOf } from "../lib/memory.ts";
import type { Finding, Plan, Runtime } from "../lib/part.ts";
import { join, open, rawPeers, receiverOn, type Scenario } from "./stage.ts";

/** The length of a message of 1 MiB, and its first 10 bytes. */
const BEGUN = "0000000000100000" + "01".repeat(10);

/** What a peer may cost while it is there, and what may stay from one round to the next. */
const OF_A_PEER = 64 * 1024;
const STAYS = 16e6;

/** Peers that announce 1 MiB and send 18 bytes, again and again. */
export const announced: Scenario = {
  name: "announced",
  run: async function* (plan) {
    for (const runtime of plan.runtimes) yield await announce(plan, runtime);
  },
};

function announce(plan: Plan, runtime: Runtime): Promise<Finding> {
  const count = plan.short ? 50 : 1000;
  const rounds = plan.short ? 2 : 6;
  const situation = `1 MiB announced, 18 bytes sent, by ${count} peers, ${rounds} times`;
  const who = `ours, ${titles[runtime]}`;
  const wanted = `${
    grown(count * OF_A_PEER)
  } at most while they are there, the same after each round`;
  plan.tell(`${situation}: ${who}`);
  return attempt({ situation, who, wanted }, async (troupe) => {
    const receiver = receiverOn(troupe, runtime);
    const port = await open(receiver, "pull");
    const peers = rawPeers(troupe);
    const before = await memoryOf(receiver);
    const during: number[] = [];
    const after: number[] = [];
    const attached = async (): Promise<number> =>
      (await receiver.ask("stats", {}, 60_000)).peers as number;
    for (let round = 0; round < rounds; round++) {
      await join(peers, count, { port });
      await receiver.ask("peers", { count });
      await peers.ask("write", { hex: BEGUN });
      await settled(async () => Math.round((await memoryOf(receiver)).rss / 1e6));
      during.push(growth(before, await memoryOf(receiver)).rss);
      await peers.ask("leave");
      const left = await settled(attached);
      if (left > 0) throw new Error(`${left} peers have left and are still attached`);
      after.push(growth(before, await memoryOf(receiver)).rss);
    }
    const most = Math.max(...during);
    // The first half brings what a runtime compiles and pools.
    const stays = after.at(-1)! - after[rounds / 2 - 1]!;
    return {
      measured: {
        "RSS while they are there": grown(most),
        "after each round": after.map(grown).join(", "),
      },
      met: most <= count * OF_A_PEER && stays <= STAYS,
    };
  });
}
