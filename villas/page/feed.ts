import type { Gateway } from "../gateway/gateway.ts";
import { now, type Sample } from "../model/sample.ts";
import type { Value } from "../model/signal.ts";

/** How a node does. */
export interface NodeStatus {
  readonly name: string;
  readonly type: string;
  readonly details: string;
  readonly used: boolean;
  readonly read: number;
  readonly written: number;
  readonly malformed: number;
  readonly dropped: number;
}

/** How a path does. */
export interface PathStatus {
  readonly title: string;
  readonly read: number;
  readonly written: number;
}

/** Values of a path's newest samples. */
export interface Values {
  readonly path: number;
  readonly signals: readonly { readonly name: string; readonly unit: string }[];
  /** Seconds since 1970. */
  readonly times: readonly number[];
  /** A row for each signal; null where there is no value. */
  readonly rows: readonly (readonly (number | null)[])[];
}

/** A message to the page. */
export interface Report {
  /** Seconds since 1970. */
  readonly time: number;
  readonly nodes: readonly NodeStatus[];
  readonly paths: readonly PathStatus[];
  readonly values: readonly Values[];
}

/** Samples of a path in one report: more than a screen can show are thinned out. */
const MOST_SAMPLES = 50;
/** Signals of a path that are sent to the page. */
const MOST_SIGNALS = 64;

/** Gathers what goes through a gateway, for the next report. */
export class Gatherer {
  readonly #gateway: Gateway;
  readonly #waiting: Sample[][];

  constructor(gateway: Gateway) {
    this.#gateway = gateway;
    this.#waiting = gateway.paths.map(() => []);
    for (const [at, path] of gateway.paths.entries()) {
      path.watcher = (samples) => {
        for (const sample of samples) this.#waiting[at]!.push(sample);
      };
    }
  }

  /** What there is since the last report. */
  take(): Report {
    const { nodes, paths } = this.#gateway;
    const used = new Set(paths.flatMap((path) => [...path.sources, ...path.destinations]));
    const [seconds, nanoseconds] = now();
    return {
      time: seconds + nanoseconds / 1e9,
      nodes: [...nodes.values()].map((node) => ({
        name: node.name,
        type: node.type.name,
        details: node.details,
        used: used.has(node),
        ...node.stats,
      })),
      paths: paths.map(({ title, stats }) => ({ title, ...stats })),
      values: this.#waiting.flatMap((samples, path) => {
        this.#waiting[path] = [];
        return samples.length === 0 ? [] : [valuesOf(path, thinned(samples))];
      }),
    };
  }

  /** Nobody watches: nothing is kept. */
  clear(): void {
    for (const at of this.#waiting.keys()) this.#waiting[at] = [];
  }
}

/** Some of the samples, evenly, the last one among them. */
function thinned(samples: readonly Sample[]): readonly Sample[] {
  const step = Math.ceil(samples.length / MOST_SAMPLES);
  return samples.filter((_, at) => (samples.length - 1 - at) % step === 0);
}

function valuesOf(path: number, samples: readonly Sample[]): Values {
  const { signals } = samples.at(-1)!;
  const count = Math.min(MOST_SIGNALS, Math.max(...samples.map(({ values }) => values.length)));
  return {
    path,
    signals: Array.from({ length: count }, (_, at) => ({
      name: signals[at]?.name ?? `signal${at}`,
      unit: signals[at]?.unit ?? "",
    })),
    times: samples.map(({ origin = now() }) => origin[0] + origin[1] / 1e9),
    rows: Array.from({ length: count }, (_, at) => samples.map(({ values }) => plain(values[at]))),
  };
}

/** A value that can be plotted; of a complex one, its magnitude. */
function plain(value: Value | undefined): number | null {
  if (value === undefined) return null;
  const number = typeof value === "object" ? Math.hypot(value.real, value.imag) : Number(value);
  return Number.isFinite(number) ? number : null;
}
