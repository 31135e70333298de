import type { Part } from "../lib/part.ts";

/** Mutated bytes against running sockets of every pattern. */
export const fuzz: Part = {
  name: "fuzz",
  title: "Mutated bytes against running sockets of every pattern",
  run: async function* () {},
};
