import type { Row, Runtime } from "../../bench/lib/rows.ts";

/** What was seen in one situation, of one contestant. */
export interface Finding {
  /** The situation, in a few words: `999 loud peers and a quiet one, PULL`. */
  readonly situation: string;
  /** Who was tried: `ours, Deno`, `libnanomsg`, `bare socket, Node`. */
  readonly who: string;
  /** The figures, each with its unit: `{ "longest turn": "12 ms" }`. */
  readonly measured: Readonly<Record<string, string>>;
  /** What is wanted, if anything is: `no turn above 100 ms`. */
  readonly wanted?: string;
  /** Whether it is so; absent for those who are only measured beside us. */
  readonly met?: boolean;
  /** Why it could not be tried, or what else there is to say. */
  readonly note?: string;
}

/** What a run is asked to do. */
export interface Plan {
  /** The runtimes that our side runs on. */
  readonly runtimes: readonly Runtime[];
  /** Repeats a run: the same seed, the same inputs and faults. */
  readonly seed: number;
  /** Seconds instead of minutes, as `npm test` runs it. */
  readonly short: boolean;
  /** How many inputs *fuzz* sends to each runtime, on each wire. */
  readonly inputs: number;
  /** The number of the connection that *fuzz* begins with: repeats a failure without what came before it. Default 0. */
  readonly from?: number;
  /** How many faults *faults* makes, for each pattern and runtime. */
  readonly faults: number;
  /** How long *soak* goes on. */
  readonly minutes: number;
  /** Which scenarios of the part are wanted: `crowd.loud` on the command line; all if absent. */
  readonly scenarios?: readonly string[];
  /** The others that can take part: libnanomsg, libnng, zeromq.js, and the bare sockets of each runtime. Empty if short. */
  readonly others: readonly Row[];
  /** Shows what is going on. */
  tell(text: string): void;
}

/** One part of the proving ground: `npm run prove -- NAME` runs it alone. */
export interface Part {
  /** Its name on the command line. */
  readonly name: string;
  /** What it shows, in a line. */
  readonly title: string;
  /** What it is made of, if a run may choose: `npm run prove -- NAME.SCENARIO`. */
  readonly scenarios?: readonly string[];
  /** Yields what it finds as it finds it. What it started has ended when it returns, or is returned from. */
  readonly run: (plan: Plan) => AsyncIterable<Finding>;
}

export type { Row, Runtime };
