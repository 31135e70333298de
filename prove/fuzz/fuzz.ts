import type { Finding, Part, Plan, Runtime } from "../lib/part.ts";
import type { Scheme, Wire } from "./place.ts";
import { attempt, type Outcome, type TrialOptions } from "./trial.ts";

/** How the inputs are shared out: TLS takes longer for each, and gets a little. */
const SHARES: Readonly<Record<Scheme, number>> = { tcp: 0.36, ipc: 0.36, ws: 0.27, tls: 0.01 };
/** The longest that a turn, or an exchange with a good peer, may take, in milliseconds. */
const LONGEST = 200;
/** What the heap may have grown by, in bytes. */
const GROWTH = 8 * 1024 * 1024;
/** The bare server is sent this part of the inputs. */
const CONTROL = 0.1;

/** What is attacked on each wire. */
const TARGETS: Readonly<
  Record<Wire, {
    worker: TrialOptions["worker"];
    schemes: readonly Scheme[];
    /** In a short run: those on which the wire looks different. What carries the bytes is attacked by SP on each. */
    short: readonly Scheme[];
  }>
> = {
  sp: {
    worker: "target.ts",
    schemes: ["tcp", "ipc", "ws", "tls"],
    short: ["tcp", "ipc", "ws", "tls"],
  },
  zmtp: {
    worker: "zmtp/target.ts",
    schemes: ["tcp", "ipc", "ws", "tls"],
    short: ["tcp", "ws"],
  },
};

const NAMES: Readonly<Record<Wire, string>> = { sp: "SP", zmtp: "ZMTP" };
const TITLES: Readonly<Record<Runtime, string>> = { deno: "Deno", bun: "Bun", node: "Node" };

/** Mutated bytes against running sockets of every pattern. */
export const fuzz: Part = {
  name: "fuzz",
  title: "Mutated bytes against running sockets of every pattern",
  scenarios: ["sp", "zmtp"],
  run: async function* (plan: Plan): AsyncIterable<Finding> {
    const { scenarios = ["sp", "zmtp"] } = plan;
    for (const runtime of plan.runtimes) {
      for (const wire of ["sp", "zmtp"] as const) {
        if (!scenarios.includes(wire)) continue;
        const { schemes, short } = TARGETS[wire];
        for (const scheme of plan.short ? short : schemes) {
          yield* trials(plan, runtime, wire, scheme);
        }
      }
    }
    if (!scenarios.includes("zmtp")) return;
    if (plan.others.some(({ family }) => family === "zeromq")) yield* zeromq(plan);
  },
};

/** libzmq, by its addon for Node, with a tenth of the inputs. */
async function* zeromq(plan: Plan): AsyncIterable<Finding> {
  for (const scheme of ["tcp", "ipc"] as const) {
    const inputs = Math.ceil(plan.inputs * SHARES[scheme] * CONTROL);
    const which = { runtime: "node", wire: "zmtp", scheme, seed: plan.seed } as const;
    const outcome = await attempt({
      ...which,
      inputs,
      from: 0,
      worker: "zmtp/zeromq.ts",
      progress: (sum) => plan.tell(`fuzz, zeromq.js, ${scheme}: ${sum} of ${inputs} inputs`),
    });
    const { measured, ...finding } = controlOf(outcome, which);
    const failed = `${outcome.report?.events.failed ?? "unknown"}`;
    yield { ...finding, who: "zeromq.js", measured: { ...measured, "failed calls": failed } };
  }
}

/** One wire, over one transport: ours, and in a long run what the runtime does alone. */
async function* trials(
  plan: Plan,
  runtime: Runtime,
  wire: Wire,
  scheme: Scheme,
): AsyncIterable<Finding> {
  const where = `${TITLES[runtime]}, ${NAMES[wire]}, ${scheme}`;
  const inputs = Math.ceil(plan.inputs * SHARES[scheme]);
  const common = { runtime, wire, scheme, seed: plan.seed };
  const ours = await attempt({
    ...common,
    inputs,
    from: plan.from ?? 0,
    worker: TARGETS[wire].worker,
    progress: (sum) => plan.tell(`fuzz, ${where}: ${sum} of ${inputs} inputs`),
  });
  const bare = plan.short ? undefined : await attempt({
    ...common,
    inputs: Math.ceil(inputs * CONTROL),
    from: 0,
    worker: "bare.ts",
    progress: (sum) => plan.tell(`fuzz, bare server, ${where}: ${sum}`),
  });
  yield findingOf(plan, ours, bare, common);
  if (bare !== undefined) yield controlOf(bare, common);
}

/** Which trial it was. */
type Which = Pick<TrialOptions, "runtime" | "wire" | "scheme">;

/**
 * Whether no turn, and no exchange with a good peer, took longer than it may, or than with the bare server. Of a turn that
 * counts for which it was at work: on a machine that does other things as well, any takes long now and then.
 */
function isPrompt({ report }: Outcome, bare: Outcome | undefined): boolean {
  return (report?.atWork ?? 0) <= Math.max(LONGEST, bare?.report?.atWork ?? 0) &&
    (report?.gap.milliseconds ?? 0) <= Math.max(LONGEST, bare?.report?.gap.milliseconds ?? 0);
}

function findingOf(
  plan: Plan,
  ours: Outcome,
  bare: Outcome | undefined,
  which: Which,
): Finding {
  const { report, growth = Infinity, death, suspects } = ours;
  const { uncaught = 0, wrong = 0, lost = 0, left = 0 } = report?.counts ?? {};
  const isUnharmed = death === undefined && uncaught + wrong + lost + left === 0;
  const gap = report?.gap;
  return {
    situation: situation(which),
    who: `ours, ${TITLES[which.runtime]}`,
    measured: {
      ...sentBy(ours),
      "let through": `${report?.mutated ?? 0}`,
      "good messages": `${report?.good ?? 0}`,
      "died": death === undefined ? "0" : "1",
      "uncaught errors": `${uncaught}`,
      "wrong deliveries": `${wrong}`,
      "lost": `${lost}`,
      "not forgotten": `${left}`,
      "heap": growth === Infinity ? "unknown" : `${(growth / 2 ** 20).toFixed(1)} MiB more`,
      "longest turn": turnOf(ours),
      "longest exchange": `${Math.round(gap?.milliseconds ?? 0)} ms (${gap?.stand || "none"})`,
    },
    wanted:
      "nothing died, uncaught, wrong, lost or not forgotten; heap at most 8 MiB more; no turn " +
      "or exchange above 200 ms that a bare server has not as well",
    // A short run is too short for what is about time.
    met: isUnharmed && growth <= GROWTH && (plan.short || isPrompt(ours, bare)),
    ...(suspects.length > 0 && { note: `seed ${plan.seed}; ${suspects.join("; ")}` }),
  };
}

function controlOf(bare: Outcome, which: Which): Finding {
  return {
    situation: situation(which),
    who: `bare server, ${TITLES[which.runtime]}`,
    measured: {
      ...sentBy(bare),
      "died": bare.death === undefined ? "0" : "1",
      "longest turn": turnOf(bare),
      "longest exchange": `${Math.round(bare.report?.gap.milliseconds ?? 0)} ms`,
    },
    ...(bare.death !== undefined && { note: bare.death }),
  };
}

function turnOf({ report }: Outcome): string {
  const [whole, atWork] = [report?.turn.milliseconds ?? 0, report?.atWork ?? 0];
  return `${Math.round(whole)} ms, at work ${Math.round(atWork)} ms`;
}

function situation({ wire, scheme }: Which): string {
  return `mutated ${NAMES[wire]} over ${scheme}`;
}

function sentBy(outcome: Outcome): Record<string, string> {
  const { inputsBound, inputsConnected, connections, seconds } = outcome;
  return {
    "inputs, we bind": `${inputsBound}`,
    "inputs, we connect": `${inputsConnected}`,
    "connections": `${connections}`,
    "a second": `${Math.round((inputsBound + inputsConnected) / seconds)}`,
  };
}
