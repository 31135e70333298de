import type { Part } from "../lib/part.ts";

/** Two hosts, and a network between them that breaks. */
export const partition: Part = {
  name: "partition",
  title: "Two hosts, and a network between them that breaks",
  run: async function* () {},
};
