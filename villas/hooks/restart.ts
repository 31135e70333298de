import type { Hook, HookType } from "./hook.ts";

/** `restart`: notices that a sender has begun anew, at sequence number 0. The list of hooks forgets what was before. */
export const restart: HookType = {
  name: "restart",
  priority: 2,
  create({ owner, log }): Hook {
    let previous = 0n;
    return {
      process(sample) {
        const { sequence = 0n } = sample;
        const isNew = sequence === 0n && previous !== 0n;
        if (isNew) {
          log.warn(
            `Simulation from node ${owner} restarted (previous->sequence=${previous}, current->sequence=0)`,
          );
        }
        previous = sequence;
        return isNew ? { ...sample, newSimulation: true } : sample;
      },
    };
  },
};
