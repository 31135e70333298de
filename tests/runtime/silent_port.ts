/** A port where somebody listens and nobody answers. */

import { once } from "node:events";
import net from "node:net";
import { dirname, join } from "node:path";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { start } from "../helpers/process.ts";
import { RUNTIMES } from "../helpers/runtimes.ts";
import { afterTraffic } from "./peer.ts";

/** Bun has a queue of its own size, so that the listener is Node's everywhere. */
const NODE = RUNTIMES.find(({ name }) => name === "node")!;

/** More than wait to be accepted, in the queue that the listener asked for. */
const CROWD = 16;

/** Starts a process that listens, stops it, and fills its queue: whoever connects then is not answered. */
export async function silentPort(t: TestContext): Promise<number> {
  const file = join(dirname(fileURLToPath(import.meta.url)), "workers", "listener.ts");
  const { command, args } = NODE;
  const child = start(command, [...args, file]);
  const crowd: net.Socket[] = [];
  t.after(async () => {
    for (const socket of crowd) socket.destroy();
    await child[Symbol.asyncDispose]();
  });
  const port = Number(await child.line(/^\d+$/));
  child.kill("SIGSTOP");
  let count = 0;
  for (let i = 0; i < CROWD; i++) {
    const socket = net.connect(port, "127.0.0.1");
    socket.on("connect", () => count++);
    socket.on("error", () => {});
    crowd.push(socket);
  }
  await once(crowd[0]!, "connect");
  await afterTraffic();
  if (count === CROWD) throw new Error("The queue took everybody");
  return port;
}
