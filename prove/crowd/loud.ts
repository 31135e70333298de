import { attempt, titles } from "../lib/attempt.ts";
import type { Finding, Plan, Runtime } from "../lib/part.ts";
import {
  figures,
  isFair,
  join,
  look,
  open,
  rawPeers,
  receiverOn,
  type Scenario,
  wantedOfACrowd,
} from "./stage.ts";

/** 999 loud peers and a quiet one, of a PULL and of a SUB. */
export const loud: Scenario = { name: "loud", run: (plan) => crowds(plan, "loud") };

/** The same, when the buffers of all of them are full before reading begins. */
export const full: Scenario = { name: "full", run: (plan) => crowds(plan, "full") };

async function* crowds(plan: Plan, kind: "loud" | "full"): AsyncGenerator<Finding> {
  for (const pattern of kind === "loud" ? ["pull", "sub"] as const : ["pull"] as const) {
    for (const runtime of plan.runtimes) yield await crowd(plan, kind, pattern, runtime);
  }
}

function crowd(
  plan: Plan,
  kind: "loud" | "full",
  pattern: "pull" | "sub",
  runtime: Runtime,
): Promise<Finding> {
  const count = plan.short ? 99 : 999;
  const time = plan.short ? 1000 : 10_000;
  const when = kind === "loud" ? "" : ", all buffers full when reading begins";
  const situation = `${count} loud peers and a quiet one, 64 B, ${pattern.toUpperCase()}${when}`;
  const who = `ours, ${titles[runtime]}`;
  plan.tell(`${situation}: ${who}`);
  return attempt({ situation, who, wanted: wantedOfACrowd }, async (troupe) => {
    const receiver = receiverOn(troupe, runtime);
    const port = await open(receiver, pattern);
    const guise = { port, protocol: pattern === "pull" ? "push" : "pub" } as const;
    const [loud, quiet] = [rawPeers(troupe), rawPeers(troupe)];
    await join(loud, count, guise);
    await join(quiet, 1, guise);
    await receiver.ask("peers", { count: count + 1 });
    if (kind === "full") {
      await loud.ask("blast", { size: 64 });
      await loud.ask("stuck");
      await quiet.ask("whisper", { size: 64, every: 10 });
    } else {
      await quiet.ask("whisper", { size: 64, every: 10 });
      await receiver.ask("window", { milliseconds: 100, loud: count }); // It reads from here on.
      await loud.ask("blast", { size: 64 });
    }
    const seen = await look(receiver, time, count);
    const { peers } = await receiver.ask("stats", {}, 60_000);
    const note = lost(seen.outOfOrder, count + 1 - (peers as number));
    return {
      measured: figures(seen),
      met: isFair(seen) && note === undefined,
      ...(note && { note }),
    };
  });
}

function lost(outOfOrder: number, gone: number): string | undefined {
  if (gone > 0) return `${gone} peers were lost`;
  return outOfOrder > 0 ? `${outOfOrder} messages of the quiet one out of order` : undefined;
}
