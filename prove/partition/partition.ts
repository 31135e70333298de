import { type Host, others, ours } from "../faults/actors.ts";
import { sleep } from "../faults/member.ts";
import type { Finding, Part, Plan } from "../lib/part.ts";
import { Random } from "../lib/random.ts";
import { heals, oneOfTwo, type Pair } from "./heal.ts";
import { Network } from "./network.ts";
import { vanishes } from "./vanish.ts";

/** Two hosts, and a network between them that breaks. */
export const partition: Part = {
  name: "partition",
  title: "Two hosts, and a network between them that loses, breaks, heals, or falls silent",
  run: async function* (plan) {
    const missing = Network.missing();
    if (missing !== undefined) {
      yield { situation: "all", who: "nobody", measured: {}, note: `not tried: ${missing}` };
      return;
    }
    await using network = new Network();
    const random = new Random(plan.seed);
    const { left, right } = network;
    const cast = (
      host: Host,
    ) => [...plan.runtimes.map((one) => ours(one, host)), ...others(plan, host)];
    const rights = cast(right);
    const pairs = cast(left).map((one, i): Pair => ({ left: one, right: rights[i]! }));
    const down = plan.short ? 700 : 3_000;
    for (const pair of pairs) {
      yield* trying(
        plan,
        pair,
        `link down for ${down / 1e3} s`,
        (situation) =>
          heals(pair, situation, async () => {
            await network.down();
            await sleep(down);
            await network.heal();
            return "the connections survive it";
          }),
      );
      if (plan.short) continue;
      yield* trying(
        plan,
        pair,
        "loss and delay for 10 s",
        (situation) =>
          heals(pair, situation, async () => {
            await network.lossy(10_000, random);
            return network.lossiness;
          }),
      );
      yield* trying(plan, pair, "one REP of two falls silent", async () => {
        try {
          return await oneOfTwo(pair, () => network.silence(), 5_000);
        } finally {
          await network.heal();
        }
      });
    }
    if (!plan.short) yield* vanishes(network, plan);
  },
};

/** A scenario; what goes wrong in it is a finding too. */
async function* trying(
  plan: Plan,
  { left }: Pair,
  situation: string,
  scenario: (situation: string) => Promise<Finding>,
): AsyncGenerator<Finding> {
  plan.tell(`partition: ${left.name}, ${situation}`);
  try {
    yield await scenario(situation);
  } catch (error) {
    const note = error instanceof Error ? error.message : String(error);
    yield { situation, who: left.name, measured: {}, ...left.isOurs && { met: false }, note };
  }
}
