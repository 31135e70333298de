import process from "node:process";
import { Output } from "../lib/output.ts";
import { type Call, EXIT, textFlag, type Tool, UsageError } from "./command.ts";
import { dtypesFlag, openFormat, Printer, readInput } from "./io.ts";

async function run({ flags, operands, log, stop }: Call): Promise<number> {
  if (operands.length > 0) throw new UsageError("Expected no operands: it reads standard input");
  const dtypes = dtypesFlag(textFlag(flags, "t", "64f"));
  const input = await openFormat(textFlag(flags, "i", "villas.human"), dtypes, log);
  const written = await openFormat(textFlag(flags, "o", "villas.human"), dtypes, log);
  let broken: Error | undefined;
  const output = new Output(process.stdout, (error) => broken = error);
  const printer = new Printer(written, output, log);
  for await (const samples of readInput(input)) {
    if (broken !== undefined || stop.aborted) break;
    await printer.print(samples, dtypes.slice(0, samples[0]!.values.length));
  }
  await output.finish();
  if (broken !== undefined && !("code" in broken && broken.code === "EPIPE")) throw broken;
  return EXIT.ok;
}

/** `villas convert`: samples from one format to another. */
export const convert: Tool = {
  name: "convert",
  usage: "[OPTIONS] < INPUT > OUTPUT",
  help: [
    "-i FMT  the format of standard input: a name, or a JSON object; default villas.human",
    "-o FMT  the format of standard output; default villas.human",
    "-t DT   the data-type format string; default 64f",
  ],
  values: "iot",
  switches: "",
  run,
};
