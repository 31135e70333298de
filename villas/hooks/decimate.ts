import type { Hook, HookType } from "./hook.ts";

/** `decimate`: one sample of each `ratio`; `renumber` gives the ones that are left numbers without gaps. */
export const decimate: HookType = {
  name: "decimate",
  create({ settings }): Hook {
    const ratio = settings.integer("ratio", 1) ?? 1;
    const renumber = settings.boolean("renumber") ?? false;
    let count = 0;
    let kept = 0n;
    return {
      process(sample) {
        if (count++ % ratio !== 0) return undefined;
        return renumber ? { ...sample, sequence: kept++ } : sample;
      },
      restart() {
        count = 0;
        kept = 0n;
      },
    };
  },
};
