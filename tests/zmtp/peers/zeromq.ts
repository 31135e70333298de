/** zeromq.js in a process of its own, as a test sees it: sockets that do what they are told. */

import type { Buffer } from "node:buffer";
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { after } from "node:test";
import { clearTimeout, setTimeout } from "node:timers";
import { PROJECT, RUNTIMES } from "../../helpers/runtimes.ts";
import { Bell, fromBase64, PATIENCE, toBase64, type ZEvent, ZSocket } from "./zeromq_socket.ts";

export { PATIENCE, type ZEvent, type ZMessage, ZSocket } from "./zeromq_socket.ts";

/** The socket types, as zeromq.js calls them. */
export type ZType =
  | "Dealer"
  | "Pair"
  | "Publisher"
  | "Pull"
  | "Push"
  | "Reply"
  | "Request"
  | "Router"
  | "Subscriber"
  | "XPublisher"
  | "XSubscriber";

/** What the ZAP handler was asked. */
export interface ZapRequest {
  readonly domain: string;
  readonly address: string;
  readonly mechanism: string;
  readonly credentials: readonly Uint8Array[];
}

/** What a ZAP handler may answer. */
export type ZStatus = "200" | "300" | "400" | "500";

/** Whom the ZAP handler lets in; who fits none is told 400. */
export interface ZapRule {
  readonly user?: string;
  readonly password?: string;
  readonly status: ZStatus;
  readonly userId?: string;
}

/** An error of zeromq.js's. */
export class ZError extends Error {
  /** `"EAGAIN"`. */
  readonly code: string | undefined;

  constructor(code: string | undefined, message: string) {
    super(message);
    this.code = code;
  }
}

type Values = Record<string, unknown>;

interface Pending {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** A process with zeromq.js in it. */
export class ZProcess implements AsyncDisposable {
  /** What the ZAP handler was asked, the oldest first. */
  readonly zapRequests: ZapRequest[] = [];
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  readonly #pending: Map<number, Pending> = new Map();
  readonly #sockets: Map<number, ZSocket> = new Map();
  readonly #bell: Bell = new Bell();
  #lastId = 0;
  #stderr = "";

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.#ended = new Promise((resolve) => {
      child.once("close", () => resolve());
      child.once("error", () => resolve());
    });
    void this.#ended.then(() => this.#fail());
    child.stdin!.on("error", () => {});
    child.stderr!.on("data", (chunk: Buffer) => this.#stderr += chunk.toString());
    createInterface({ input: child.stdout! }).on("line", (line) => this.#hear(line));
  }

  /** Starts one; resolves as soon as it can do something. */
  static async start(): Promise<ZProcess> {
    const { command, args } = RUNTIMES.find(({ name }) => name === "node")!;
    const script = join(import.meta.dirname!, "zeromq_peer.ts");
    const child = spawn(command, [...args, "--no-warnings", script], {
      stdio: ["pipe", "pipe", "pipe"],
    });
    const self = new ZProcess(child);
    const ready = new Promise((resolve, reject) => self.#pending.set(0, { resolve, reject }));
    await ready;
    return self;
  }

  /** Makes a socket; of its options bytes may be views. It lingers 0 ms, and gives up a send or a receive after 20 s. */
  async socket(type: ZType, options: Readonly<Values> = {}): Promise<ZSocket> {
    const encoded = Object.fromEntries(
      Object.entries(options).map(([name, value]) => [
        name,
        value instanceof Uint8Array ? { base64: toBase64(value) } : value,
      ]),
    );
    const number = await this.ask("open", { type, options: encoded }) as number;
    const socket = new ZSocket(this, number);
    this.#sockets.set(number, socket);
    return socket;
  }

  /** Starts a ZAP handler. */
  async zap(rules: readonly ZapRule[]): Promise<void> {
    await this.ask("zap", { rules });
  }

  /** Resolves once the ZAP handler was asked that often. */
  async asked(count: number): Promise<void> {
    await this.#bell.until(
      () => this.zapRequests.length >= count || undefined,
      () => `ZAP was asked ${this.zapRequests.length} times, not ${count}`,
    );
  }

  /** Makes keys for CURVE. */
  async keys(): Promise<{ publicKey: string; secretKey: string }> {
    return await this.ask("keys", {}) as { publicKey: string; secretKey: string };
  }

  /** libzmq's own proxy between two sockets, until the first of them is closed. */
  async proxy(front: ZSocket, back: ZSocket): Promise<void> {
    await this.ask("proxy", { front: front.number, back: back.number });
  }

  /** Passes messages on both ways between two sockets. */
  async broker(front: ZSocket, back: ZSocket): Promise<void> {
    await this.ask("broker", { front: front.number, back: back.number });
  }

  /** Has the process do something. */
  ask(command: string, values: Values): Promise<unknown> {
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#pending.delete(id);
        reject(new ZError("ETIMEDOUT", `zeromq.js does not answer "${command}": ${this.#stderr}`));
      }, PATIENCE);
      this.#pending.set(id, {
        resolve: (result) => {
          clearTimeout(timer);
          resolve(result);
        },
        reject: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      });
      this.#child.stdin!.write(`${JSON.stringify({ id, command, ...values })}\n`);
    });
  }

  /** Forgets a socket. */
  forget(number: number): void {
    this.#sockets.delete(number);
  }

  /** Closes every socket that is still open. */
  async closeAll(): Promise<void> {
    await Promise.all([...this.#sockets.values()].map((socket) => socket.close()));
    this.zapRequests.length = 0;
  }

  /** Stops the process where it is, and lets it go on: what it has for connections stays. */
  freeze(): void {
    process.kill(this.#child.pid!, "SIGSTOP");
  }

  /** See `freeze`. */
  thaw(): void {
    process.kill(this.#child.pid!, "SIGCONT");
  }

  /** Kills the process; resolves when it is gone. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#ended;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill();
  }

  #hear(line: string): void {
    const { id = 0, result, error, socket, event, zap, credentials } = JSON.parse(line) as {
      id?: number;
      result?: unknown;
      error?: { code?: string; message: string };
      socket?: number;
      event?: ZEvent;
      zap?: [string, string, string];
      credentials?: string[];
    };
    if (event !== undefined) return this.#sockets.get(socket!)?.heard(event);
    if (zap !== undefined) {
      const [domain, address, mechanism] = zap;
      this.zapRequests.push({
        domain,
        address,
        mechanism,
        credentials: credentials!.map(fromBase64),
      });
      return this.#bell.ring();
    }
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if (error === undefined) pending?.resolve(result);
    else pending?.reject(new ZError(error.code, `zeromq.js: ${error.message}`));
  }

  #fail(): void {
    const error = new ZError("ECLOSED", `The process of zeromq.js has ended: ${this.#stderr}`);
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
    this.#bell.ring(true);
    for (const socket of this.#sockets.values()) socket.ended();
  }
}

/** For `node:test`: why tests with zeromq.js are skipped, or false if it is there. */
export const skip: string | false =
  process.env["REQUIRE_PEERS"] === "1" || existsSync(join(PROJECT, "node_modules", "zeromq"))
    ? false
    : "zeromq is missing: npm install";

/** A test file's process of zeromq.js: started by the first test that needs it, killed after the last. */
export function sharedProcess(): () => Promise<ZProcess> {
  let started: Promise<ZProcess> | undefined;
  after(async () => {
    const running = await started?.catch(() => {});
    await running?.kill();
  });
  return () => started ??= ZProcess.start();
}
