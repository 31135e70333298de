import type { Hook, HookType } from "./hook.ts";

/** `drop`: leaves out what came before, or twice. Sequence numbers are compared modulo 2^32, as VILLASnode does. */
export const drop: HookType = {
  name: "drop",
  priority: 3,
  create({ log }): Hook {
    let previous: bigint | undefined;
    return {
      process(sample) {
        const { sequence } = sample;
        if (sequence === undefined) return sample;
        const distance = previous === undefined ? 1n : BigInt.asIntN(32, sequence - previous);
        if (distance <= 0n) {
          log.debug(`Dropped sample: sequence=${sequence}, dist=${distance}`);
          return undefined;
        }
        previous = sequence;
        return sample;
      },
      restart() {
        previous = undefined;
      },
    };
  },
};
