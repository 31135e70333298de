import { certificates } from "../../tests/helpers/certificates.ts";
import { attempt, settled, titles } from "../lib/attempt.ts";
import { Child } from "../lib/child.ts";
import { grown, growth, memoryOf } from "../lib/memory.ts";
import type { Finding, Plan, Runtime } from "../lib/part.ts";
import { rawPeers, type Scenario } from "./stage.ts";

/** What may stay of a handshake that failed, in bytes: flat, but for what a measurement cannot tell from it. */
const STAYS = 1000;

/** Who is tried: ours, or what the runtime itself does by one of its interfaces. */
type Listener = "ours" | "node:tls" | "Deno.listenTls";

/** Handshakes over TLS that fail: the client says no TLS, or does not know who vouches for the server. */
export const handshakes: Scenario = {
  name: "handshakes",
  run: async function* (plan) {
    for (const how of ["no TLS", "certificate refused"] as const) {
      for (const runtime of plan.runtimes) {
        yield await fail(plan, how, runtime, "ours");
        if (plan.short) continue;
        yield await fail(plan, how, runtime, "node:tls");
        if (runtime === "deno") yield await fail(plan, how, runtime, "Deno.listenTls");
      }
    }
  },
};

function fail(
  plan: Plan,
  how: "no TLS" | "certificate refused",
  runtime: Runtime,
  listener: Listener,
): Promise<Finding> {
  const count = plan.short ? 40 : 2000;
  const situation = `${count} handshakes, over TLS that fail, again and again: ${how}`;
  const isOurs = listener === "ours";
  const who = isOurs ? `ours, ${titles[runtime]}` : `bare ${listener}, ${titles[runtime]}`;
  plan.tell(`${situation}: ${who}`);
  const wanted = isOurs ? { wanted: `${STAYS} B each at most, afterwards` } : {};
  return attempt({ situation, who, ...wanted }, async (troupe) => {
    const { server } = await certificates();
    const file = new URL("tls_listener.ts", import.meta.url);
    const child = troupe.add(Child.of(runtime, file));
    const { port } = await child.ask("open", { listener, ...server });
    const peers = rawPeers(troupe);
    const failures = async (count: number): Promise<void> => {
      const asked = { port, count, isTLS: how === "certificate refused" };
      const { failed } = await peers.ask("failHandshakes", asked, 120_000);
      if (failed !== count) {
        throw new Error(`${count - (failed as number)} of ${count} handshakes have not failed`);
      }
      await settled(async () => Math.round((await memoryOf(child)).heap / 1e6));
    };
    // What is compiled, cached and pooled by the first is no part of what each costs: the best of four rounds counts.
    const rounds: { rss: number; heap: number }[] = [];
    for (let before = await memoryOf(child); rounds.length < (plan.short ? 1 : 4);) {
      await failures(count);
      const after = await memoryOf(child);
      rounds.push(growth(before, after));
      before = after;
    }
    const each = Math.min(...rounds.map(({ rss, heap }) => Math.max(rss, heap))) / count;
    return {
      measured: {
        "RSS by round": rounds.map(({ rss }) => grown(rss)).join(", "),
        "heap and buffers": rounds.map(({ heap }) => grown(heap)).join(", "),
        "of each, in the best round": `${Math.round(each)} B`,
      },
      ...(isOurs && { met: each <= STAYS }),
    };
  });
}
