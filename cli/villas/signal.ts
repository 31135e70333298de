import process from "node:process";
import { GatewayNode, LiveServer, toSetting } from "../../villas/mod.ts";
import { Output } from "../lib/output.ts";
import { type Call, EXIT, numberFlag, textFlag, type Tool, UsageError } from "./command.ts";
import { openFormat, Printer } from "./io.ts";

async function run({ flags, operands, log, stop }: Call): Promise<number> {
  if (operands.length !== 1) throw new UsageError("Expected the shape of the signals");
  const setting = toSetting({
    type: "signal",
    signal: operands[0],
    values: numberFlag(flags, "v", 1, 1),
    rate: numberFlag(flags, "r", 10),
    frequency: numberFlag(flags, "F", 1),
    amplitude: numberFlag(flags, "a", 1),
    stddev: numberFlag(flags, "D", 0.02),
    offset: numberFlag(flags, "o", 0),
    phase: numberFlag(flags, "p", 0),
    realtime: flags["n"] === undefined,
    limit: numberFlag(flags, "l", -1),
    // No times of arrival: nothing arrives.
    builtin: false,
  });
  const node = new GatewayNode("signal", setting, {
    log,
    print: () => {},
    live: new LiveServer(undefined),
  });
  await node.prepareToRead();
  const codec = await openFormat(textFlag(flags, "f", "villas.human"), node.signals, log, false);
  let broken: Error | undefined;
  const output = new Output(process.stdout, (error) => {
    broken = error;
    void node.stop();
  });
  const printer = new Printer(codec, output, log);
  stop.addEventListener("abort", () => void node.stop());
  await node.start();
  for await (const samples of node.read()) await printer.print(samples, node.signals);
  await node.stop();
  await output.finish();
  // Who reads no further, as `head`, has what it wanted.
  if (broken !== undefined && !("code" in broken && broken.code === "EPIPE")) throw broken;
  return EXIT.ok;
}

/** `villas signal`: makes test signals. */
export const signal: Tool = {
  name: "signal",
  usage: "[OPTIONS] SIGNAL",
  help: [
    "SIGNAL  mixed, random, sine, square, triangle, ramp, counter, constant or pulse",
    "-f FMT  the format: a name, or a JSON object; default villas.human",
    "-v NUM  how many values a sample has; default 1",
    "-r HZ   how many samples a second; default 10",
    "-n      do not wait between samples",
    "-F HZ   the frequency; default 1",
    "-a FLT  the amplitude; default 1",
    "-D FLT  the standard deviation of random signals; default 0.02",
    "-o FLT  the offset; default 0",
    "-p FLT  the phase, in radians; default 0",
    "-l NUM  stop after so many samples",
  ],
  values: "fvrFaDopl",
  switches: "n",
  run,
};
