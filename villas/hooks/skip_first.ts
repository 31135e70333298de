import { secondsBetween, type Timestamp } from "../model/sample.ts";
import type { Hook, HookType } from "./hook.ts";

/** `skip_first`: leaves out the first samples, so many or so many seconds of them. */
export const skipFirst: HookType = {
  name: "skip_first",
  create({ settings }): Hook {
    const seconds = settings.number("seconds", 0);
    const samples = settings.integer("samples", 0);
    if ((seconds === undefined) === (samples === undefined)) {
      throw settings.error("seconds", 'Expected either "seconds" or "samples"');
    }
    let count = 0;
    let start: Timestamp | undefined;
    return {
      process(sample) {
        if (samples !== undefined) return count++ < samples ? undefined : sample;
        const { origin } = sample;
        if (origin === undefined) return sample;
        start ??= origin;
        return secondsBetween(start, origin) < seconds! ? undefined : sample;
      },
      restart() {
        count = 0;
        start = undefined;
      },
    };
  },
};
