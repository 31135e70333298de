import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { numberOf } from "../faults/actors.ts";
import { sleep } from "../faults/member.ts";
import { Child } from "../lib/child.ts";
import type { Finding, Part, Plan, Runtime } from "../lib/part.ts";
import type { Sample } from "./gauge.ts";

/** Samples of a whole run, and the shortest time between two, in milliseconds. */
const SAMPLES = 150;
const BETWEEN = 100;

const titles: Readonly<Record<Runtime, string>> = { deno: "Deno", bun: "Bun", node: "Node" };
const MIB = 2 ** 20;

/** Descriptors that a runtime opens by itself when it first needs them. */
const RUNTIMES_OWN = 3;

/** By how much each figure of the last third may be above that of the middle third: a part of it, and so much besides. */
const FLAT: Readonly<Record<keyof Sample, { readonly part: number; readonly besides: number }>> = {
  heap: { part: 0.05, besides: MIB },
  rss: { part: 0.05, besides: 8 * MIB },
  descriptors: { part: 0, besides: 3 },
  timers: { part: 0, besides: 3 },
};

/** The same load for a long time. */
export const soak: Part = {
  name: "soak",
  title: "REQ/REP, PUSH/PULL, PUB/SUB and SURVEY for a long time, while peers come and go",
  run: async function* (plan) {
    // At once: the load leaves room, and time is what it takes.
    for (const findings of await Promise.all(plan.runtimes.map((one) => run(one, plan)))) {
      yield* findings;
    }
  },
};

async function run(runtime: Runtime, plan: Plan): Promise<Finding[]> {
  const folder = mkdtempSync(join(tmpdir(), "prove-soak-"));
  const hub = Child.of(runtime, new URL("hub.ts", import.meta.url));
  const spoke = Child.of(runtime, new URL("spoke.ts", import.meta.url));
  const who = `ours, ${titles[runtime]}`;
  try {
    const { addresses, sample: before } = await hub.ask("play", { folder });
    await spoke.ask("play", { addresses });
    const samples: { hub: Sample; spoke: Sample }[] = [];
    const time = plan.minutes * 60_000;
    const until = Date.now() + time;
    while (Date.now() < until) {
      await sleep(Math.min(Math.max(BETWEEN, time / SAMPLES), Math.max(0, until - Date.now())));
      const [one, other] = await Promise.all([hub.ask("gauge"), spoke.ask("gauge")]);
      samples.push({ hub: one.sample as Sample, spoke: other.sample as Sample });
      const left = Math.max(0, until - Date.now()) / 60_000;
      if (runtime === plan.runtimes[0]) plan.tell(`soak: ${left.toFixed(1)} minutes to go`);
    }
    const spoken = await spoke.ask("finish", {}, 60_000);
    const heard = await allGone(hub);
    const after = (await hub.ask("gauge")).sample as Sample;
    await hub.ask("finish");

    const of = (name: string): number => numberOf(name in spoken ? spoken : heard, name);
    const lost = of("pushed") - of("pulled");
    const unanswered = of("asked") - of("answered");
    const open = of("surveys") - of("ended");
    const still = after.descriptors - (before as Sample).descriptors;
    const minutes = `${plan.minutes} min`;
    const exact: Finding = {
      situation: `counts after ${minutes}`,
      who,
      measured: {
        visits: String(of("visits")),
        failed: String(of("failed")),
        requests: String(of("asked")),
        "without the right answer": String(unanswered),
        pushed: String(of("pushed")),
        "not pulled": String(lost),
        "taken by SUBs": String(of("taken")),
        gaps: String(of("gaps")),
        surveys: String(of("surveys")),
        "responses to another": String(of("alien")),
        "descriptors still open": String(still),
      },
      wanted: "all exact, nothing still open",
      met: of("visits") > 0 && of("taken") > 0 && of("responses") > 0 && of("failed") === 0 &&
        unanswered === 0 && lost === 0 && of("gaps") === 0 && of("alien") === 0 && open <= 1 &&
        still <= RUNTIMES_OWN,
      ...of("failed") > 0 && { note: String(spoken.failure) },
    };
    // Seconds show no trend: the heap has not settled.
    if (plan.short) return [exact];
    return [
      exact,
      flat(`the side that stays, ${minutes}`, who, samples.map(({ hub }) => hub)),
      flat(`the side that comes and goes, ${minutes}`, who, samples.map(({ spoke }) => spoke)),
    ];
  } catch (error) {
    const note = error instanceof Error ? error.message : String(error);
    return [{ situation: "soak", who, measured: {}, met: false, note }];
  } finally {
    await Promise.all([hub.kill(), spoke.kill()]);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What the hub tells, once all of its peers are gone. */
async function allGone(hub: Child): ReturnType<Child["ask"]> {
  for (let tries = 0;; tries++) {
    const heard = await hub.ask("tell");
    if ((heard.peers as readonly number[]).every((count) => count === 0) || tries === 100) {
      return heard;
    }
    await sleep(50);
  }
}

/** Whether the last third of the samples is as the middle third. */
function flat(situation: string, who: string, samples: readonly Sample[]): Finding {
  const third = Math.floor(samples.length / 3);
  const median = (from: number, name: keyof Sample): number =>
    samples.slice(from, from + third).map((sample) => sample[name]).sort((a, b) => a - b)[
      Math.floor(third / 2)
    ] ?? 0;
  const measured: Record<string, string> = {};
  let met = true;
  for (const [name, { part, besides }] of Object.entries(FLAT)) {
    const [middle, last] = [third, 2 * third].map((from) => median(from, name as keyof Sample)) as [
      number,
      number,
    ];
    met &&= last <= middle * (1 + part) + besides;
    const text = (value: number): string =>
      part > 0 ? `${(value / MIB).toFixed(1)} MiB` : String(value);
    measured[name] = `${text(middle)} → ${text(last)}`;
  }
  return { situation, who, measured, wanted: "the last third as the middle third", met };
}
