import { temporaryFolder } from "../../tests/conformance/transports.ts";
import { type Certificates, certificates } from "../../tests/helpers/certificates.ts";
import { Child } from "../lib/child.ts";
import type { Runtime } from "../lib/part.ts";
import type { AttackCounts, Sent } from "./attack.ts";
import type { Fault } from "./judge.ts";
import type { Place, Scheme, Wire } from "./place.ts";
import type { Gap, Turn } from "./watch.ts";

/** Before the heap is first measured, this part of the inputs; what follows shows what each leaves behind. */
const WARM_UP = 0.1;
const MOST_WARM_UP = 20_000;
/** How long an attack may go on without an input, in milliseconds. */
const STUCK = 60_000;
/** Time between two looks at how far it is, in milliseconds. */
const LOOK = 500;
/** Inputs that are shown with a fault. */
const SUSPECTS = 4;

/** What is attacked, and how much. */
export interface TrialOptions {
  readonly runtime: Runtime;
  readonly wire: Wire;
  readonly scheme: Scheme;
  readonly seed: number;
  readonly inputs: number;
  /** The number of the connection to begin with. */
  readonly from: number;
  /** The worker: our sockets, or the bare server. */
  readonly worker: "target.ts" | "bare.ts" | "zmtp/target.ts" | "zmtp/zeromq.ts";
  /** Told how many inputs were sent. */
  readonly progress: (inputs: number) => void;
}

/** What a worker reports. */
export interface Report {
  readonly turn: Turn;
  /** The longest that a turn was at work, in milliseconds. */
  readonly atWork: number;
  readonly gap: Gap;
  readonly rounds: number;
  readonly good: number;
  readonly mutated: number;
  readonly counts: Readonly<Record<Fault["kind"], number>>;
  readonly faults: readonly Fault[];
  readonly events: Readonly<Record<string, number>>;
}

/** How a trial went. */
export interface Outcome extends AttackCounts {
  /** What the worker said last; undefined if it said nothing. */
  readonly report: Report | undefined;
  /** What the heap grew by, in bytes, after the warm-up. */
  readonly growth: number | undefined;
  readonly seconds: number;
  /** Why it ended early: the worker's exit, or that it stood still. */
  readonly death: string | undefined;
  /** Of each fault: what was sent before it, as far as that is remembered. */
  readonly suspects: readonly string[];
}

/** Attacks one worker over one transport. */
export async function attempt(options: TrialOptions): Promise<Outcome> {
  const { folder, remove } = temporaryFolder();
  const target = Child.of(options.runtime, new URL(options.worker, import.meta.url));
  const mutator = Child.of("node", new URL("mutator.ts", import.meta.url));
  try {
    return await new Trial(options, target, mutator, folder, await certificates()).run();
  } finally {
    await Promise.all([target.kill(), mutator.kill()]);
    remove();
  }
}

class Trial {
  readonly #options: TrialOptions;
  readonly #target: Child;
  readonly #mutator: Child;
  readonly #folder: string;
  readonly #certificates: Certificates;
  #places: readonly Place[] = [];
  #report: Report | undefined;

  constructor(
    options: TrialOptions,
    target: Child,
    mutator: Child,
    folder: string,
    made: Certificates,
  ) {
    this.#options = options;
    this.#target = target;
    this.#mutator = mutator;
    this.#folder = folder;
    this.#certificates = made;
  }

  async run(): Promise<Outcome> {
    const { wire, scheme, seed, inputs, from } = this.#options;
    const { ca, server } = this.#certificates;
    const folder = this.#folder;
    const opened = await this.#target.ask("open", {
      scheme,
      folder,
      certificates: { ca, server },
    }, 60_000);
    const prepared = await this.#mutator.ask("prepare", {
      wire,
      scheme,
      seed,
      folder,
      certificate: server,
      places: opened.places as Place[],
    });
    this.#places = prepared.places as Place[];
    const began = performance.now();
    const first = Math.ceil(Math.min(inputs * WARM_UP, MOST_WARM_UP));
    let death: string | undefined;
    let growth: number | undefined;
    try {
      const before = await this.#attack(first, from);
      await this.#target.ask("begin");
      growth = await this.#attack(inputs - first, 0) - before;
    } catch (error) {
      death = (error as Error).message;
    }
    const counts = await this.#mutator.ask("counts") as unknown as AttackCounts;
    const seconds = (performance.now() - began) / 1e3;
    const suspects = await this.#suspects(death);
    return { ...counts, report: this.#report, growth, seconds, death, suspects };
  }

  /** Sends so many inputs. Returns the heap of the target at rest, afterwards. */
  async #attack(inputs: number, from: number): Promise<number> {
    await this.#target.ask("dial", { places: this.#places });
    const ended = this.#target.ended.then((code) => {
      throw new Error(`the process ended with ${code}: ${this.#target.errors.trim()}`);
    });
    ended.catch(() => {});
    const attack = this.#mutator.ask("attack", { inputs, from }, 2 ** 31 - 1);
    await Promise.race([attack, ended, this.#watch(attack)]);
    // What it was like under attack; what `rest` does is our own doing.
    this.#report = await this.#target.ask("report") as unknown as Report;
    const { heap } = await this.#target.ask("rest", {}, 60_000);
    const { counts, faults } = await this.#target.ask("report") as unknown as Report;
    this.#report = { ...this.#report, counts, faults };
    return heap as number;
  }

  /** Looks how far it is, until it is over; throws if it stands still. */
  async #watch(attack: Promise<unknown>): Promise<void> {
    let isOver = false;
    const over = attack.finally(() => isOver = true);
    let last = -1;
    let since = performance.now();
    for (;;) {
      const { inputsBound, inputsConnected } = await this.#mutator.ask("counts");
      const sum = inputsBound as number + (inputsConnected as number);
      this.#options.progress(sum);
      const now = performance.now();
      if (sum !== last) since = now;
      else if (now - since > STUCK) {
        await this.#mutator.ask("stop");
        throw new Error(`no input was taken for ${STUCK} ms`);
      }
      last = sum;
      let timer: ReturnType<typeof setTimeout>;
      const look = new Promise((resolve) => timer = setTimeout(resolve, LOOK));
      await Promise.race([over, look]).finally(() => clearTimeout(timer));
      if (isOver) return;
    }
  }

  /** Names the inputs that came before each fault: number, place and bytes. */
  async #suspects(death: string | undefined): Promise<string[]> {
    const faults = (this.#report?.faults ?? []).slice(0, 3);
    const all: { what: string; at: number; stand?: string | undefined }[] = faults.map(
      ({ kind, what, stand, at }) => ({ what: `${kind}, ${stand ?? ""}: ${what}`, at, stand }),
    );
    if (death !== undefined) all.push({ what: death, at: Date.now() });
    return await Promise.all(all.map(async ({ what, at, stand }) => {
      const place = stand === undefined ? {} : { place: stand };
      const { sent } = await this.#mutator.ask("recent", { count: SUSPECTS, before: at, ...place });
      const inputs = (sent as Sent[]).map(({ index, input, place, hex }) =>
        `${place}, connection ${index}, input ${input}: ${hex}`
      );
      return `${what} [before it: ${inputs.join("; ") || "nothing"}]`;
    }));
  }
}
