/**
 * This library in every role of *faults*. The first question, `play`, says which; `finish` ends it and asks what there is to
 * tell; `drain` lets it go in order.
 *
 * @module
 */
import { serveQuestions } from "../../lib/answers.ts";
import type { Answer } from "../../lib/child.ts";
import * as asking from "./asking.ts";
import * as flow from "./flow.ts";

/** What a worker is told. */
export interface Part {
  /** Where to bind. */
  readonly bind: string;
  /** Where to connect. */
  readonly connect: readonly string[];
  /** The file to write down what comes. */
  readonly record: string;
  /** Messages a second. */
  readonly rate: number;
  /** Requests or surveys in flight. */
  readonly inFlight: number;
  /** How often this process was started anew. */
  readonly life: number;
}

/** What it does then. */
export interface Played {
  /** Where it is bound. */
  readonly address?: string;
  /** Ends, and tells. */
  finish(): Promise<Answer>;
  /** Ends in order: what has come is taken. */
  drain?(): Promise<void>;
}

const roles: Readonly<Record<string, (part: Part) => Promise<Played>>> = { ...asking, ...flow };

let played: Played;

serveQuestions({
  play: async ({ role, ...part }) => {
    played = await roles[role]!(part);
    return { address: played.address };
  },
  finish: () => played.finish(),
  drain: () => played.drain!(),
});
