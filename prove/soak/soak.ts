import type { Part } from "../lib/part.ts";

/** The same load for a long time. */
export const soak: Part = {
  name: "soak",
  title: "The same load for a long time",
  run: async function* () {},
};
