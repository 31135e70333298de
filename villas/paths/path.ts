import { ConfigError, type Setting } from "../config/setting.ts";
import { Settings } from "../config/settings.ts";
import { Log } from "../gateway/log.ts";
import type { GatewayNode, Surroundings } from "../gateway/node.ts";
import { HookChain } from "../hooks/chain.ts";
import { now, type Sample } from "../model/sample.ts";
import { ticks } from "../model/schedule.ts";
import type { Signal, Value } from "../model/signal.ts";
import { Mapped, type Mapping, parseMapping } from "./mapping.ts";

/** What a path did so far. */
export interface PathStats {
  /** Samples that came from its sources. */
  read: number;
  /** Samples that went to its destinations. */
  written: number;
}

/** The settings of a path, before its nodes are known. */
export interface PathPlan {
  /** All of its settings. */
  readonly settings: Settings;
  /** Which values it takes from where, in the order of `in`. */
  readonly mappings: readonly Mapping[];
  /** The names of the nodes that it reads from. */
  readonly sources: readonly string[];
  /** The names of the nodes that it writes to. */
  readonly destinations: readonly string[];
}

/**
 * Reads the settings of a path.
 *
 * @returns The path, and with `reverse` a second one; none if it is not enabled.
 * @throws {ConfigError} If they are wrong.
 */
export function planPath(setting: Setting, number: number): PathPlan[] {
  if (setting.kind !== "group") {
    throw new ConfigError(setting.at, `Invalid "paths": expected a group for each path`);
  }
  const settings = new Settings(setting, `paths[${number}]`);
  const sources = settings.strings("in");
  if (sources === undefined) throw settings.error("in", `Missing "${settings.path}.in"`);
  const { at } = settings.get("in")!;
  const mappings = sources.map((text) => parseMapping(text, at));
  const destinations = settings.strings("out") ?? [];
  if (!(settings.boolean("enabled") ?? true)) return [];
  const plan: PathPlan = {
    settings,
    mappings,
    sources: [...new Set(mappings.map(({ node }) => node))],
    destinations,
  };
  if (!(settings.boolean("reverse") ?? false)) return [plan];
  const [source, destination] = [sources[0]!, destinations[0]!];
  if (sources.length !== 1 || destinations.length !== 1 || mappings[0]!.node !== source) {
    throw settings.error("reverse", "Cannot reverse a path: expected one node each, in and out");
  }
  return [plan, {
    settings,
    mappings: [parseMapping(destination, at)],
    sources: [destination],
    destinations: [source],
  }];
}

/** A path: samples of some nodes are put together, sent through hooks, and on to other nodes. */
export class Path {
  /** Its nodes, as the log names it: `[ meter ] => [ file ]`. */
  readonly title: string;
  /** The nodes that it reads from. */
  readonly sources: readonly GatewayNode[];
  /** The nodes that it writes to. */
  readonly destinations: readonly GatewayNode[];
  /** What it did so far; counts up in place. */
  readonly stats: PathStats = { read: 0, written: 0 };
  /** Takes what goes on, for who watches. */
  watcher: ((samples: readonly Sample[]) => void) | undefined;
  readonly #plan: PathPlan;
  readonly #mapped: ReadonlyMap<GatewayNode, readonly Mapped[]>;
  readonly #signals: readonly Signal[];
  readonly #all: boolean;
  readonly #mask: ReadonlySet<GatewayNode>;
  readonly #rate: number;
  readonly #numbers: boolean;
  readonly #log: Log;
  readonly #surroundings: Surroundings;
  readonly #stopped = new AbortController();
  readonly #values: Value[] = [];
  readonly #pending: Set<GatewayNode>;
  #hooks: HookChain | undefined;
  #next = 0n;
  #last: Sample | undefined;
  #repeating: Promise<void> | undefined;

  /**
   * Joins a path to its nodes. Their signals have to be known.
   *
   * @throws {ConfigError} If a mapping does not fit them.
   */
  constructor(plan: PathPlan, nodes: ReadonlyMap<string, GatewayNode>, surroundings: Surroundings) {
    const { settings, mappings } = plan;
    this.#plan = plan;
    this.#surroundings = surroundings;
    this.sources = plan.sources.map((name) => nodes.get(name)!);
    this.destinations = plan.destinations.map((name) => nodes.get(name)!);
    this.title = `[ ${plan.sources.join(" ")} ] => [ ${plan.destinations.join(" ")} ]`;
    this.#log = new Log(surroundings.log, "path");
    const mapped = new Map<GatewayNode, Mapped[]>();
    const signals: Signal[] = [];
    for (const mapping of mappings) {
      const node = nodes.get(mapping.node)!;
      const one = new Mapped(mapping, node.signals, signals.length);
      signals.push(...one.signals);
      mapped.set(node, [...mapped.get(node) ?? [], one]);
    }
    this.#mapped = mapped;
    this.#signals = signals;
    this.#all = settings.oneOf("mode", ["any", "all"]) === "all";
    this.#rate = settings.number("rate", 0) ?? 0;
    const own = !(settings.boolean("original_sequence_no") ?? this.sources.length === 1);
    this.#numbers = own || (this.#rate > 0 && settings.get("original_sequence_no") === undefined);
    this.#mask = this.#masked();
    this.#pending = new Set(this.#mask);
  }

  /** The sources whose samples make the path send one. */
  #masked(): ReadonlySet<GatewayNode> {
    const { settings } = this.#plan;
    const names = settings.strings("mask");
    if (names === undefined) return new Set(this.sources);
    return new Set(names.map((name) => {
      const node = this.sources.find((one) => one.name === name);
      if (node === undefined) {
        const wanted = `one of ${this.sources.map((one) => one.name).join(", ")}`;
        throw settings.wrong("mask", wanted, settings.get("mask")!);
      }
      return node;
    }));
  }

  /** What its samples have, behind its hooks. Known after `prepare`. */
  get signals(): readonly Signal[] {
    return this.#hooks?.signals ?? this.#signals;
  }

  /** Makes its hooks. */
  async prepare(): Promise<void> {
    this.#hooks = await HookChain.create(this.#plan.settings.list("hooks") ?? [], false, {
      owner: this.title,
      firstSequence: 0n,
      log: this.#log,
      print: this.#surroundings.print,
      signals: this.#signals,
    });
  }

  /** Begins to repeat samples, if it has a rate. */
  start(): void {
    this.#log.info(`Starting path ${this.title}: #in.nodes=${this.sources.length}`);
    if (this.#rate > 0) this.#repeating = this.#repeat();
  }

  /** Takes samples of one of its sources. */
  async take(source: GatewayNode, samples: readonly Sample[]): Promise<void> {
    this.stats.read += samples.length;
    const ready: Sample[] = [];
    for (const sample of samples) {
      const put = this.#put(source, sample);
      if (put !== undefined) ready.push(put);
    }
    if (ready.length > 0) await this.#send(ready);
  }

  /** Puts a sample among the others; returns what is to be sent, if it is time. */
  #put(source: GatewayNode, sample: Sample): Sample | undefined {
    for (const mapped of this.#mapped.get(source) ?? []) {
      mapped.update(this.#values, sample, this.#signals);
    }
    this.#last = { ...sample, signals: this.#signals, values: this.#values.slice() };
    this.#pending.delete(source);
    if (!this.#mask.has(source)) return undefined;
    if (this.#all && this.#pending.size > 0) return undefined;
    if (this.#all) { for (const node of this.#mask) this.#pending.add(node); }
    return this.#numbered(this.#last);
  }

  #numbered(sample: Sample): Sample {
    return this.#numbers ? { ...sample, sequence: this.#next++ } : sample;
  }

  async #send(ready: readonly Sample[]): Promise<void> {
    const samples = this.#hooks!.process(ready);
    if (samples.length === 0) return;
    this.watcher?.(samples);
    this.stats.written += samples.length;
    for (const destination of this.destinations) await destination.write(samples);
  }

  /** Sends the last sample again and again. */
  async #repeat(): Promise<void> {
    for await (const { count } of ticks(this.#rate, this.#stopped.signal)) {
      for (let n = 0; n < count && this.#last !== undefined; n++) {
        await this.#send([this.#numbered({ ...this.#last, origin: now() })]);
      }
    }
  }

  /** Ends it. */
  async stop(): Promise<void> {
    this.#log.info(`Stopping path ${this.title}`);
    this.#stopped.abort();
    await this.#repeating;
    await this.#hooks?.stop();
  }
}
