import { kept } from "./lib/lab.ts";
import type { Case, Part } from "./lib/part.ts";

/** Formats in the order of the documentation; a number of floats that each of them can hold. */
const FORMATS: readonly (readonly [format: string, values: number])[] = [
  ["json", 64],
  ["villas.binary", 64],
  ["json", 8],
  ["villas.binary", 8],
  ["villas.human", 8],
  ["villas.web", 8],
  ["csv", 8],
  ["tsv", 8],
  ["raw", 8],
  ["gtnet", 8],
  ["protobuf", 8],
  ["value", 1],
  ["json.reserve", 8],
  ["json.edgeflex", 8],
  ["json.kafka", 8],
  ["opal.asyncip", 8],
];

/** The formats of the VILLASnode gateway, one sample a message, without sockets. */
export const villas: Part = {
  name: "villas",
  title:
    "Formats of the VILLASnode gateway: samples of floats written, and read, a message each; a VILLASnode has room for 1,500 B",
  cases: (rows, { quick, warmup, duration }) =>
    (quick ? FORMATS.slice(0, 2) : FORMATS).map(([format, count]): Case => ({
      name: `${format}, ${count} ${count === 1 ? "float" : "floats"}`,
      metrics: [
        { name: "written", unit: "msg/s" },
        { name: "read", unit: "msg/s" },
        { name: "message", unit: "B" },
      ],
      better: "higher",
      rows: rows.ours("calls"),
      mostRounds: 5,
      open: (row) =>
        kept(
          async (start) => {
            const worker = start(row, "format", { format, count, warmup, duration }, "first");
            await worker.says(); // that it has the format
            return [worker];
          },
          ({ written, read, size }) => ({ written: written!, read: read!, message: size! }),
        ),
    })),
};
