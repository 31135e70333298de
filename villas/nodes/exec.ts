import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import type { Settings } from "../config/settings.ts";
import type { Codec } from "../formats/format.ts";
import { toBytes } from "../formats/lib/bytes.ts";
import { StreamDecoder } from "../formats/streams.ts";
import type { Sample } from "../model/sample.ts";
import type { Node, NodeContext, NodeType } from "./node.ts";

/** Bytes that wait for a program that does not read; more samples are dropped. */
const MOST_WAITING = 1024 * 1024;
/** How long a program may take to end when its input has ended, in milliseconds. */
const GRACE = 1000;

class ExecNode implements Node {
  readonly details: string;
  readonly #context: NodeContext;
  readonly #command: readonly string[];
  readonly #shell: boolean;
  readonly #folder: string | undefined;
  readonly #environment: Readonly<Record<string, string>>;
  #child: ChildProcess | undefined;
  #ended: Promise<void> = Promise.resolve();
  #codec: Codec | undefined;
  #first = true;

  constructor(context: NodeContext) {
    const { settings } = context;
    const exec = settings.strings("exec");
    if (exec === undefined || exec.length === 0) {
      throw settings.error("exec", 'Missing "exec": expected a command, or a list of its words');
    }
    const isText = settings.get("exec")!.kind === "string";
    this.#context = context;
    this.#shell = settings.boolean("shell") ?? isText;
    this.#command = isText && !this.#shell ? exec[0]!.trim().split(/\s+/) : exec;
    this.#folder = settings.string("working_directory");
    this.#environment = environment(settings.settings("environment"));
    this.details = `exec=${this.#command.join(" ")}`;
  }

  async start(): Promise<void> {
    this.#codec = await this.#context.format("villas.human", "stream");
    const [program, ...args] = this.#shell
      ? ["/bin/sh", "-c", this.#command.join(" ")]
      : this.#command;
    const child = spawn(program!, args, {
      stdio: ["pipe", "pipe", "inherit"],
      env: { ...process.env, ...this.#environment },
      ...(this.#folder !== undefined && { cwd: this.#folder }),
    });
    this.#child = child;
    child.stdin!.on("error", () => {});
    this.#ended = new Promise((resolve) => child.once("close", () => resolve()));
    await new Promise<void>((resolve, reject) => {
      child.once("spawn", resolve);
      child.once("error", (cause) => {
        reject(new Error(`Cannot run "${this.#command.join(" ")}": ${cause.message}`, { cause }));
      });
    });
  }

  async *read(): AsyncGenerator<readonly Sample[]> {
    const decoder = new StreamDecoder(this.#codec!);
    for await (const chunk of this.#child!.stdout!) {
      const samples = decoder.push(chunk as Uint8Array);
      if (samples.length > 0) yield samples;
    }
    const last = decoder.end();
    if (last.length > 0) yield last;
  }

  write(samples: readonly Sample[]): Promise<void> {
    const input = this.#child!.stdin!;
    if (!input.writable || input.writableLength > MOST_WAITING) {
      const reason = input.writable ? "the program does not read them" : "the program has ended";
      this.#context.dropped(samples.length, reason);
      return Promise.resolve();
    }
    const codec = this.#codec!;
    if (this.#first && codec.header !== undefined) {
      input.write(toBytes(codec.header(samples[0]!.signals)));
    }
    this.#first = false;
    input.write(codec.encode(samples));
    return Promise.resolve();
  }

  async stop(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null) return;
    child.stdin!.end();
    const timer = setTimeout(() => child.kill(), GRACE);
    await this.#ended;
    clearTimeout(timer);
  }
}

function environment(settings: Settings | undefined): Record<string, string> {
  if (settings === undefined) return {};
  return Object.fromEntries(settings.names.map((name) => [name, settings.string(name)!]));
}

/** `exec`: a program; samples go to its standard input, and come from its standard output. */
export const exec: NodeType = {
  name: "exec",
  create: (context): Node => new ExecNode(context),
};
