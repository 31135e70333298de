/** Workers for tests: of both kinds, told what to do by messages of their own. */

import process from "node:process";
import { Worker as NodeWorker } from "node:worker_threads";
import { attachInproc, type InprocAttachment } from "../../mod.ts";
import type { Command, Reply } from "./workers/commands.ts";

/** How a thread is made. */
export type Kind = "node:worker_threads" | "web";

/** The kinds that this runtime has. */
export const KINDS: readonly Kind[] = "Worker" in globalThis
  ? ["node:worker_threads", "web"]
  : ["node:worker_threads"];

/** What both kinds of workers have. */
interface AnyWorker {
  postMessage(message: unknown, transfer: never): void;
  terminate(): unknown;
}

/** A worker. `await using` ends it. */
export class Thread implements AsyncDisposable {
  readonly worker: AnyWorker;
  readonly attachment: InprocAttachment;
  /** Resolves when it has ended; of a worker of the web only Bun tells. */
  readonly ended: Promise<void>;
  readonly #waiting: ((reply: Reply) => void)[] = [];

  /** @param kind How it is made. @param file Which file of `workers/` it runs. */
  constructor(kind: Kind, file = "commands.ts") {
    const url = new URL(`./workers/${file}`, import.meta.url);
    if (kind === "web") {
      const worker = new Worker(url, { type: "module" });
      worker.addEventListener("message", ({ data }) => this.#answered(data));
      this.ended = new Promise((resolve) => worker.addEventListener("close", () => resolve()));
      this.worker = worker;
    } else {
      const worker = new NodeWorker(url);
      worker.on("message", (data) => this.#answered(data));
      this.ended = new Promise((resolve) => worker.once("exit", () => resolve()));
      this.worker = worker;
    }
    this.attachment = attachInproc(this.worker);
  }

  /** Has it do something; resolves with what came of it. */
  tell(command: Command): Promise<Reply> {
    const reply = new Promise<Reply>((resolve) => this.#waiting.push(resolve));
    this.worker.postMessage(command, [] as never);
    return reply;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.worker.terminate();
  }

  #answered(reply: Reply): void {
    this.#waiting.shift()?.(reply);
  }
}

/** A name that no other test uses. */
export function freshName(): string {
  return `inproc://${process.pid}/${crypto.randomUUID()}`;
}
