/* The other end, started by the one that measures: the same program with the same flags, in a process of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { basename } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { EXIT, Failure } from "../ends.ts";

/** How long it may take to end, in milliseconds. */
const PATIENCE = 2000;

/** What the end that serves says first, with `--json`. */
export interface Serving {
  /** The address that it is bound to. */
  readonly serving: string;
}

/** An end in a process of its own. */
export class OwnEnd implements AsyncDisposable {
  /** The address that it is bound to. */
  readonly address: string;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, address: string) {
    this.#child = child;
    this.address = address;
  }

  /** Starts it, and waits until it is bound. @throws {Failure} with its own words if it cannot. */
  static async start(): Promise<OwnEnd> {
    const [command, ...before] = program();
    const own = ["bench", "--serve", "--until-eof", "--json", ...process.argv.slice(3)];
    const child = spawn(command!, [...before, ...own], { stdio: ["pipe", "pipe", "pipe"] });
    let complaint = "";
    child.stderr!.setEncoding("utf8").on("data", (text: string) => complaint += text);
    const ended = new Promise<never>((_, reject) => {
      child.once("error", (cause) => {
        const what = `cannot start the other end: ${cause.message}`;
        reject(new Failure(EXIT.failed, what, { cause }));
      });
      child.once("close", (code) => {
        const what = complaint.trim().split("\n").at(-1) ?? "";
        const status = code === null || code === EXIT.ok ? EXIT.failed : code;
        reject(
          new Failure(status, what.replace(/^nanostreams: /, "") || "the other end has ended"),
        );
      });
    });
    const first = new Promise<string>((resolve) => {
      createInterface({ input: child.stdout! }).once("line", resolve);
    });
    // It may as well end later, which the end that measures sees by itself.
    ended.catch(() => {});
    const line = await Promise.race([first, ended]);
    return new OwnEnd(child, (JSON.parse(line) as Serving).serving);
  }

  /** Ends it. */
  async [Symbol.asyncDispose](): Promise<void> {
    const child = this.#child;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const closed = new Promise((resolve) => child.once("close", resolve));
    const timer = setTimeout(() => child.kill("SIGKILL"), PATIENCE);
    child.stdin!.end();
    await closed;
    clearTimeout(timer);
  }
}

/** The words that start this program. */
function program(): string[] {
  const { execPath, execArgv, argv } = process;
  const runtime = /^(node|bun|deno)/.exec(basename(execPath))?.[1];
  // A single file that was compiled is the program itself.
  if (runtime === undefined) return [execPath];
  const script = argv[1]!;
  return runtime === "deno"
    ? [execPath, "run", "--allow-all", "--quiet", script]
    : [execPath, ...execArgv, script];
}
