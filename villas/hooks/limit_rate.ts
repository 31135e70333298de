import { now, type Sample, secondsBetween, type Timestamp } from "../model/sample.ts";
import type { Hook, HookType } from "./hook.ts";

const CLOCKS = {
  local: () => now(),
  received: (sample: Sample) => sample.received,
  origin: (sample: Sample) => sample.origin,
} as const;

/** `limit_rate`: leaves out samples that come sooner after the last one than `rate` a second allows. */
export const limitRate: HookType = {
  name: "limit_rate",
  create({ settings }): Hook {
    const rate = settings.number("rate", Number.MIN_VALUE);
    if (rate === undefined) throw settings.error("rate", 'Missing "rate"');
    const clock = CLOCKS[settings.oneOf("mode", ["local", "received", "origin"]) ?? "local"];
    let last: Timestamp | undefined;
    return {
      process(sample) {
        const time = clock(sample);
        if (time === undefined) return sample;
        // Half a nanosecond: sums of doubles are not exact.
        if (last !== undefined && secondsBetween(last, time) < 1 / rate - 5e-10) return undefined;
        last = time;
        return sample;
      },
      restart() {
        last = undefined;
      },
    };
  },
};
