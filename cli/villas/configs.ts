import { readFileSync } from "node:fs";
import process from "node:process";
import { dirname, isAbsolute, join } from "node:path";
import {
  ConfigError,
  Gateway,
  type Include,
  loadConfig,
  parseLibconfig,
  settingToJson,
} from "../../villas/mod.ts";
import { type Call, EXIT, type Tool, UsageError } from "./command.ts";

/** A file that is not libconfig, as VILLASnode's tool says it. */
const NOT_LIBCONFIG = 254;

function oneFile({ operands }: Call): string {
  if (operands.length !== 1) throw new UsageError("Expected one file");
  return operands[0]!;
}

/** As it is: variables are not replaced, for the file that comes out is a configuration again. */
function convert(call: Call): Promise<number> {
  const file = oneFile(call);
  const include: Include = (pattern) => {
    const path = isAbsolute(pattern) ? pattern : join(dirname(file), pattern);
    return [{ file: path, text: readFileSync(path, "utf8") }];
  };
  const text = readFileSync(file, "utf8");
  try {
    const root = parseLibconfig(text, { file, include });
    process.stdout.write(settingToJson(root, { indent: 2 }) + "\n");
    return Promise.resolve(EXIT.ok);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    call.log("error", "conf2json", error.message);
    return Promise.resolve(NOT_LIBCONFIG);
  }
}

async function check(call: Call): Promise<number> {
  const warn = (text: string): void => call.log("warn", "config", text);
  const root = loadConfig(oneFile(call), { warn });
  const gateway = new Gateway(root, { log: call.log });
  await gateway.prepare();
  if (call.flags["D"] !== undefined) {
    process.stdout.write(settingToJson(root, { indent: 2 }) + "\n");
  }
  return EXIT.ok;
}

/** `villas conf2json`: a libconfig file as JSON. */
export const conf2json: Tool = {
  name: "conf2json",
  usage: "input.conf > output.json",
  help: [],
  values: "",
  switches: "",
  run: convert,
};

/** `villas test-config`: whether a configuration is right. */
export const testConfig: Tool = {
  name: "test-config",
  usage: "[OPTIONS] CONFIG",
  help: ["-c      check nodes, paths and hooks too (always done)", "-D      print it as JSON"],
  values: "",
  switches: "cD",
  run: check,
};
