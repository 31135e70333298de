// Measures how long `nanostreams push` takes on each runtime from its start until its message has come, beside the runtime's own start: the
// least of ten each, since what else runs on the machine makes them longer. The aim is twice the runtime's own start and 50 ms.

import { once } from "node:events";
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { buildCli } from "./build_cli.ts";
import { COMMON, root } from "./build_common.ts";

const cache = join(root, "node_modules", ".cache");
mkdirSync(cache, { recursive: true });
const folder = mkdtempSync(join(cache, "start-"));
await buildCli(folder, COMMON);
const bundle = join(folder, "nanostreams.js");

/** What a PULL says first. */
const PULL_HEADER = Uint8Array.of(0, 0x53, 0x50, 0, 0, 0x51, 0, 0);

async function least(measure: () => number | Promise<number>): Promise<number> {
  let shortest = Infinity;
  for (let n = 0; n < 10; n++) shortest = Math.min(shortest, await measure());
  return shortest;
}

/** A program of each runtime that does nothing, and how it runs a file. */
const RUNTIMES: readonly (readonly [command: string, nothing: string[], file: string[]])[] = [
  ["node", ["-e", "0"], []],
  ["bun", ["-e", "0"], []],
  ["deno", ["eval", "0"], ["run", "--allow-all", "--no-prompt"]],
];

function ownStart(command: string, args: string[]): number {
  const start = performance.now();
  spawnSync(command, args);
  return performance.now() - start;
}

/** From the start of a `push` until more than its header has come. */
async function firstMessage(command: string, args: string[]): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const push = [bundle, "push", `tcp://127.0.0.1:${port}`, "--data", "x"];
  const start = performance.now();
  const child = spawn(command, [...args, ...push], { stdio: "ignore" });
  const [socket] = await once(server, "connection");
  socket.write(PULL_HEADER);
  for (let got = 0; got <= PULL_HEADER.length;) got += (await once(socket, "data"))[0].length;
  const time = performance.now() - start;
  socket.end();
  await once(child, "exit");
  server.close();
  return time;
}

for (const [command, nothing, file] of RUNTIMES) {
  const own = await least(() => ownStart(command, nothing));
  const first = await least(() => firstMessage(command, file));
  const figures = [own, first, 2 * own + 50].map((time) => time.toFixed(1));
  console.log(
    `${command}: own start ${figures[0]} ms, first message ${figures[1]} ms; aim ${figures[2]} ms`,
  );
}
rmSync(folder, { recursive: true });
