import type { Finding, Runtime } from "./part.ts";

/** How each runtime is called in a table. */
export const titles: Readonly<Record<Runtime, string>> = { deno: "Deno", bun: "Bun", node: "Node" };

/** What has to be ended: a `Child`, or a `Worker` of the bench. */
interface Killable {
  kill(): Promise<void> | void;
}

/** Keeps processes, and kills them all when the situation is over. */
export class Troupe {
  readonly #processes: Killable[] = [];

  /** Takes one more. */
  add<Process extends Killable>(process: Process): Process {
    this.#processes.push(process);
    return process;
  }

  /** Kills all. */
  async end(): Promise<void> {
    await Promise.all(this.#processes.map((process) => process.kill()));
  }
}

/** A situation in which somebody is tried. */
export type Situation = Pick<Finding, "situation" | "who" | "wanted">;

/** Tries it: what goes wrong is a finding too, and whoever was started is killed in the end. */
export async function attempt(
  situation: Situation,
  body: (troupe: Troupe) => Promise<Pick<Finding, "measured" | "met" | "note">>,
): Promise<Finding> {
  const troupe = new Troupe();
  try {
    return { ...situation, ...await body(troupe) };
  } catch (error) {
    const [note = "failed"] = (error instanceof Error ? error.message : String(error)).split("\n");
    const met = situation.wanted === undefined ? {} : { met: false };
    return { ...situation, measured: {}, ...met, note: note.slice(0, 300) };
  } finally {
    await troupe.end();
  }
}

/** Waits until what is asked for answers the same twice in a row. */
export async function settled(ask: () => Promise<number>, pause = 300): Promise<number> {
  for (let before = await ask();;) {
    await new Promise((resolve) => setTimeout(resolve, pause));
    const now = await ask();
    if (now === before) return now;
    before = now;
  }
}

/** `12 ms`. */
export function milliseconds(time: number): string {
  return Number.isFinite(time) ? `${time < 10 ? time.toFixed(1) : Math.round(time)} ms` : "none";
}
