import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { type Answer, Child } from "../lib/child.ts";
import type { Plan, Row, Runtime } from "../lib/part.ts";
import { programOf } from "../peers/programs.ts";

/** Who plays the roles: this library on a runtime, or another. */
export interface Company {
  /** As in findings. */
  readonly name: string;
  /** Whether it is this library. */
  readonly isOurs: boolean;
  /** Starts a process that will answer `play`. */
  start(role: string, settings: Settings): Child | Promise<Child>;
  /** Where a role may bind. */
  freshAddress(): Promise<string>;
}

/** What a role is told: see `workers/worker.ts`. */
export interface Settings {
  readonly bind?: string;
  readonly connect?: readonly string[];
  readonly record?: string;
  readonly rate?: number;
  readonly inFlight?: number;
  readonly life?: number;
}

const titles: Readonly<Record<Runtime, string>> = { deno: "Deno", bun: "Bun", node: "Node" };

/** Where processes run, if not simply here. */
export interface Host {
  /** What stands before a command: `["ip", "netns", "exec", "left"]`. */
  readonly before: readonly string[];
  /** The host's address. */
  readonly ip: string;
}

/** This library on a runtime. */
export function ours(runtime: Runtime, host?: Host): Company {
  const worker = new URL("workers/worker.ts", import.meta.url);
  return {
    name: `ours, ${titles[runtime]}`,
    isOurs: true,
    start: () => Child.of(runtime, worker, host),
    freshAddress: () => Promise.resolve(`tcp://${host?.ip ?? "127.0.0.1"}:0`),
  };
}

/** libnanomsg, libnng or zeromq.js, with the roles of `../peers`. */
export function others(plan: Plan, host?: Host): Company[] {
  return plan.others.filter(({ family }) => family !== "bare").map((row) => company(row, host));
}

/** The last port that was used on a host of our own. */
let lastPort = 5_000;

function company(row: Row, host?: Host): Company {
  return {
    name: row.name,
    isOurs: false,
    start: (role, settings) => {
      const said = Object.entries(settings).map(([key, value]) => `${key}=${value}`);
      return new Child(row.name, [...programOf(row), role, ...said], host);
    },
    freshAddress: async () => {
      if (host !== undefined) return `tcp://${host.ip}:${++lastPort}`;
      // Only now: it makes a folder, and looks for processors.
      const { freshAddress } = await import("../../bench/lib/lab.ts");
      return await freshAddress("tcp");
    },
  };
}

/** Processes and files that go when all is over. */
export class Stage implements AsyncDisposable {
  readonly #folder = mkdtempSync(join(tmpdir(), "prove-"));
  readonly #children = new Set<Child>();
  readonly #atExit = (): void => rmSync(this.#folder, { recursive: true, force: true });
  #files = 0;

  constructor() {
    process.on("exit", this.#atExit);
  }

  /** Has a company play a role; resolves when it does. */
  async play(
    company: Company,
    role: string,
    settings: Settings,
  ): Promise<{ child: Child; address: string }> {
    const child = await company.start(role, settings);
    this.#children.add(child);
    child.ended.then(() => this.#children.delete(child));
    const { address = settings.bind } = await child.ask("play", { role, ...settings });
    return { child, address: String(address) };
  }

  /** A path that nobody uses. */
  freshFile(): string {
    return join(this.#folder, String(++this.#files));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(Array.from(this.#children, (child) => child.kill()));
    this.#atExit();
    process.off("exit", this.#atExit);
  }
}

/** A number that a worker has answered. */
export function numberOf(answer: Answer, name: string): number {
  return Number(answer[name] ?? 0);
}

/** All drops of an answer's `drops`, and what they were. */
export function dropsOf(answer: Answer): { total: number; text: string } {
  const drops = Object.entries((answer.drops ?? {}) as Readonly<Record<string, number>>);
  const total = drops.reduce((sum, [, count]) => sum + count, 0);
  const text = drops.map(([reason, count]) => `${count} ${reason}`).join(", ");
  return { total, text: text === "" ? "none" : text };
}
