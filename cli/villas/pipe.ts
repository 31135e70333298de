import process from "node:process";
import {
  ConfigError,
  GatewayNode,
  type GroupSetting,
  LiveServer,
  loadConfig,
  parseJson,
  type Sample,
  type Setting,
  Settings,
  toSetting,
} from "../../villas/mod.ts";
import { Output } from "../lib/output.ts";
import { type Call, EXIT, numberFlag, textFlag, type Tool, UsageError } from "./command.ts";
import { dtypesFlag, openFormat, Printer, readInput } from "./io.ts";

/** Changes one setting of a configuration: `nodes.meter.vectorize=10`. */
function override(root: GroupSetting, text: string): GroupSetting {
  const at = text.indexOf("=");
  if (at < 1) throw new UsageError(`Invalid option: ${text}; expected NAME=VALUE`);
  return set(root, text.slice(0, at).split("."), valueOf(text.slice(at + 1)));
}

function valueOf(text: string): Setting {
  try {
    return parseJson(text);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return toSetting(text);
  }
}

function set(
  group: GroupSetting,
  [name, ...rest]: readonly string[],
  value: Setting,
): GroupSetting {
  const inner = group.entries.get(name!);
  const base = inner?.kind === "group" ? inner : toSetting({}) as GroupSetting;
  const entries = new Map(group.entries);
  entries.set(name!, rest.length === 0 ? value : set(base, rest, value));
  return { ...group, entries };
}

/** Opens the node that the command line names; the others of the configuration play no part. */
function findNode({ flags, operands, log }: Call): GatewayNode {
  const [file, name] = operands;
  if (operands.length !== 2) {
    throw new UsageError("Expected a configuration and the name of a node");
  }
  const warn = (text: string): void => log("warn", "config", text);
  let root = loadConfig(file!, { warn });
  if (typeof flags["o"] === "string") root = override(root, flags["o"]);
  const nodes = new Settings(root).settings("nodes");
  let setting = nodes?.get(name!);
  if (setting === undefined) {
    const known = nodes?.names.join(", ") || "none";
    throw new ConfigError(root.at, `Node ${name} does not exist! There are: ${known}`);
  }
  const surroundings = {
    log,
    print: (text: string): boolean => process.stdout.write(text),
    live: new LiveServer(new Settings(root).settings("http")),
  };
  const node = new GatewayNode(name!, setting, surroundings);
  if (flags["x"] === undefined) return node;
  if (node.type.reverse === undefined || setting.kind !== "group") {
    throw new ConfigError(setting.at, `Cannot reverse a node of the type ${node.type.name}`);
  }
  setting = node.type.reverse(new Settings(setting, `nodes.${name}`));
  return new GatewayNode(name!, setting, surroundings);
}

/** Fills in sequence numbers that are missing. */
class Numbers {
  #next = 0n;

  fill(sample: Sample): Sample {
    if (sample.sequence === undefined) return { ...sample, sequence: this.#next++ };
    this.#next = sample.sequence + 1n;
    return sample;
  }
}

async function run(call: Call): Promise<number> {
  const { flags, log, stop } = call;
  const limitSent = numberFlag(flags, "L", Infinity, 1);
  const limitReceived = numberFlag(flags, "l", Infinity, 1);
  const seconds = numberFlag(flags, "T", Infinity, 0);
  const format = textFlag(flags, "f", "villas.human");
  const dtypes = dtypesFlag(textFlag(flags, "t", "64f"));
  const say = (text: string): void => log("info", "pipe", text);
  const node = findNode(call);
  await node.prepareToRead();
  await node.prepareToWrite();
  const [input, printed] = await Promise.all([
    openFormat(format, dtypes, log),
    openFormat(format, node.signals, log),
  ]);

  let end: (why?: string) => void = () => {};
  let isOver = false;
  const over = new Promise<void>((resolve) => {
    end = (why) => {
      if (!isOver && why !== undefined) say(why);
      isOver = true;
      resolve();
    };
  });
  let failure: unknown;
  const fail = (error: unknown): void => {
    // What was going on when it ended may end with an error.
    if (!isOver) failure = error;
    end();
  };
  const output = new Output(process.stdout, (error) => {
    if ("code" in error && error.code === "EPIPE") end();
    else fail(error);
  });
  const printer = new Printer(printed, output, log);

  const send = async (): Promise<void> => {
    const numbers = new Numbers();
    let sent = 0;
    for await (const samples of readInput(input)) {
      if (isOver) return;
      const some = samples.slice(0, limitSent - sent).map((sample) => numbers.fill(sample));
      await node.write(some);
      sent += some.length;
      if (sent >= limitSent) break;
    }
    await node.flush();
    if (sent >= limitSent) end("Reached send limit. Terminating...");
    else if (limitReceived !== Infinity) say("Reached end-of-file. Wait for receive side...");
    else if (flags["s"] === undefined) end("Reached end-of-file. Terminating...");
  };
  const receive = async (): Promise<void> => {
    let received = 0;
    for await (const samples of node.read()) {
      const some = samples.slice(0, limitReceived - received);
      await printer.print(some, node.signals);
      received += some.length;
      if (received >= limitReceived) break;
    }
    if (received >= limitReceived) end("Reached receive limit. Terminating...");
  };

  const alive = setInterval(() => {}, 2 ** 30);
  const timer = seconds === Infinity || seconds === 0
    ? undefined
    : setTimeout(() => end("Reached timeout. Terminating..."), seconds * 1000);
  try {
    await node.start();
    stop.addEventListener("abort", () => end());
    if (stop.aborted) end();
    if (flags["s"] === undefined && node.canRead) receive().catch(fail);
    if (flags["r"] === undefined && node.canWrite) send().catch(fail);
    await over;
  } finally {
    isOver = true;
    clearTimeout(timer);
    clearInterval(alive);
    await node.stop();
    await output.finish();
  }
  if (failure !== undefined) throw failure;
  return EXIT.ok;
}

/** `villas pipe`: standard input goes to a node, and what the node reads to standard output. */
export const pipe: Tool = {
  name: "pipe",
  usage: "[OPTIONS] CONFIG NODE",
  help: [
    "CONFIG  a configuration",
    "NODE    the name of the node to which samples are sent and from which they are received",
    "-f FMT  the format of standard input and output: a name, or a JSON object; default villas.human",
    "-t DT   the data-type format string of standard input; default 64f",
    "-o K=V  another value for a setting, such as nodes.meter.vectorize=10",
    "-x      swap the endpoints in and out",
    "-s      only read standard input and send it to the node",
    "-r      only receive from the node and print it",
    "-T SEC  terminate after so many seconds",
    "-L NUM  terminate after so many samples were sent",
    "-l NUM  terminate after so many samples were received",
  ],
  values: "ftoTLl",
  switches: "xsr",
  run,
};
