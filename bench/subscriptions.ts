import { kept } from "./lib/lab.ts";
import type { Case, Part } from "./lib/part.ts";

/** libnng keeps its prefixes in a list: setting up 1,000,000 takes hours. */
const mostForNng = 10_000;

/** PUB and SUB over inproc, so that matching weighs; each message matches one prefix of many. */
export const subscriptions: Part = {
  name: "subscriptions",
  title: "PUB to SUB within one process, 64 bytes, each message matching one of so many prefixes",
  comparesCases: true,
  cases: (rows, { quick, warmup, duration }) =>
    (quick ? [10, 100_000] : [10, 10_000, 1_000_000]).map((count): Case => ({
      name: `${count.toLocaleString("en")} prefixes`,
      metrics: [{ name: "messages", unit: "msg/s" }, { name: "peak memory", unit: "B" }],
      better: "higher",
      rows: [...rows.ours("batches"), ...rows.peers],
      unable: (row) =>
        row.family === "nng" && count > mostForNng ? "searches a list: not run" : undefined,
      open: (row) =>
        kept(async (start) => {
          const settings = { count, size: 64, warmup: warmup + count / 1000, duration };
          const worker = start(row, "prefixes", settings, "either");
          await worker.says(60_000); // that it has subscribed
          return [worker];
        }, ({ count, seconds, peakRss }) => ({
          messages: count! / seconds!,
          "peak memory": peakRss!,
        })),
    })),
};
