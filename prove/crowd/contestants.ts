import { titles, type Troupe } from "../lib/attempt.ts";
import { Child } from "../lib/child.ts";
import type { Plan, Row, Runtime } from "../lib/part.ts";
import { look, open, receiverOn, type Seen } from "./stage.ts";
import type { WireName } from "./wires.ts";

/** Whom a crowd talks to. */
export interface Listening {
  /** Where it listens, on 127.0.0.1. */
  readonly port: number;
  /** Reads from now on, and tells what so many milliseconds saw. A program in C has one window, and no turns to tell of. */
  look(milliseconds: number, loud: number): Promise<Seen>;
}

/** What else there is to say. */
export interface Stage {
  /** How long the window will be, and how many loud peers there are: for programs that take both from the command line. */
  readonly milliseconds: number;
  readonly loud: number;
  /** Over what; ours alone listen on ws. */
  readonly scheme?: "tcp" | "ws";
}

/** Somebody who is tried under a crowd. */
export interface Contestant {
  readonly who: string;
  /** Whether what it does is met or missed: ours alone. */
  readonly isOurs: boolean;
  /** What raw peers are to speak over tcp. */
  readonly wire: WireName;
  /** Starts it. */
  listen(troupe: Troupe, pattern: "pull" | "sub", stage: Stage): Promise<Listening>;
}

/** Ours on each runtime, then the others. */
export function contestants(plan: Plan): Contestant[] {
  return [
    ...plan.runtimes.map(ours),
    ...plan.others.filter(({ family, runtime }) =>
      family !== "bare" || plan.runtimes.includes(runtime!)
    ).map((row) =>
      row.family === "bare"
        ? inChild(row.name, row.runtime!, "bare_receiver.ts", "sp")
        : row.family === "zeromq"
        ? inChild(row.name, "node", "zeromq_receiver.ts", "zmtp")
        : program(row)
    ),
  ];
}

function ours(runtime: Runtime): Contestant {
  return {
    who: `ours, ${titles[runtime]}`,
    isOurs: true,
    wire: "sp",
    async listen(troupe, pattern, { scheme }) {
      const receiver = receiverOn(troupe, runtime);
      const port = await open(receiver, pattern, scheme);
      return { port, look: (time, loud) => look(receiver, time, loud) };
    },
  };
}

/** A port that nobody uses. The bench's lab takes signals and makes a folder, so it is loaded where it is needed only. */
export async function freePort(): Promise<number> {
  const { freshAddress } = await import("../../bench/lib/lab.ts");
  return Number(new URL(await freshAddress("http")).port);
}

function inChild(who: string, runtime: Runtime, file: string, wire: WireName): Contestant {
  return {
    who,
    isOurs: false,
    wire,
    async listen(troupe, pattern) {
      const child = troupe.add(Child.of(runtime, new URL(file, import.meta.url)));
      const port = await freePort();
      await child.ask("open", { port, pattern });
      return { port, look: (time, loud) => look(child, time, loud) };
    },
  };
}

/** libnanomsg and libnng: programs of the bench, which read from their cue on. */
function program(row: Row): Contestant {
  return {
    who: row.name,
    isOurs: false,
    wire: "sp",
    async listen(troupe, pattern, { milliseconds, loud }) {
      const { Worker } = await import("../../bench/lib/lab.ts");
      const port = await freePort();
      const settings = {
        address: `tcp://127.0.0.1:${port}`,
        pattern: pattern === "pull" ? "pipeline" : "pubsub",
        count: loud,
        duration: milliseconds,
      };
      const worker = troupe.add(new Worker(row, "crowd", settings, "either"));
      await worker.says();
      const look = async (): Promise<Seen> => {
        worker.cue();
        const seen = await worker.says(milliseconds + 60_000);
        return { ...seen, longestTurn: NaN, turns: 0 } as unknown as Seen;
      };
      return { port, look };
    },
  };
}
