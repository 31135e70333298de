import process from "node:process";
import {
  FORMATS,
  Gateway,
  HOOK_TYPES,
  loadConfig,
  NODE_TYPES,
  servePage,
  toSetting,
} from "../../villas/mod.ts";
import { type Call, EXIT, type Tool, UsageError } from "./command.ts";

/** What this gateway can do, as JSON. */
function capabilities(): string {
  const names = (list: readonly { name: string }[]): string[] => list.map(({ name }) => name);
  const all = { formats: names(FORMATS), hooks: names(HOOK_TYPES), nodes: names(NODE_TYPES) };
  return `${JSON.stringify(all, null, 2)}\n`;
}

/** Where the page is served: a port, or a host and a port. */
function pageAddress(text: string): { host: string; port: number } {
  const parts = /^(?:(.+):)?(\d{1,5})$/.exec(text);
  if (parts === null || Number(parts[2]) > 65_535) {
    throw new UsageError(`Invalid --page "${text}": expected a port, or HOST:PORT`);
  }
  const host = parts[1]?.replace(/^\[(.*)\]$/, "$1") ?? "127.0.0.1";
  return { host, port: Number(parts[2]) };
}

async function run({ flags, operands, log, stop }: Call): Promise<number> {
  if (flags["C"] !== undefined) {
    process.stdout.write(capabilities());
    return EXIT.ok;
  }
  if (operands.length > 1) throw new UsageError("Expected one configuration at most");
  const page = typeof flags["page"] === "string" ? pageAddress(flags["page"]) : undefined;
  const [file] = operands;
  if (file === undefined) {
    log("warn", "node", "No configuration file specified. Starting unconfigured.");
  }
  const config = file === undefined
    ? toSetting({})
    : loadConfig(file, { warn: (text) => log("warn", "config", text) });
  const gateway = new Gateway(config, { log, print: (text) => process.stdout.write(text) });
  await gateway.start();
  const served = page && await servePage(gateway, page).catch(async (error) => {
    await gateway.stop();
    throw error;
  });
  if (served !== undefined) log("info", "page", `Open ${served.address}`);
  // Nothing else may keep the process: a configuration without paths opens no socket.
  const alive = setInterval(() => {}, 2 ** 30);
  await new Promise<void>((resolve) => {
    if (stop.aborted) resolve();
    stop.addEventListener("abort", () => resolve());
    void gateway.ended.then(() => {
      if (gateway.idleStop || gateway.endsProgram) resolve();
    });
  });
  clearInterval(alive);
  await served?.close();
  await gateway.stop();
  return EXIT.ok;
}

/** `villas node`: runs the nodes and paths of a configuration. */
export const node: Tool = {
  name: "node",
  usage: "[OPTIONS] [CONFIG]",
  help: [
    "CONFIG  a configuration: JSON if it ends in .json, otherwise libconfig",
    "-C      show what this gateway can do, as JSON",
    "--page [HOST:]PORT  serve a page with nodes, paths and live plots; default host 127.0.0.1",
  ],
  values: "",
  switches: "C",
  long: ["page"],
  run,
};
