import { freshAddress, kept } from "./lib/lab.ts";
import type { Case, Part } from "./lib/part.ts";
import type { Row } from "./lib/rows.ts";

/** One PUB to many SUBs, all in one other process; delivered messages count, dropped ones do not. */
export const fanOut: Part = {
  name: "fan-out",
  title: "1 PUB to many SUBs over tcp, 64 bytes: messages delivered, all SUBs together",
  cases: (rows, { quick, warmup, duration }) =>
    (quick ? [100] : [1, 10, 100, 1000]).map((count): Case => ({
      name: `${count.toLocaleString("en")} SUB${count === 1 ? "" : "s"}`,
      metrics: [{ name: "delivered", unit: "msg/s" }],
      better: "higher",
      rows: [...rows.ours("streams"), ...rows.peers, ...count === 100 ? rows.bare : []],
      // One turn of an event loop that reads from 1,000 sockets takes seconds.
      mostRounds: quick ? 3 : count === 1000 ? 5 : Infinity,
      open: (row) =>
        kept(async (start) => {
          const settings = { address: await freshAddress("tcp"), size: 64, warmup, duration };
          const publisher = start(row, "pub", { ...settings, count }, "first");
          await publisher.says(); // that it is ready
          return share(count, socketsInProcess(row))
            .map((part) => start(row, "sub", { ...settings, count: part }, "second"));
        }, (...lines) => {
          const rates = lines.map((line) => line.count! / line.seconds!);
          return { delivered: rates.reduce((sum, rate) => sum + rate) };
        }),
    })),
};

/** libnanomsg has at most 512 sockets in a process, so it gets a second process for more. */
function socketsInProcess(row: Row): number {
  return row.family === "nanomsg" ? 500 : Infinity;
}

function share(count: number, most: number): number[] {
  const parts = Math.max(1, Math.ceil(count / most));
  return Array.from({ length: parts }, () => count / parts);
}
