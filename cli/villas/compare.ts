import { createReadStream } from "node:fs";
import process from "node:process";
import {
  type Codec,
  type Sample,
  secondsBetween,
  StreamDecoder,
  type Value,
} from "../../villas/mod.ts";
import { type Call, EXIT, numberFlag, textFlag, type Tool, UsageError } from "./command.ts";
import { dtypesFlag, openFormat } from "./io.ts";

/** The first difference of two files: the exit status, and what it is. */
interface Difference {
  readonly status: number;
  readonly text: string;
}

/** What is compared, and how exactly. */
interface Rules {
  readonly epsilon: number;
  readonly values: boolean;
  readonly times: boolean;
  readonly sequence: boolean;
}

async function* samplesOf(file: string, codec: Codec): AsyncGenerator<Sample> {
  const decoder = new StreamDecoder(codec);
  for await (const chunk of createReadStream(file)) yield* decoder.push(chunk as Uint8Array);
  yield* decoder.end();
}

function compareSamples(a: Sample, b: Sample, rules: Rules): Difference | undefined {
  if (rules.sequence && a.sequence !== b.sequence) {
    return { status: 2, text: `sequence no: ${a.sequence} != ${b.sequence}` };
  }
  if (rules.times) {
    const delta = a.origin && b.origin && Math.abs(secondsBetween(a.origin, b.origin));
    const differ = delta === undefined ? a.origin !== b.origin : delta > rules.epsilon;
    if (differ) return { status: 3, text: `ts.origin: ${a.origin} != ${b.origin}` };
  }
  if (!rules.values) return undefined;
  if (a.values.length !== b.values.length) {
    return { status: 4, text: `length: ${a.values.length} != ${b.values.length}` };
  }
  for (const [at, value] of a.values.entries()) {
    const other = b.values[at]!;
    if (typeof value !== typeof other) {
      return { status: 6, text: `data[${at}].type: ${typeof value} != ${typeof other}` };
    }
    if (!isNear(value, other, rules.epsilon)) {
      return { status: 5, text: `data[${at}]: ${show(value)} != ${show(other)}` };
    }
  }
  return undefined;
}

function isNear(a: Value, b: Value, epsilon: number): boolean {
  if (typeof a === "number" && typeof b === "number") {
    return Object.is(a, b) || Math.abs(a - b) <= epsilon;
  }
  if (typeof a === "object" && typeof b === "object") {
    return isNear(a.real, b.real, epsilon) && isNear(a.imag, b.imag, epsilon);
  }
  return a === b;
}

function show(value: Value): string {
  return typeof value === "object" ? `${value.real}+${value.imag}i` : String(value);
}

/** Goes through all files side by side; each is compared with the first. */
async function compareFiles(
  files: readonly AsyncGenerator<Sample>[],
  rules: Rules,
): Promise<Difference | undefined> {
  for (;;) {
    const next = await Promise.all(files.map((file) => file.next()));
    const ended = next.filter(({ done }) => done).length;
    if (ended === files.length) return undefined;
    if (ended > 0) return { status: 1, text: "length unequal" };
    const [first, ...others] = next.map(({ value }) => value as Sample);
    for (const other of others) {
      const difference = compareSamples(first!, other, rules);
      if (difference !== undefined) return difference;
    }
  }
}

async function run({ flags, operands, log }: Call): Promise<number> {
  if (operands.length < 2) throw new UsageError("Expected two files or more");
  const dtypes = dtypesFlag(textFlag(flags, "t", "64f"));
  const format = textFlag(flags, "f", "villas.human");
  const files = await Promise.all(
    operands.map(async (file) => samplesOf(file, await openFormat(format, dtypes, log))),
  );
  const difference = await compareFiles(files, {
    epsilon: numberFlag(flags, "e", 1e-6, 0),
    values: flags["v"] === undefined,
    times: flags["T"] === undefined,
    sequence: flags["s"] === undefined,
  });
  if (difference === undefined) return EXIT.ok;
  process.stdout.write(`${difference.text}\n`);
  return difference.status;
}

/** `villas compare`: whether files have the same samples. */
export const compare: Tool = {
  name: "compare",
  usage: "[OPTIONS] FILE1 FILE2 ...",
  help: [
    "-e EPS  how far floats and times may differ; default 1e-6",
    "-v      do not compare values",
    "-T      do not compare times",
    "-s      do not compare sequence numbers",
    "-f FMT  the format of all files; default villas.human",
    "-t DT   the data-type format string; default 64f",
    "Exit status: 0 equal, 1 length, 2 sequence number, 3 time, 4 number of values, 5 value, 6 type",
  ],
  values: "eft",
  switches: "vTs",
  run,
};
