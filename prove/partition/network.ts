import { execFile, spawnSync } from "node:child_process";
import process from "node:process";
import { promisify } from "node:util";
import type { Host } from "../faults/actors.ts";
import { sleep } from "../faults/member.ts";
import type { Random } from "../lib/random.ts";

const run = promisify(execFile);

/** What the names of our namespaces begin with; the process's id follows. */
const PREFIX = "prove-";
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** One of the two hosts. */
interface Side extends Host {
  readonly namespace: string;
  readonly link: string;
  readonly mac: string;
}

let last = 0;

/**
 * Two hosts, each a network namespace, and a cable between them: a pair of `veth`. Each knows where the other is, so that a broken cable
 * is silence, and no host that cannot be reached. It is gone when it is disposed of, or the process ends.
 */
export class Network implements AsyncDisposable {
  readonly left: Side;
  readonly right: Side;
  /** What `lossy` does. */
  lossiness = "10 % loss, 20 ms delay, 10 ms jitter (netem)";
  readonly #atExit = (): void => this.#remove();
  readonly #atSignal = (): never => process.exit(130); // By way of `exit`.

  /** Makes it. Throws if it may not. */
  constructor() {
    sweep();
    const name = `${process.pid}-${++last}`;
    const side = (letter: string, number: number): Side => ({
      namespace: `${PREFIX}${name}${letter}`,
      before: ["ip", "netns", "exec", `${PREFIX}${name}${letter}`],
      ip: `10.77.0.${number}`,
      link: `pv${name}${letter}`.slice(-15),
      mac: `02:00:00:00:00:0${number}`,
    });
    this.left = side("l", 1);
    this.right = side("r", 2);
    process.on("exit", this.#atExit);
    for (const signal of SIGNALS) process.on(signal, this.#atSignal);
    try {
      this.#make();
    } catch (error) {
      this.#remove();
      throw error;
    }
  }

  /** The namespaces of this process that there are. */
  static list(): string[] {
    const { stdout } = spawnSync("ip", ["netns", "list"], { encoding: "utf8" });
    return Array.from(
      (stdout ?? "").matchAll(/^prove-(\d+)-\S+/gm),
      ([namespace, pid]) => pid === String(process.pid) ? [namespace] : [],
    ).flat();
  }

  /** Why there can be none here; undefined if there can. */
  static missing(): string | undefined {
    if (process.platform !== "linux") return "needs Linux";
    if (process.getuid?.() !== 0) return "needs root";
    if (spawnSync("ip", ["-V"]).status !== 0) return "needs ip: apt-get install iproute2";
    if (spawnSync("tc", ["-V"]).status !== 0) return "needs tc: apt-get install iproute2";
    try {
      new Network().#remove();
    } catch (error) {
      return `no network namespace can be made: ${(error as Error).message}`;
    }
  }

  /** Nothing passes any more, and nobody is told. */
  async silence(): Promise<void> {
    await this.#shape(["blackhole"]);
  }

  /** The link is down, at both ends. */
  async down(): Promise<void> {
    await this.#each(({ namespace, link }) => ["ip", "-n", namespace, "link", "set", link, "down"]);
  }

  /** All is well again. */
  async heal(): Promise<void> {
    await this.#each(({ namespace, link }) => ["ip", "-n", namespace, "link", "set", link, "up"]);
    // Linux forgets the neighbours of a link that was down.
    await this.#each((side) => this.#neighbour(side));
    await this.#shape(["pfifo"]);
  }

  /** Loses and delays for so many milliseconds, then heals. */
  async lossy(milliseconds: number, random: Random): Promise<void> {
    try {
      await this.#shape(["netem", "loss", "10%", "delay", "20ms", "10ms"]);
      await sleep(milliseconds);
    } catch {
      // This kernel has no netem: nothing passes for a moment, again and again.
      this.lossiness = "10 to 60 ms without a packet, each 100 to 200 ms (no netem here)";
      const until = Date.now() + milliseconds;
      while (Date.now() < until) {
        await this.silence();
        await sleep(10 + random.below(50));
        await this.#shape(["pfifo"]);
        await sleep(100 + random.below(100));
      }
    }
    await this.heal();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#remove();
    return Promise.resolve();
  }

  #make(): void {
    const { left, right } = this;
    for (const { namespace } of [left, right]) {
      must("ip", "netns", "add", namespace);
      must("ip", "-n", namespace, "link", "set", "lo", "up");
    }
    const end = (
      { namespace, link, mac }: Side,
    ): string[] => [link, "netns", namespace, "address", mac];
    const [leftName = "", ...leftRest] = end(left);
    must(
      ...["ip", "link", "add", "name", leftName, ...leftRest.slice(0, 2), "address", left.mac],
      ...["type", "veth", "peer", "name", ...end(right)],
    );
    for (const side of [left, right]) {
      must("ip", "-n", side.namespace, "addr", "add", `${side.ip}/24`, "dev", side.link);
      must("ip", "-n", side.namespace, "link", "set", side.link, "up");
      must(...this.#neighbour(side));
    }
  }

  #neighbour(side: Side): [string, ...string[]] {
    const other = side === this.left ? this.right : this.left;
    return [
      ...["ip", "-n", side.namespace, "neigh", "replace", other.ip] as const,
      ...["lladdr", other.mac, "dev", side.link, "nud", "permanent"],
    ];
  }

  #shape(discipline: readonly string[]): Promise<void> {
    return this.#each(({ namespace, link }) => [
      ...["tc", "-n", namespace, "qdisc", "replace", "dev", link, "root"] as const,
      ...discipline,
    ]);
  }

  async #each(command: (side: Side) => readonly [string, ...string[]]): Promise<void> {
    await Promise.all([this.left, this.right].map((side) => {
      const [program, ...rest] = command(side);
      return run(program, rest);
    }));
  }

  #remove(): void {
    process.off("exit", this.#atExit);
    for (const signal of SIGNALS) process.off(signal, this.#atSignal);
    // The pair goes with its namespaces.
    for (const { namespace } of [this.left, this.right]) {
      spawnSync("ip", ["netns", "delete", namespace]);
    }
  }
}

function must(...[program, ...rest]: [string, ...string[]]): void {
  const { status, stderr } = spawnSync(program, rest, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${program} ${rest.join(" ")}: ${stderr.trim()}`);
}

/** Removes what processes have left that were killed. */
function sweep(): void {
  const { stdout } = spawnSync("ip", ["netns", "list"], { encoding: "utf8" });
  for (const [, namespace = "", pid] of (stdout ?? "").matchAll(/^(prove-(\d+)-\S+)/gm)) {
    try {
      process.kill(Number(pid), 0);
    } catch {
      spawnSync("ip", ["netns", "delete", namespace]);
    }
  }
}
