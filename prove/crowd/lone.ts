import { attempt, milliseconds, titles } from "../lib/attempt.ts";
import type { Finding, Plan, Runtime } from "../lib/part.ts";
import { join, look, open, rawPeers, receiverOn, type Scenario } from "./stage.ts";

interface Kind {
  readonly scheme: "tcp" | "ws";
  readonly size: number;
}

const kinds: readonly Kind[] = [
  { scheme: "tcp", size: 64 },
  { scheme: "tcp", size: 0 },
  { scheme: "ws", size: 64 },
  { scheme: "ws", size: 0 },
];

/** One loud peer and a quiet one. */
export const lone: Scenario = {
  name: "lone",
  run: async function* (plan) {
    for (const kind of kinds) {
      for (const runtime of plan.runtimes) yield await pair(plan, kind, runtime);
    }
  },
};

function pair(plan: Plan, { scheme, size }: Kind, runtime: Runtime): Promise<Finding> {
  const messages = size === 0 ? "empty messages" : `${size} B`;
  const situation = `One loud peer and a quiet one, ${messages}, ${scheme}, PULL`;
  const who = `ours, ${titles[runtime]}`;
  const wanted = "quiet one's median below 100 ms";
  plan.tell(`${situation}: ${who}`);
  return attempt({ situation, who, wanted }, async (troupe) => {
    const receiver = receiverOn(troupe, runtime);
    const port = await open(receiver, "pull", scheme);
    const guise = { port, wire: scheme === "ws" ? "ws" : "sp" } as const;
    const [loud, quiet] = [rawPeers(troupe), rawPeers(troupe)];
    await join(loud, 1, guise);
    await join(quiet, 1, guise);
    await receiver.ask("peers", { count: 2 });
    await receiver.ask("window", { milliseconds: 100, loud: 1 }); // It reads from here on.
    await loud.ask("blast", { size });
    await quiet.ask("whisper", { size: 64, every: 10 });
    const seen = await look(receiver, plan.short ? 300 : 5000, 1);
    return {
      measured: {
        "quiet p50": milliseconds(seen.p50),
        "quiet p99": milliseconds(seen.p99),
        "longest turn": milliseconds(seen.longestTurn),
        "taken": `${Math.round(seen.taken / seen.elapsed)} k/s`,
      },
      met: seen.p50 < 100 && seen.outOfOrder === 0,
      ...(seen.outOfOrder > 0 && { note: `${seen.outOfOrder} messages out of order` }),
    };
  });
}
