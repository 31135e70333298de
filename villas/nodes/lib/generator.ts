import { later, now, type Sample } from "../../model/sample.ts";
import { ticks } from "../../model/schedule.ts";
import type { Signal } from "../../model/signal.ts";
import type { Node, NodeContext } from "../node.ts";
import { Oscillator, type Pace, type Waveform } from "./waveform.ts";

/** Samples that are made without a pause, where time plays no part. */
const BATCH = 64;

/** The node of both signal generators. */
export class Generator implements Node {
  readonly signals: readonly Signal[];
  readonly details: string;
  readonly #context: NodeContext;
  readonly #waves: readonly Waveform[];
  readonly #pace: Pace;
  readonly #first: bigint;
  readonly #stopped = new AbortController();

  constructor(
    context: NodeContext,
    signals: readonly Signal[],
    waves: readonly Waveform[],
    pace: Pace,
  ) {
    this.signals = signals;
    this.#context = context;
    this.#waves = waves;
    this.#pace = pace;
    this.#first = BigInt(context.settings.integer("initial_sequenceno", 0) ?? 0);
    const limit = pace.limit === Infinity ? "" : `, limit=${pace.limit}`;
    this.details = `rt=${pace.realtime ? "yes" : "no"}, rate=${pace.rate}${limit}`;
  }

  start(): Promise<void> {
    return Promise.resolve();
  }

  async *read(): AsyncGenerator<readonly Sample[]> {
    const { realtime, rate, limit, monitorMissed } = this.#pace;
    const oscillators = this.#waves.map((wave) => new Oscillator(wave));
    const started = now();
    const make = (count: number): Sample => {
      const time = count / rate;
      return {
        signals: this.signals,
        values: oscillators.map((oscillator) => oscillator.next(count, time, rate)),
        sequence: this.#first + BigInt(count),
        // When it was due, not when a timer woke up: the samples lie evenly.
        origin: later(started, time),
      };
    };
    let lost = 0;
    let made = 0;
    const source = realtime ? ticks(rate, this.#stopped.signal) : this.#atOnce();
    for await (const { first, count, missed } of source) {
      lost += missed;
      if (missed > 0 && monitorMissed) this.#context.log.debug(`Missed steps: ${missed}`);
      const end = Math.min(first + count, limit);
      const samples: Sample[] = [];
      for (let n = first; n < end; n++) samples.push(make(n));
      made = end;
      if (samples.length > 0) yield samples;
      if (made >= limit) {
        this.#context.log.info("Reached limit.");
        break;
      }
    }
    if (lost > 0 && monitorMissed) this.#context.log.warn(`Missed a total of ${lost} steps.`);
  }

  /** Without a clock: as fast as the reader takes them, but others get their turn. */
  async *#atOnce(): AsyncGenerator<{ first: number; count: number; missed: number }> {
    for (let first = 0; !this.#stopped.signal.aborted; first += BATCH) {
      yield { first, count: BATCH, missed: 0 };
      await new Promise((resolve) => setTimeout(resolve));
    }
  }

  stop(): Promise<void> {
    this.#stopped.abort();
    return Promise.resolve();
  }
}
