import { dropsOf, type Host, numberOf, others, Stage } from "../faults/actors.ts";
import { sleep } from "../faults/member.ts";
import { Child } from "../lib/child.ts";
import type { Finding, Plan, Runtime } from "../lib/part.ts";
import type { Network } from "./network.ts";
import { type Variant, variants } from "./variants.ts";

/** How long a peer is away, in milliseconds: longer than any time that is wanted. */
const AWAY = 75_000;
/** How long peers may take to find each other again, in milliseconds: TCP tries 51 and 102 s after the beginning. */
const BACK = 40_000;

/** What `worker.ts` tells of a variant. */
interface Seen {
  readonly goneAt?: number;
  readonly backAt?: number;
  readonly reason?: string;
  readonly unknown?: string;
  readonly accepted: number;
  readonly count: number;
}

const titles: Readonly<Record<Runtime, string>> = { deno: "Deno", bun: "Bun", node: "Node" };

/** A peer vanishes without FIN: everybody and everything at once, since it takes its time. */
export async function* vanishes(network: Network, plan: Plan): AsyncGenerator<Finding> {
  await using stage = new Stage();
  const { left, right } = network;
  const children: Child[] = [];
  const start = (runtime: Runtime, file: string, host: Host): Child => {
    const child = Child.of(runtime, new URL(file, import.meta.url), host);
    children.push(child);
    return child;
  };
  try {
    const pairs = await Promise.all(plan.runtimes.map(async (runtime) => {
      const pull = start(runtime, "worker.ts", right);
      const push = start(runtime, "worker.ts", left);
      const { addresses } = await pull.ask("listen", { ip: right.ip });
      await push.ask("dial", { addresses });
      return { runtime, push, pull };
    }));
    const bare = await Promise.all(plan.runtimes.map(async (runtime) => {
      const listener = start(runtime, "bare.ts", right);
      const dialer = start(runtime, "bare.ts", left);
      await dialer.ask("dial", await listener.ask("listen", { ip: right.ip }));
      return { runtime, dialer };
    }));
    const dialers = others(plan, left);
    const beside = await Promise.all(
      others(plan, right).map(async (company, i) => {
        const bind = await company.freshAddress();
        const record = stage.freshFile();
        const { child: pull } = await stage.play(company, "pull", { bind, record });
        const { child: push } = await stage.play(dialers[i]!, "push", {
          connect: [bind],
          rate: 100,
        });
        return { name: company.name, pull, push, goneAt: [0, 0] };
      }),
    );
    await sleep(2_000);

    await network.silence();
    const silentAt = Date.now();
    while (Date.now() - silentAt < AWAY) {
      const seconds = Math.round((Date.now() - silentAt) / 1e3);
      plan.tell(`partition: peers have vanished ${seconds} of ${AWAY / 1e3} s ago`);
      for (const { push, pull, goneAt } of beside) {
        for (const [i, child] of [push, pull].entries()) {
          const peers = numberOf(await child.ask("peers"), "peers");
          if (peers === 0) goneAt[i] ||= Date.now();
        }
      }
      await sleep(1_000);
    }
    const gone = await Promise.all(bare.map(({ dialer }) => dialer.ask("tell")));
    await network.heal();
    plan.tell("partition: peers find each other again");
    await sleep(BACK);

    for (const { runtime, push, pull } of pairs) {
      // Before the PUSH closes, which the PULL would see as a loss of its peer.
      const there = (await pull.ask("tell")).seen as readonly Seen[];
      const { seen, drops } = await push.ask("finish");
      await sleep(1_000); // The last is on its way to the reader.
      const taken = (await pull.ask("tell")).seen as readonly Seen[];
      const here = seen as readonly Seen[];
      for (const [i, variant] of variants.entries()) {
        const dropped = dropsOf({ drops: (drops as readonly unknown[])[i] });
        const who = `ours, ${titles[runtime]}`;
        yield judge(variant, who, silentAt, here[i]!, {
          ...there[i]!,
          count: taken[i]!.count,
        }, dropped);
      }
    }
    for (const { name, goneAt } of beside) {
      yield {
        situation: "vanished without FIN: PUSH writes, as it is",
        who: name,
        measured: {
          "PUSH notices": after(goneAt[0], silentAt),
          "PULL": after(goneAt[1], silentAt),
        },
      };
    }
    for (const [i, { runtime }] of bare.entries()) {
      const times = gone[i]!.goneAt as readonly number[];
      yield {
        situation: "vanished without FIN: one TCP connection",
        who: `bare socket, ${titles[runtime]}`,
        measured: {
          "idle": after(times[0], silentAt),
          "setKeepAlive(true, 15 s)": after(times[1], silentAt),
          "writes": after(times[2], silentAt),
        },
      };
    }
  } finally {
    await Promise.all(children.map((child) => child.kill()));
  }
}

function judge(
  variant: Variant,
  who: string,
  silentAt: number,
  here: Seen,
  there: Seen,
  dropped: ReturnType<typeof dropsOf>,
): Finding {
  const noticed = (seen: Seen): number =>
    seen.goneAt !== undefined && seen.goneAt - silentAt < AWAY ? seen.goneAt - silentAt : Infinity;
  const { push, pull, size } = variant;
  const isOld = here.unknown ?? there.unknown;
  const wanted = [
    ...push === undefined ? [] : [`the PUSH notices within ${push / 1e3} s`],
    ...pull === undefined ? [] : [`the PULL notices within ${pull / 1e3} s`],
  ];
  // Whoever has noticed has a peer again, now that there is one.
  const isBack = [here, there].every(({ goneAt, backAt }) =>
    goneAt === undefined || backAt !== undefined
  );
  // A connection that nobody gave up loses nothing, however long it was silent.
  const lost = here.count - there.count - dropped.total;
  const isWhole = lost === 0 || here.goneAt !== undefined || there.goneAt !== undefined;
  const reason = here.reason ?? there.reason;
  return {
    situation: `vanished without FIN: ${variant.name}`,
    who,
    measured: {
      "PUSH notices": after(here.goneAt, silentAt),
      PULL: after(there.goneAt, silentAt),
      ...size > 0 && {
        "accepted by then": here.goneAt ? String(here.accepted) : "all",
        "accepted in all": String(here.count),
        "counted as dropped": dropped.text,
        "lost besides": String(lost),
      },
      "found again": isBack ? "yes" : "no",
    },
    wanted: `${wanted.join(", ")}; found again`,
    met: isOld === undefined && noticed(here) <= (push ?? Infinity) &&
      noticed(there) <= (pull ?? Infinity) && isBack && isWhole,
    ...(isOld ?? reason) !== undefined && { note: isOld ?? reason! },
  };
}

function after(time: number | undefined, silentAt: number): string {
  return !time || time - silentAt >= AWAY
    ? `not in ${AWAY / 1e3} s`
    : `after ${((time - silentAt) / 1e3).toFixed(1)} s`;
}
