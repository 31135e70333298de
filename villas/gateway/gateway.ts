import { type GroupSetting, toSetting } from "../config/setting.ts";
import { Settings } from "../config/settings.ts";
import { Path, type PathPlan, planPath } from "../paths/path.ts";
import { sleep } from "../model/schedule.ts";
import { LiveServer } from "./live_server.ts";
import { Log, type LogSink } from "./log.ts";
import { GatewayNode, type NodeStats, type Surroundings } from "./node.ts";

/** Options of a {@linkcode Gateway}. */
export interface GatewayOptions {
  /** Takes the lines that are logged; default none. */
  readonly log?: LogSink;
  /** Takes what the hook `print` shows; default `console.log`. */
  readonly print?: (text: string) => void;
}

/** How long samples may take from a source that was stopped to where they go to, in milliseconds. */
const ON_THEIR_WAY = 200;

/** What a gateway did so far. */
export interface GatewayStats {
  /** What each node did, by its name. */
  readonly nodes: Readonly<Record<string, NodeStats>>;
  /** What each path did, in the order of the configuration. */
  readonly paths: readonly { readonly title: string; read: number; written: number }[];
}

/**
 * The nodes and paths of a configuration.
 *
 * @example
 * ```ts
 * import { Gateway } from "@nanostreams/nanostreams/villas";
 *
 * const gateway = new Gateway({
 *   nodes: {
 *     waves: { type: "signal", signal: ["sine", "ramp"], rate: 100, limit: 5 },
 *     lab: { type: "nanomsg", out: { endpoints: "tcp://127.0.0.1:0" } },
 *   },
 *   paths: [{ in: "waves", out: "lab" }],
 * });
 * await gateway.start();
 * await gateway.ended; // The signals have reached their limit.
 * await gateway.stop();
 * ```
 */
export class Gateway {
  /** Resolves when no path has a source that goes on, or a node ends the program. Never rejects. */
  readonly ended: Promise<void>;
  /** The nodes by name, in the order of the configuration. */
  readonly nodes: ReadonlyMap<string, GatewayNode>;
  /** Whether the configuration wants the program to end with its paths: `idle_stop`. */
  readonly idleStop: boolean;
  readonly #plans: readonly PathPlan[];
  readonly #log: Log;
  readonly #surroundings: Surroundings;
  #paths: readonly Path[] = [];
  #end: () => void = () => {};
  #reading: Promise<void>[] = [];
  #state: "new" | "running" | "stopped" = "new";
  /** Whether a node has ended that the program is to end with. */
  endsProgram = false;

  /**
   * Checks a configuration, without opening anything.
   *
   * @param config What `loadConfig` returns, or a plain object.
   * @param options Where lines go.
   * @throws {ConfigError} With the place of what is wrong.
   */
  constructor(config: GroupSetting | object, options: GatewayOptions = {}) {
    const { log = () => {}, print = (text) => console.log(text.trimEnd()) } = options;
    this.#log = new Log(log, "super_node");
    const group = isGroup(config) ? config : toSetting(config) as GroupSetting;
    const settings = new Settings(group);
    this.#surroundings = { log, print, live: new LiveServer(settings.settings("http")) };
    this.idleStop = settings.boolean("idle_stop") ?? false;
    const nodes = new Map<string, GatewayNode>();
    for (const [name, setting] of settings.settings("nodes")?.group.entries ?? []) {
      nodes.set(name, new GatewayNode(name, setting, this.#surroundings));
    }
    this.nodes = nodes;
    this.#plans = (settings.list("paths") ?? []).flatMap(planPath);
    this.#checkPaths();
    this.ended = new Promise((resolve) => this.#end = resolve);
  }

  /** The paths; known once it is started. */
  get paths(): readonly Path[] {
    return this.#paths;
  }

  #checkPaths(): void {
    const taken = new Map<string, string>();
    for (const { settings, sources, destinations } of this.#plans) {
      for (const [key, names] of [["in", sources], ["out", destinations]] as const) {
        for (const name of names) {
          const node = this.nodes.get(name);
          if (node === undefined) {
            const known = [...this.nodes.keys()].join(", ");
            throw settings.error(key, `Invalid node name "${name}": there are: ${known}`);
          }
          const can = key === "in" ? node.canRead : node.canWrite;
          const verb = key === "in" ? "read from" : "write to";
          if (!can) throw settings.error(key, `Cannot ${verb} node ${node.title}`);
        }
      }
      for (const name of destinations) {
        if (taken.has(name)) {
          throw settings.error(
            "out",
            `Node "${name}" is the destination of ${
              taken.get(name)
            } already: expected only one path`,
          );
        }
        taken.set(name, settings.path);
      }
    }
  }

  /** Whether a path has a node. */
  #isUsed(name: string): boolean {
    return this.#plans.some(({ sources, destinations }) =>
      sources.includes(name) || destinations.includes(name)
    );
  }

  /**
   * Makes every hook and path, without opening anything.
   *
   * @throws {ConfigError} If a hook or a mapping is wrong.
   */
  async prepare(): Promise<void> {
    if (this.#paths.length > 0) return;
    for (const node of this.nodes.values()) await node.prepareToRead();
    const paths = this.#plans
      .filter(({ sources, destinations }) =>
        [...sources, ...destinations].every((name) => this.nodes.get(name)!.isEnabled)
      )
      .map((plan) => new Path(plan, this.nodes, this.#surroundings));
    for (const path of paths) {
      await path.prepare();
      for (const node of path.destinations) await node.prepareToWrite(path.signals);
    }
    this.#paths = paths;
  }

  /**
   * Opens all nodes that a path uses, and begins.
   *
   * @throws {ConfigError} If the configuration is wrong.
   * @throws {Error} If a node cannot be opened; then all are closed again. If it was started before.
   */
  async start(): Promise<void> {
    if (this.#state !== "new") throw new Error("Cannot start a gateway twice: make another one");
    await this.prepare();
    for (const node of this.nodes.values()) {
      if (!this.#isUsed(node.name)) {
        this.#log.info(`Node ${node.title} is not used by any path. Disabling...`);
      }
    }
    this.#state = "running";
    const used = [...this.nodes.values()].filter(({ name, isEnabled }) =>
      isEnabled && this.#isUsed(name)
    );
    try {
      for (const node of used) await node.start();
    } catch (error) {
      await this.stop();
      throw error;
    }
    for (const path of this.#paths) path.start();
    const sources = used.filter((node) => this.#paths.some((path) => path.sources.includes(node)));
    this.#reading = sources.map((node) => this.#read(node));
    this.#log.info("Started");
    if (sources.length > 0 || this.idleStop) {
      void Promise.all(this.#reading).then(() => this.#idle());
    }
  }

  /** Hands the samples of a node to its paths until there are no more. */
  async #read(node: GatewayNode): Promise<void> {
    const paths = this.#paths.filter(({ sources }) => sources.includes(node));
    try {
      for await (const samples of node.read()) {
        for (const path of paths) await path.take(node, samples);
      }
    } catch (error) {
      if (this.#state !== "running") return;
      const reason = error instanceof Error ? error.message : String(error);
      this.#log.error(`Node ${node.title} failed: ${reason}`);
    }
    if (this.#state !== "running" || !node.endsProgram) return;
    this.endsProgram = true;
    this.#end();
  }

  /** No path has a source any more. */
  #idle(): void {
    const then = this.idleStop ? " Stopping super-node" : "";
    if (this.#state === "running") this.#log.info(`No more active paths.${then}`);
    this.#end();
  }

  /** What was counted so far. */
  stats(): GatewayStats {
    return {
      nodes: Object.fromEntries(
        [...this.nodes.values()].map(({ name, stats }) => [name, { ...stats }]),
      ),
      paths: this.#paths.map(({ title, stats }) => ({ title, ...stats })),
    };
  }

  /** Stops the paths, then the nodes: what is on its way is sent. */
  async stop(): Promise<void> {
    if (this.#state === "stopped") return;
    this.#state = "stopped";
    // One that repeats samples may wait for a node to take them, until that is stopped.
    const paths = this.#paths.map((path) => path.stop());
    const nodes = [...this.nodes.values()];
    const isTarget = (node: GatewayNode): boolean =>
      this.#paths.some(({ destinations }) => destinations.includes(node));
    // First what samples come from: those on their way still find where they go to.
    const first = await Promise.allSettled(
      nodes.filter((node) => !isTarget(node)).map((node) => node.stop()),
    );
    const soon = new AbortController();
    await Promise.race([Promise.all(this.#reading), sleep(ON_THEIR_WAY, soon.signal)]);
    soon.abort();
    const rest = await Promise.allSettled(nodes.map((node) => node.stop()));
    await Promise.all(this.#reading);
    const last = await Promise.allSettled(paths);
    this.#end();
    for (const result of [...first, ...rest, ...last]) {
      if (result.status === "rejected") this.#log.error(`Cannot stop: ${result.reason}`);
    }
  }

  /** As `stop`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}

function isGroup(config: object): config is GroupSetting {
  return "kind" in config && config.kind === "group" && "entries" in config;
}
