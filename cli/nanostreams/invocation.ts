import type { Readable, Writable } from "node:stream";

/** A subcommand as it was asked for. */
export interface Invocation {
  /** Its name: `pull`. */
  readonly command: string;
  /** The wire that it speaks: `sp`, `zmtp`. */
  readonly wire: string;
  /** Whether an address without a flag is bound. */
  readonly binds: boolean;
  /** What stands beside the flags: addresses. */
  readonly operands: readonly string[];
  /** Values of flags, by their names as they are typed. */
  readonly flags: Flags;
  /** Aborted when it is to end in order: what has come is printed, what was read is sent. */
  readonly stop: AbortSignal;
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  readonly stderr: Writable & { readonly isTTY?: boolean; readonly columns?: number };
}

/** The values of flags. */
export class Flags {
  readonly #values: Readonly<Record<string, unknown>>;

  /** @param values By name, made by the flags' `parse`. */
  constructor(values: Readonly<Record<string, unknown>>) {
    this.#values = values;
  }

  /** The same, with values for flags that were not given. */
  otherwise(values: Readonly<Record<string, unknown>>): Flags {
    return new Flags({ ...values, ...this.#values });
  }

  /** Whether a flag without an argument was given. */
  has(name: string): boolean {
    return this.#values[name] !== undefined;
  }

  /** A flag's text. */
  text(name: string): string | undefined {
    return this.#values[name] as string | undefined;
  }

  /** A flag's number. */
  number(name: string): number | undefined {
    return this.#values[name] as number | undefined;
  }

  /** All values of a flag that may be given several times. */
  all<T = string>(name: string): readonly T[] {
    return (this.#values[name] ?? []) as readonly T[];
  }
}
