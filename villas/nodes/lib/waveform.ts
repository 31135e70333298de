import type { Settings } from "../../config/settings.ts";

/** The shapes, in the order in which `mixed` goes through them. */
export const SHAPES = [
  "random",
  "sine",
  "square",
  "triangle",
  "ramp",
  "counter",
  "constant",
  "pulse",
] as const;

/** The shape of a signal. */
export type Shape = typeof SHAPES[number];

/** What a signal looks like. */
export interface Waveform {
  readonly shape: Shape;
  readonly frequency: number;
  readonly amplitude: number;
  readonly stddev: number;
  readonly offset: number;
  readonly phase: number;
  readonly pulseWidth: number;
  readonly pulseLow: number;
  readonly pulseHigh: number;
}

/** The parameters, by their names in a configuration, with their defaults. */
const PARAMETERS = {
  frequency: 1,
  amplitude: 1,
  stddev: 0.2,
  offset: 0,
  phase: 0,
  pulse_width: 1,
  pulse_low: 0,
  pulse_high: 1,
} as const;

/** The name of a parameter. */
export type Parameter = keyof typeof PARAMETERS;

/** Reads a waveform; `value` finds its parameters. */
export function waveform(
  shape: Shape,
  value: (name: Parameter) => number | undefined,
): Waveform {
  const get = (name: Parameter): number => value(name) ?? PARAMETERS[name];
  return {
    shape,
    frequency: get("frequency"),
    amplitude: get("amplitude"),
    stddev: get("stddev"),
    offset: get("offset"),
    phase: get("phase"),
    pulseWidth: get("pulse_width"),
    pulseLow: get("pulse_low"),
    pulseHigh: get("pulse_high"),
  };
}

/** The shape of a name; `mixed` is the next one of the first `kinds` shapes. */
export function shapeOf(name: string, place: number, kinds: number): Shape | undefined {
  if (name === "mixed") return SHAPES[place % kinds];
  return SHAPES.find((shape) => shape === name);
}

/** A waveform at work: it remembers where its random walk is. */
export class Oscillator {
  readonly #wave: Waveform;
  #walk: number;

  constructor(wave: Waveform) {
    this.#wave = wave;
    this.#walk = wave.offset;
  }

  /**
   * The next value.
   *
   * @param count How many were before it.
   * @param time Seconds since the start.
   * @param rate Values a second.
   */
  next(count: number, time: number, rate: number): number {
    const { shape, frequency, amplitude, offset, phase } = this.#wave;
    const turn = (time * frequency + phase / (2 * Math.PI)) % 1;
    switch (shape) {
      case "constant":
        return offset + amplitude;
      case "sine":
        return offset + amplitude * Math.sin(2 * Math.PI * frequency * time + phase);
      case "triangle":
        return offset + amplitude * 4 * (Math.abs(turn - 0.5) - 0.25);
      case "square":
        return offset + amplitude * (turn < 0.5 ? -1 : 1);
      case "ramp":
        return offset + amplitude * (time % frequency);
      case "counter":
        return offset + amplitude * count;
      case "random":
        return this.#walk += gaussian(this.#wave.stddev);
      case "pulse": {
        const { pulseWidth, pulseLow, pulseHigh } = this.#wave;
        return offset + (Math.abs(turn) <= pulseWidth / rate ? pulseHigh : pulseLow);
      }
    }
  }
}

/** A normally distributed number around 0, after Box and Muller. */
function gaussian(deviation: number): number {
  const radius = Math.sqrt(-2 * Math.log(1 - Math.random()));
  return deviation * radius * Math.cos(2 * Math.PI * Math.random());
}

/** How a generator runs. */
export interface Pace {
  readonly realtime: boolean;
  /** Samples a second. */
  readonly rate: number;
  /** Samples in all; `Infinity` for no end. */
  readonly limit: number;
  readonly monitorMissed: boolean;
}

/** Reads how a generator runs. */
export function pace(settings: Settings): Pace {
  const limit = settings.integer("limit") ?? -1;
  const rate = settings.number("rate") ?? 10;
  if (!(rate > 0)) {
    throw settings.wrong("rate", "a number of more than 0", settings.get("rate")!);
  }
  return {
    realtime: settings.boolean("realtime") ?? true,
    rate,
    limit: limit > 0 ? limit : Infinity,
    monitorMissed: settings.boolean("monitor_missed") ?? true,
  };
}
