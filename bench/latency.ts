import { duel, freshAddress } from "./lib/lab.ts";
import type { Case, Part } from "./lib/part.ts";

interface Setting {
  readonly transport: string;
  readonly together: boolean;
}

/**
 * PAIR: a 64-byte message there and back, one at a time, so that only one of the two processes ever has something to do.
 * On one processor what is measured is the software; on two, also how long the machine takes to wake a sleeping processor.
 */
export const latency: Part = {
  name: "latency",
  title: "Half a round trip of a 64-byte message between two processes, PAIR to PAIR",
  cases: (rows, { quick, duration }) => {
    // One at a time it takes the runtimes' compilers longer to see what is hot.
    const warmup = quick ? 300 : 700;
    const settings: Setting[] = [
      { transport: "tcp", together: true },
      { transport: "ipc", together: true },
      { transport: "tcp", together: false },
    ];
    return settings.slice(0, quick ? 1 : settings.length).map(({ transport, together }): Case => ({
      name: `${transport}, ${together ? "on one processor" : "on two processors"}`,
      metrics: [{ name: "p50", unit: "µs" }, { name: "p99", unit: "µs" }],
      better: "lower",
      rows: [...rows.ours("calls"), ...rows.peers, ...rows.bare],
      open: async (row) => {
        const address = await freshAddress(transport);
        const roles = {
          binder: "echo",
          connector: "ping",
          reporter: "connector",
          together,
        } as const;
        const settings = { address, size: 64, warmup, duration };
        return await duel(row, settings, roles, ({ p50, p99 }) => ({ p50: p50!, p99: p99! }));
      },
    }));
  },
};
