import type { Part } from "../lib/part.ts";

/** Processes killed and stopped, connections reset, under load. */
export const faults: Part = {
  name: "faults",
  title: "Processes killed and stopped, connections reset, under load",
  run: async function* () {},
};
