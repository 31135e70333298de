import { attempt, titles } from "../lib/attempt.ts";
import { Child } from "../lib/child.ts";
import { grown, growth, memoryOf } from "../lib/memory.ts";
import type { Finding, Plan, Runtime } from "../lib/part.ts";
import { join, rawPeers, type Scenario } from "./stage.ts";

/** Bytes of a message, and of the queue. */
const SIZE = 1024;
const QUEUE = 512 * 1024;
/** What Linux takes at the most for a connection that nobody reads. */
const OF_THE_SYSTEM = 12 << 20;
/** What a call that waits may cost besides its message. */
const OF_A_CALL = 512;

interface Kind {
  readonly pattern: "push" | "req";
  readonly how: "send" | "request";
  readonly peer: "pull" | "rep" | undefined;
}

const kinds: readonly Kind[] = [
  { pattern: "push", how: "send", peer: "pull" },
  { pattern: "req", how: "send", peer: undefined },
  { pattern: "req", how: "request", peer: "rep" },
  { pattern: "req", how: "request", peer: undefined },
];

/** What is sent, or asked, to a peer that takes nothing, or to nobody. */
export const held: Scenario = {
  name: "held",
  run: async function* (plan) {
    for (const kind of plan.short ? [kinds[0]!, kinds[2]!] : kinds) {
      for (const runtime of plan.runtimes) yield await hold(plan, kind, runtime);
    }
  },
};

function hold(plan: Plan, { pattern, how, peer }: Kind, runtime: Runtime): Promise<Finding> {
  const count = plan.short ? 20_000 : 200_000;
  const whom = peer === undefined ? "nobody" : "a peer that takes nothing";
  const situation = `${count} times ${pattern}.${how}() of 1 KiB to ${whom}`;
  const who = `ours, ${titles[runtime]}`;
  const wanted = how === "send"
    ? "waits when the queue and the system are full"
    : `no more accepted than those hold; ${SIZE} + ${OF_A_CALL} B a call at most`;
  plan.tell(`${situation}: ${who}`);
  return attempt({ situation, who, wanted }, async (troupe) => {
    const sender = troupe.add(Child.of(runtime, new URL("sender.ts", import.meta.url)));
    const { port } = await sender.ask("open", { pattern, options: { sendBuffer: QUEUE } });
    if (peer !== undefined) {
      await join(rawPeers(troupe), 1, { port: port as number, protocol: peer, isDeaf: true });
      await sender.ask("peers", { count: 1 });
    }
    const before = await memoryOf(sender);
    const question = how === "send" ? "fill" : "hold";
    const answer = await sender.ask(question, {
      count,
      size: SIZE,
      patience: plan.short ? 200 : 1000,
    }, 120_000);
    const accepted = answer.sent as number;
    const { heap, rss } = growth(before, await memoryOf(sender));
    const most = QUEUE + OF_THE_SYSTEM;
    return {
      measured: {
        "accepted": `${accepted}`,
        ...(answer.refused !== undefined && { "refused": `${answer.refused}` }),
        "heap and buffers": grown(heap),
        "RSS": grown(rss),
        ...(how === "request" && { "of each": `${Math.round(heap / count)} B` }),
      },
      met: accepted * SIZE <= most &&
        (how === "send" || heap <= most + count * (SIZE + OF_A_CALL)),
    };
  });
}
