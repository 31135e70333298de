import { duel, freshAddress, type Line } from "./lib/lab.ts";
import type { Case, Pace, Part, Sample } from "./lib/part.ts";
import type { Row } from "./lib/rows.ts";

/** ZeroMQ's wire over tcp, beside libzmq from C and libzmq in zeromq.js: throughput, round trips, and both encrypted. */
export const zmtp: Part = {
  name: "zmtp",
  title: "ZeroMQ's wire over tcp between two processes; a round trip is of 64 bytes, one at a time",
  cases: ({ zmtp, zmtpPeers }, pace) => {
    const faces = [...zmtp("streams", "calls", "batches"), ...zmtpPeers];
    const streams = [...zmtp("streams"), ...zmtpPeers];
    const calls = [...zmtp("calls"), ...zmtpPeers];
    if (pace.quick) {
      return [
        flow("pipeline", "64 B", streams, pace),
        flow("pubsub", "64 B", streams, pace),
        requests("first", calls, pace),
      ];
    }
    return [
      flow("pipeline", "64 B", faces, pace),
      flow("pipeline", "1 KiB", streams, pace),
      flow("pipeline", "64 KiB", streams, pace),
      flow("pubsub", "64 B", faces, pace),
      requests("first", calls, pace),
      requests("second", calls, pace),
      flow("pipeline", "64 B", streams, pace, "curve"),
      flow("pipeline", "64 KiB", streams, pace, "curve"),
      requests("first", calls, pace, "curve"),
    ];
  },
};

type Security = "null" | "curve";

const sizes = { "64 B": 64, "1 KiB": 1024, "64 KiB": 64 * 1024 } as const;

const patterns = {
  pipeline: { title: "PUSH to PULL", binder: "pull", connector: "push", reporter: "binder" },
  pubsub: { title: "PUB to SUB", binder: "pub", connector: "sub", reporter: "connector" },
} as const;

/** One way, as fast as it goes; a PUB waits for its SUB. */
function flow(
  pattern: keyof typeof patterns,
  size: keyof typeof sizes,
  rows: readonly Row[],
  { warmup, duration }: Pace,
  security: Security = "null",
): Case {
  const { title, ...roles } = patterns[pattern];
  const settings = {
    size: sizes[size],
    warmup: size === "64 KiB" ? 2000 : warmup,
    duration,
    security,
  };
  return {
    name: `${title}, ${size}${suffix(security)}`,
    metrics: [{ name: "messages", unit: "msg/s" }, { name: "bytes", unit: "B/s" }],
    better: "higher",
    rows,
    open: async (row) =>
      await duel(row, { ...settings, address: await freshAddress("tcp") }, roles, rates),
  };
}

/** There and back, one at a time, with the REQ on the processor that the REP is on, or on the second. */
function requests(
  processor: "first" | "second",
  rows: readonly Row[],
  { quick, duration }: Pace,
  security: Security = "null",
): Case {
  const roles = {
    binder: "rep",
    connector: "req",
    reporter: "connector",
    together: processor === "first",
  } as const;
  const settings = { size: 64, warmup: quick ? 300 : 700, duration, security };
  return {
    name: `REQ to REP, on ${processor === "first" ? "one processor" : "two processors"}${
      suffix(security)
    }`,
    metrics: [{ name: "p50", unit: "µs" }, { name: "p99", unit: "µs" }],
    better: "lower",
    rows,
    open: async (row) =>
      await duel(
        row,
        { ...settings, address: await freshAddress("tcp") },
        roles,
        ({ p50, p99 }) => ({ p50: p50!, p99: p99! }),
      ),
  };
}

function suffix(security: Security): string {
  return security === "curve" ? ", CURVE" : "";
}

function rates({ count, bytes, seconds }: Line): Sample {
  return { messages: count! / seconds!, bytes: bytes! / seconds! };
}
