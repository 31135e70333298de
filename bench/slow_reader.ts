import { anew, freshAddress } from "./lib/lab.ts";
import type { Case, Part } from "./lib/part.ts";

/** A reader that never reads, and a sender that sends as fast as it may. */
export const slowReader: Part = {
  name: "slow-reader",
  title: "64 KiB messages for half a second to a reader that never reads: growth of peak memory",
  cases: (rows, { quick }) =>
    (quick ? ["pipeline"] : ["pipeline", "pubsub"]).map((pattern): Case => ({
      name: pattern === "pipeline" ? "PUSH to PULL" : "PUB to SUB",
      metrics: [{ name: "both together", unit: "B" }, { name: "the sender", unit: "B" }],
      better: "lower",
      rows: [...rows.ours("calls"), ...rows.peers],
      mostRounds: quick ? 3 : 5,
      open: (row) =>
        Promise.resolve(anew(async (start) => {
          const address = await freshAddress("tcp");
          const settings = { address, pattern, size: 64 * 1024, duration: 500 };
          const reader = start(row, "stall", settings, "first");
          await reader.says(); // that it is ready
          const sender = start(row, "flood", settings, "second");
          const sent = await sender.says();
          reader.cue();
          const received = await reader.says();
          return { "both together": sent.grown! + received.grown!, "the sender": sent.grown! };
        })),
    })),
};
