import type { Mutations } from "./mutations.ts";

/** What is written in one go. */
export interface Batch {
  /** All of it. */
  readonly bytes: Uint8Array;
  /** The same, in the pieces that are written one after the other. */
  readonly pieces: readonly Uint8Array[];
  /** How many inputs it is: greetings, frames, upgrades, records. */
  readonly inputs: number;
}

/** How a connection is left. */
export type Leaving = "fin" | "rst" | "silent";

/** What the mutator says on one connection. Everything follows from the connection's number, but for ids that it was told. */
export interface Talk {
  /** How it is left. */
  readonly leaving: Leaving;
  /** Whether it waits for what the other side says first. It goes on without it, in time. */
  readonly waits: boolean;
  /** What comes next; undefined when all is said. */
  next(): Batch | undefined;
  /** Takes what came. */
  hear(chunk: Uint8Array): void;
}

/** How many inputs a talk has at the most; those to a socket that only sends are short, since each message ends them. */
export function inputsOf({ random }: Mutations, sendsOnly: boolean): number {
  return sendsOnly
    ? 1 + random.below(3)
    : random.oneIn(4)
    ? 1 + random.below(4)
    : 1 + random.below(60);
}

/** How a talk ends. */
export function leavingOf({ random }: Mutations): Leaving {
  const kind = random.below(20);
  return kind === 0 ? "silent" : kind < 8 ? "fin" : "rst";
}

/** Puts what may be written together into a batch. */
export function batchOf(mutations: Mutations, bytes: Uint8Array, inputs: number): Batch {
  return { bytes, pieces: mutations.split(bytes), inputs };
}
