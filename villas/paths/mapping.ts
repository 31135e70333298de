import { ConfigError, type Position } from "../config/setting.ts";
import type { Sample } from "../model/sample.ts";
import { type Signal, type Value, zero } from "../model/signal.ts";

/** What a mapping takes from a sample. */
export type MappingPart =
  | { readonly kind: "data"; readonly first?: string; readonly last?: string }
  | { readonly kind: "header"; readonly field: "sequence" | "length" }
  | { readonly kind: "timestamp"; readonly field: "origin" | "received" };

/** A mapping as it was written. */
export interface Mapping {
  readonly node: string;
  readonly part: MappingPart;
  readonly text: string;
  readonly at: Position;
}

const INDEX = String.raw`\[([\w-]+?)(?:-([\w]+))?\]`;
const NODE = String.raw`([a-z0-9_-]+)`;
const WHOLE = new RegExp(`^${NODE}(?:\\.data)?(?:${INDEX})?$`);
const HEADER = new RegExp(`^${NODE}\\.hdr\\.(sequence|length)$`);
const TIMESTAMP = new RegExp(`^${NODE}\\.ts\\.(origin|received)$`);
const STATS = new RegExp(`^${NODE}\\.stats\\.`);
const SIGNAL = new RegExp(`^${NODE}\\.(?:data\\.)?([\\w-]+)$`);

/**
 * Reads a mapping, such as `meter`, `meter[0-2]`, `meter.data[voltage]`, `meter.voltage`, `meter.hdr.sequence` or
 * `meter.ts.origin`.
 *
 * @throws {ConfigError} If it is not one.
 */
export function parseMapping(text: string, at: Position): Mapping {
  const make = (node: string | undefined, part: MappingPart): Mapping => ({
    node: node!,
    part,
    text,
    at,
  });
  const whole = WHOLE.exec(text);
  if (whole !== null) {
    const [, node, first, last] = whole;
    return make(node, {
      kind: "data",
      ...(first !== undefined && { first }),
      ...(last !== undefined && { last }),
    });
  }
  const header = HEADER.exec(text);
  if (header !== null) return make(header[1], { kind: "header", field: header[2] as "sequence" });
  const time = TIMESTAMP.exec(text);
  if (time !== null) return make(time[1], { kind: "timestamp", field: time[2] as "origin" });
  if (STATS.test(text)) {
    throw new ConfigError(at, `Cannot map "${text}": statistics are not there yet`);
  }
  const signal = SIGNAL.exec(text);
  if (signal !== null) return make(signal[1], { kind: "data", first: signal[2]! });
  throw new ConfigError(
    at,
    `Failed to parse mapping expression: ${text}; expected NODE, NODE[FIRST-LAST], NODE.data[SIGNAL], ` +
      "NODE.hdr.sequence, NODE.hdr.length, NODE.ts.origin or NODE.ts.received",
  );
}

/** A mapping with its place among a path's values. */
export class Mapped {
  readonly signals: readonly Signal[];
  readonly #offset: number;
  readonly #take: (sample: Sample) => readonly Value[];

  /**
   * Looks up the signals of a mapping.
   *
   * @throws {ConfigError} If there is none of such a name or number.
   */
  constructor({ part, node, text, at }: Mapping, signals: readonly Signal[], offset: number) {
    this.#offset = offset;
    if (part.kind === "header") {
      const { field } = part;
      this.signals = [{ name: `${node}.hdr.${field}`, unit: "", type: "integer" }];
      this.#take = field === "length"
        ? ({ values }) => [BigInt(values.length)]
        : ({ sequence = 0n }) => [BigInt.asIntN(64, sequence)];
    } else if (part.kind === "timestamp") {
      const { field } = part;
      this.signals = [
        { name: `${node}.ts.${field}.sec`, unit: "s", type: "integer" },
        { name: `${node}.ts.${field}.nsec`, unit: "ns", type: "integer" },
      ];
      this.#take = (sample) => (sample[field] ?? [0, 0]).map(BigInt);
    } else {
      const [from, to] = range(part, signals, text, at);
      this.signals = signals.slice(from, to);
      this.#take = ({ values }) =>
        from === 0 && to >= values.length ? values : values.slice(from, to);
    }
  }

  /** Puts what it takes from a sample among the path's values; what a shorter sample lacks stays as it was. */
  update(values: Value[], sample: Sample, all: readonly Signal[]): void {
    const taken = this.#take(sample);
    while (values.length < this.#offset) {
      const { type, init } = all[values.length]!;
      values.push(init ?? zero(type));
    }
    for (const [at, value] of taken.entries()) values[this.#offset + at] = value;
  }
}

function range(
  part: Extract<MappingPart, { kind: "data" }>,
  signals: readonly Signal[],
  text: string,
  at: Position,
): [from: number, to: number] {
  if (part.first === undefined) return [0, signals.length];
  const place = (name: string): number => {
    const named = signals.findIndex((signal) => signal.name === name);
    if (named >= 0) return named;
    if (/^\d+$/.test(name) && Number(name) < signals.length) return Number(name);
    const known = signals.slice(0, 8).map((signal) => signal.name).join(", ");
    throw new ConfigError(
      at,
      `Failed to parse data index in mapping "${text}": no signal ${name} among ${signals.length}: ${known}`,
    );
  };
  // A name may have a dash of its own.
  const joined = part.last === undefined ? undefined : `${part.first}-${part.last}`;
  if (joined !== undefined && signals.some(({ name }) => name === joined)) {
    const from = place(joined);
    return [from, from + 1];
  }
  const from = place(part.first);
  const to = part.last === undefined ? from : place(part.last);
  if (to < from) {
    throw new ConfigError(at, `Invalid data range indices for mapping "${text}": ${to} < ${from}`);
  }
  return [from, to + 1];
}
