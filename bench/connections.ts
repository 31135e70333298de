import { anew, freshAddress } from "./lib/lab.ts";
import type { Case, Part } from "./lib/part.ts";

/** Milliseconds in which all have to connect, or to close. */
const patience = 60_000;

/** Many idle peers of one PULL. */
export const connections: Part = {
  name: "connections",
  title: "So many idle peers of one PULL over tcp, dialled by one other process",
  cases: (rows, { quick }) =>
    (quick ? [1000] : [1000, 10_000]).map((count): Case => ({
      name: `${count.toLocaleString("en")} peers`,
      metrics: [
        { name: "memory of a peer", unit: "B" },
        { name: "of it heap", unit: "B" },
        { name: "to connect all", unit: "s" },
        { name: "to close all", unit: "s" },
      ],
      better: "lower",
      rows: [...rows.ours("calls"), ...rows.peers, ...count === 1000 ? rows.bare : []],
      mostRounds: quick ? 3 : 5,
      open: (row) =>
        Promise.resolve(anew(async (start) => {
          const settings = { address: await freshAddress("tcp"), count };
          const listener = start(row, "idle-listener", settings, "first");
          await listener.says(); // that it is ready
          const dialer = start(row, "idle-dialer", settings, "second");
          await dialer.says(patience); // that all are connected
          const { rss, heap } = await listener.says(patience);
          dialer.cue();
          const { connect, close } = await dialer.says(patience);
          return {
            "memory of a peer": rss! / count,
            ...(heap !== undefined && { "of it heap": heap / count }),
            "to connect all": connect!,
            "to close all": close!,
          };
        })),
    })),
};
