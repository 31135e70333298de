import { attempt, milliseconds } from "../lib/attempt.ts";
import type { Finding, Plan } from "../lib/part.ts";
import { type Contestant, contestants } from "./contestants.ts";
import { join, rawPeers, type Scenario } from "./stage.ts";

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

/** One loud peer and a quiet one. Over ws ours alone are tried. */
export const lone: Scenario = {
  name: "lone",
  run: async function* (plan) {
    for (const kind of plan.short ? [kinds[0]!, kinds[3]!] : kinds) {
      for (const one of contestants(plan)) {
        if (one.isOurs || kind.scheme === "tcp") yield await pair(plan, kind, one);
      }
    }
  },
};

function pair(
  plan: Plan,
  { scheme, size }: Kind,
  { who, isOurs, wire, listen }: Contestant,
): Promise<Finding> {
  const messages = size === 0 ? "empty messages" : `${size} B`;
  const situation = `One loud peer and a quiet one, ${messages}, ${scheme}, PULL`;
  const time = plan.short ? 300 : 5000;
  plan.tell(`${situation}: ${who}`);
  const wanted = isOurs ? { wanted: "quiet one's median below 100 ms" } : {};
  return attempt({ situation, who, ...wanted }, async (troupe) => {
    const listening = await listen(troupe, "pull", { milliseconds: time, loud: 1, scheme });
    const guise = { port: listening.port, wire: scheme === "ws" ? "ws" : wire } as const;
    const [loud, quiet] = [rawPeers(troupe), rawPeers(troupe)];
    await join(loud, 1, guise);
    await join(quiet, 1, guise);
    await quiet.ask("whisper", { size: 64, every: 10 });
    const looking = listening.look(time, 1);
    await loud.ask("blast", { size });
    const seen = await looking;
    return {
      measured: {
        "quiet p50": milliseconds(seen.p50),
        "quiet p99": milliseconds(seen.p99),
        ...(!Number.isNaN(seen.longestTurn) && { "longest turn": milliseconds(seen.longestTurn) }),
        "taken": `${Math.round(seen.taken / seen.elapsed)} k/s`,
      },
      ...(isOurs && { met: seen.p50 < 100 && seen.outOfOrder === 0 }),
      ...(seen.outOfOrder > 0 && { note: `${seen.outOfOrder} messages out of order` }),
    };
  });
}
