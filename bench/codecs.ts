import { duel, freshAddress } from "./lib/lab.ts";
import type { Case, Part } from "./lib/part.ts";

/** How a value becomes a message, and a message a value. */
const ways = { "as bytes": "bytes", "JSON by hand": "by-hand", "json()": "codec" };

/** PUSH to PULL, values of 64 bytes as JSON: by the option `codec`, and by hand around sockets without one. */
export const codecs: Part = {
  name: "codecs",
  title: "PUSH to PULL over tcp, 64 bytes: as bytes, as JSON by hand, and by the codec json()",
  comparesCases: true,
  cases: (rows, { warmup, duration }) =>
    Object.entries(ways).map(([name, format]): Case => ({
      name,
      metrics: [{ name: "messages", unit: "msg/s" }],
      better: "higher",
      rows: rows.ours("streams", "calls"),
      open: async (row) => {
        const settings = { address: await freshAddress("tcp"), format, size: 64, warmup, duration };
        const roles = { binder: "take", connector: "give", reporter: "binder" } as const;
        return await duel(row, settings, roles, ({ count, seconds }) => ({
          messages: count! / seconds!,
        }));
      },
    })),
};
