import { duel, freshAddress } from "./lib/lab.ts";
import type { Case, Part } from "./lib/part.ts";

/** REQ/REP with one, a few and many requests in flight on one socket. */
export const requests: Part = {
  name: "requests",
  title: "REQ to REP over tcp, 64 bytes there and back, so many requests in flight on one REQ",
  comparesCases: true,
  cases: (rows, { quick, warmup, duration }) =>
    (quick ? [1, 1000] : [1, 32, 1000]).map((count): Case => ({
      name: `${count.toLocaleString("en")} in flight`,
      metrics: [
        { name: "requests", unit: "req/s" },
        { name: "p50", unit: "µs" },
        { name: "p99", unit: "µs" },
      ],
      better: "higher",
      rows: [...rows.ours("calls"), ...rows.peers, ...count === 32 ? [] : rows.bare],
      unable: (row) =>
        row.family === "nanomsg" && count > 1 ? "has one request in flight a socket" : undefined,
      open: async (row) => {
        const address = await freshAddress("tcp");
        const settings = { address, size: 64, count, warmup: quick ? warmup : 700, duration };
        const roles = { binder: "rep", connector: "req", reporter: "connector" } as const;
        return await duel(row, settings, roles, ({ count, seconds, p50, p99 }) => ({
          requests: count! / seconds!,
          p50: p50!,
          p99: p99!,
        }));
      },
    })),
};
