import { duel, freshAddress } from "./lib/lab.ts";
import type { Case, Part } from "./lib/part.ts";

/** Many PUSHes, all in one process, to one PULL. */
export const fanIn: Part = {
  name: "fan-in",
  title: "Many PUSHes to 1 PULL over tcp, 64 bytes",
  cases: (rows, { quick, warmup, duration }) =>
    (quick ? [10] : [10, 100]).map((count): Case => ({
      name: `${count} PUSHes`,
      metrics: [{ name: "messages", unit: "msg/s" }],
      better: "higher",
      rows: [...rows.ours("streams"), ...rows.peers, ...count === 10 ? rows.bare : []],
      open: async (row) => {
        const address = await freshAddress("tcp");
        const settings = { address, size: 64, count, warmup, duration };
        const roles = { binder: "pull", connector: "pushes", reporter: "binder" } as const;
        return await duel(row, settings, roles, ({ count, seconds }) => ({
          messages: count! / seconds!,
        }));
      },
    })),
};
