import { now } from "../model/sample.ts";
import type { Hook, HookType } from "./hook.ts";

/** `fix`: fills in the sequence number and the times that a sample lacks. */
export const fix: HookType = {
  name: "fix",
  priority: 1,
  create({ firstSequence }): Hook {
    let next = firstSequence;
    return {
      process(sample) {
        const received = sample.received ?? now();
        return {
          ...sample,
          sequence: sample.sequence ?? next++,
          received,
          origin: sample.origin ?? received,
        };
      },
    };
  },
};
