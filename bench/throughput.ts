import { duel, freshAddress, kept, type Line } from "./lib/lab.ts";
import type { Case, Pace, Part, Sample } from "./lib/part.ts";
import type { Face, Row, Rows } from "./lib/rows.ts";

const sizes: Readonly<Record<string, number>> = {
  "64 B": 64,
  "1 KiB": 1024,
  "64 KiB": 64 * 1024,
  "1 MiB": 1024 * 1024,
};

/** PUSH to PULL as fast as it goes, between two processes (inproc: in one). */
export const throughput: Part = {
  name: "throughput",
  title: "PUSH to PULL between two processes (inproc: within one), as fast as it goes",
  cases: (rows, pace) => {
    if (pace.all) return grid(rows, pace);
    const { peers, bare } = rows;
    const streams = rows.ours("streams");
    if (pace.quick) return [throughputCase("64 B", "tcp", [...streams, ...peers, ...bare], pace)];
    const faces = rows.ours("streams", "calls", "batches");
    const all = [...faces, ...peers, ...bare];
    const few = [...streams, ...peers, ...bare];
    return [
      throughputCase("64 B", "tcp", all, pace),
      throughputCase("1 KiB", "tcp", few, pace),
      throughputCase("64 KiB", "tcp", few, pace),
      throughputCase("1 MiB", "tcp", few, pace),
      throughputCase("64 B", "ipc", few, pace),
      throughputCase("64 B", "inproc", [...faces, ...peers], pace),
      throughputCase("64 B", "ws", [...streams, ...peers], pace),
    ];
  },
};

/** Every size over every transport, through every face. */
function grid(rows: Rows, pace: Pace): Case[] {
  return ["tcp", "ipc", "inproc", "ws"].flatMap((transport) =>
    Object.keys(sizes).map((size) => {
      const faces: Face[] = ["streams", "calls", "batches"];
      const bare = transport === "tcp" || transport === "ipc" ? rows.bare : [];
      return throughputCase(
        size,
        transport,
        [...rows.ours(...faces), ...rows.peers, ...bare],
        pace,
      );
    })
  );
}

/** True for messages so large that few come, which compilers notice late. */
function isLarge(bytes: number): boolean {
  return bytes >= 64 * 1024;
}

function throughputCase(
  size: string,
  transport: string,
  rows: readonly Row[],
  { warmup, duration }: Pace,
): Case {
  const bytes = sizes[size]!;
  const settings = { size: bytes, warmup: isLarge(bytes) ? 2000 : warmup, duration };
  return {
    name: `${size} over ${transport}`,
    metrics: [{ name: "messages", unit: "msg/s" }, { name: "bytes", unit: "B/s" }],
    better: "higher",
    rows,
    unable: (row) =>
      transport === "ws" && row.family === "zeromq" ? "has no WebSocket transport" : undefined,
    open: async (row) => {
      if (transport === "inproc") {
        return await kept(async (start) => {
          const worker = start(row, "inproc", settings, "either");
          await worker.says(); // that it is ready
          return [worker];
        }, rates);
      }
      const roles = { binder: "pull", connector: "push", reporter: "binder" } as const;
      return await duel(row, { ...settings, address: await freshAddress(transport) }, roles, rates);
    },
  };
}

function rates({ count, bytes, seconds }: Line): Sample {
  return { messages: count! / seconds!, bytes: bytes! / seconds! };
}
