import type { Part } from "../lib/part.ts";

/** Many peers, loud peers, silent peers. */
export const crowd: Part = {
  name: "crowd",
  title: "Many peers, loud peers, silent peers",
  run: async function* () {},
};
