import { spawn } from "node:child_process";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { Req } from "../../mod.ts";

/** The other process: it waits until it is asked to play a part. */
export interface Other extends AsyncDisposable {
  readonly pid: number;
  /** Asks it to play a part of `parts.ts`, at these addresses; resolves once it is ready. */
  play(part: string, ...addresses: string[]): Promise<void>;
}

let addresses = 0;

/** A fresh ipc address. */
export function ipcAddress(): string {
  return `ipc://${join(tmpdir(), `nanostreams-tour-${process.pid}-${++addresses}.ipc`)}`;
}

/** Starts the other process, by this runtime. */
export async function startOther(): Promise<Other> {
  const control = new Req();
  const { address } = await control.bind(ipcAddress());
  const script = fileURLToPath(new URL("./parts.ts", import.meta.url));
  const run = "Deno" in globalThis ? ["run", "-A", script] : [script];
  const child = spawn(process.execPath, [...run, address], { stdio: ["ignore", 2, 2] });
  const exited = once(child, "exit");
  await Promise.race([
    control.peers(1),
    exited.then(([code]) => Promise.reject(new Error(`The other process ended with ${code}`))),
  ]);
  return {
    pid: child.pid ?? 0,
    play: async (...part) => {
      await control.request(JSON.stringify(part));
    },
    [Symbol.asyncDispose]: async () => {
      await control.request(JSON.stringify(["end"]));
      await control.close();
      await exited;
    },
  };
}
