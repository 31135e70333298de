import { cue, type Role, say } from "../lib/worker.ts";
import { openCodec, type Sample } from "../../villas/mod.ts";

/** Different samples: some numbers are spelled faster than others. */
const SAMPLES = 256;

/** Calls that are made from one look at the clock to the next. */
const STRIDE = 32;

/** How many calls a second, after so many milliseconds of warming up. */
function measure(work: (at: number) => void, warmup: number, duration: number): number {
  let at = 0;
  const run = (milliseconds: number): number => {
    const start = performance.now();
    let count = 0;
    let elapsed = 0;
    while (elapsed < milliseconds) {
      for (let n = 0; n < STRIDE; n++) work(at = (at + 1) % SAMPLES);
      count += STRIDE;
      elapsed = performance.now() - start;
    }
    return count / elapsed * 1e3;
  };
  run(warmup);
  return run(duration);
}

/** Writes and reads samples of `count` sines in a format. */
export const format: Role = async ({ format, count, warmup, duration }) => {
  const signals = Array.from({ length: count }, (_, n) => ({
    name: `signal${n}`,
    unit: "",
    type: "float" as const,
  }));
  const samples = Array.from({ length: SAMPLES }, (_, at): Sample => ({
    signals,
    values: signals.map((_, n) => 325 * Math.sin(at / 10 + n)),
    sequence: BigInt(at),
    origin: [1_700_000_000, at * 1_000_000],
  }));
  const codec = await openCodec(format, { mode: "message", signals, offset: false });
  const messages = samples.map((sample) => codec.encode([sample]));
  const size = messages.reduce((sum, { length }) => sum + length, 0) / SAMPLES;
  say({ ready: 1 });
  for (;;) {
    const written = measure((at) => codec.encode([samples[at]!]), warmup, duration);
    const read = measure((at) => codec.decode(messages[at]!), warmup, duration);
    say({ written, read, size });
    await cue();
  }
};
