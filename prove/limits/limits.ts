import type { Part } from "../lib/part.ts";

/** What the machine runs out of: descriptors, ports, disk, memory. */
export const limits: Part = {
  name: "limits",
  title: "What the machine runs out of: descriptors, ports, disk, memory",
  run: async function* () {},
};
