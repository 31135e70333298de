import { attempt } from "../lib/attempt.ts";
import type { Finding, Plan } from "../lib/part.ts";
import { type Contestant, contestants } from "./contestants.ts";
import { figures, isFair, join, rawPeers, type Scenario, wantedOfACrowd } from "./stage.ts";

/** 999 loud peers and a quiet one, of a PULL and of a SUB. */
export const loud: Scenario = {
  name: "loud",
  run: async function* (plan) {
    for (const pattern of plan.short ? ["sub"] as const : ["pull", "sub"] as const) {
      for (const one of contestants(plan)) yield await crowd(plan, pattern, one);
    }
  },
};

/** The same, when the buffers of all of them are full before reading begins. A bare socket reads at once. */
export const full: Scenario = {
  name: "full",
  run: async function* (plan) {
    for (const one of contestants(plan)) {
      if (!one.who.startsWith("bare")) yield await crowd(plan, "pull", one, "full");
    }
  },
};

function crowd(
  plan: Plan,
  pattern: "pull" | "sub",
  { who, isOurs, wire, listen }: Contestant,
  buffers: "full" | "empty" = "empty",
): Promise<Finding> {
  const count = plan.short ? 49 : 999;
  const time = plan.short ? 500 : 10_000;
  const when = buffers === "full" ? ", all buffers full when reading begins" : "";
  const situation = `${count} loud peers and a quiet one, 64 B, ${pattern.toUpperCase()}${when}`;
  plan.tell(`${situation}: ${who}`);
  const wanted = isOurs ? { wanted: wantedOfACrowd } : {};
  return attempt({ situation, who, ...wanted }, async (troupe) => {
    const listening = await listen(troupe, pattern, { milliseconds: time, loud: count });
    const guise = {
      port: listening.port,
      wire,
      protocol: pattern === "pull" ? "push" : "pub",
    } as const;
    const [loud, quiet] = [rawPeers(troupe), rawPeers(troupe)];
    await join(loud, count, guise);
    await join(quiet, 1, guise);
    if (buffers === "full") {
      await loud.ask("blast", { size: 64 });
      await loud.ask("stuck");
    }
    await quiet.ask("whisper", { size: 64, every: 10 });
    const looking = listening.look(time, count);
    if (buffers === "empty") await loud.ask("blast", { size: 64 });
    const seen = await looking;
    const gone = count - ((await loud.ask("count")).connected as number);
    const note = lost(seen.outOfOrder, gone);
    return {
      measured: figures(seen),
      ...(isOurs && { met: isFair(seen) && note === undefined }),
      ...(note && { note }),
    };
  });
}

function lost(outOfOrder: number, gone: number): string | undefined {
  if (gone > 0) return `${gone} peers were lost`;
  return outOfOrder > 0 ? `${outOfOrder} messages of the quiet one out of order` : undefined;
}
