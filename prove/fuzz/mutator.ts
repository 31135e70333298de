/**
 * The process that mutates: Node, always, so that the same seed gives the same inputs to each runtime.
 *
 * @module
 */
import { serveQuestions } from "../lib/answers.ts";
import { Attack, type AttackOptions } from "./attack.ts";

let attack: Attack | undefined;

serveQuestions({
  prepare: async (options: AttackOptions) => {
    const prepared = await Attack.prepare(options);
    attack = prepared.attack;
    return { places: prepared.places };
  },
  attack: async ({ inputs, from }: { inputs: number; from: number }) => {
    await attack!.run(inputs, from);
    return { ...attack!.counts };
  },
  counts: () => ({ ...attack!.counts }),
  stop: () => attack!.stop(),
  recent: ({ count, before, place }: { count: number; before: number; place?: string }) => ({
    sent: attack!.recent(count, before, place),
  }),
});
