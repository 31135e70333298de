/** The brokers that the bridges lead to: real ones, each in a folder of its own, that can be killed and come back. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FAST_START } from "../helpers/nanocat.ts";
import { findPeer, type Peer } from "../helpers/peers.ts";
import { type Child, start } from "../helpers/process.ts";
import { CURRENT, PROJECT } from "../helpers/runtimes.ts";

export const NATS_SERVER: Peer = findPeer("nats-server", "nats-server");
export const MOSQUITTO: Peer = findPeer("mosquitto", "mosquitto");

/** What a broker is started with, and what it prints when it is up. */
interface Kind {
  readonly command: string;
  readonly scheme: string;
  readonly ready: RegExp;
  arguments(folder: string, port: number): string[];
}

const KINDS: Record<"nats" | "mqtt", Kind> = {
  nats: {
    command: NATS_SERVER.command,
    scheme: "nats",
    ready: /Server is ready/,
    arguments: (folder, port) => ["-a", "127.0.0.1", "-p", String(port), "-js", "-sd", folder],
  },
  mqtt: {
    command: MOSQUITTO.command,
    scheme: "mqtt",
    ready: /running$/,
    arguments: (folder, port) => {
      const settings = join(folder, "mosquitto.conf");
      writeFileSync(
        settings,
        [
          `listener ${port} 127.0.0.1`,
          "allow_anonymous true",
          "persistence true",
          `persistence_location ${folder}/`,
          "user root", // where root runs it, it would otherwise become somebody who may not write here
        ].join("\n"),
      );
      return ["-c", settings];
    },
  },
};

/** A port that was free. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}

/** A broker. `await using` ends it, and removes what it kept. */
export class Broker {
  readonly url: string;
  readonly #kind: Kind;
  readonly #folder: string = mkdtempSync(join(tmpdir(), "nanostreams-broker-"));
  readonly #port: number;
  #process: Child | undefined;

  private constructor(kind: Kind, port: number) {
    this.#kind = kind;
    this.#port = port;
    this.url = `${kind.scheme}://127.0.0.1:${port}`;
  }

  static async start(name: "nats" | "mqtt"): Promise<Broker> {
    const broker = new Broker(KINDS[name], await freePort());
    await broker.up();
    return broker;
  }

  /** Starts it, at the port that it had, with what it kept. */
  async up(): Promise<void> {
    const { command, ready } = this.#kind;
    this.#process = start(command, this.#kind.arguments(this.#folder, this.#port));
    await this.#process.line(ready);
  }

  /** Ends it, and waits for its end. */
  async down(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    this.#process!.kill(signal);
    await this.#process!.exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process?.[Symbol.asyncDispose]();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Starts a bridge of the examples, on the runtime that runs the test. */
export function startBridge(name: string, env: Readonly<Record<string, string>>): Child {
  const args = [...CURRENT.args, join(PROJECT, "examples", "bridges", `${name}.ts`)];
  return start(CURRENT.command, args, { env: { ...FAST_START, PORT: "0", ...env } });
}

/** Where one side of a bridge is bound. */
export async function sideOf(bridge: Child, side: string): Promise<string> {
  return (await bridge.line(new RegExp(`^${side}: `))).slice(side.length + 2);
}
