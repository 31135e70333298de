import { duel, freshAddress } from "./lib/lab.ts";
import type { Case, Part } from "./lib/part.ts";

/** PAIR: a 64-byte message there and back, one at a time. */
export const latency: Part = {
  name: "latency",
  title: "Half a round trip of a 64-byte message between two processes, PAIR to PAIR",
  cases: (rows, { quick, warmup, duration }) => {
    const transports = quick ? ["tcp"] : ["tcp", "ipc"];
    return transports.map((transport): Case => ({
      name: `half a round trip over ${transport}`,
      metrics: [{ name: "p50", unit: "µs" }, { name: "p99", unit: "µs" }],
      better: "lower",
      rows: [...rows.ours("calls"), ...rows.peers, ...rows.bare],
      measure: async (row) => {
        const address = await freshAddress(transport);
        const settings = { address, size: 64, warmup, duration };
        const { p50, p99 } = await duel(row, ["echo", "ping"], "connector", settings);
        return { p50: p50!, p99: p99! };
      },
    }));
  },
};
