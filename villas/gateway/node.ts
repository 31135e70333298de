import { ConfigError, NOWHERE, type Setting, toSetting } from "../config/setting.ts";
import { Settings } from "../config/settings.ts";
import { parseSignals } from "../config/signals.ts";
import type { Codec, Mode } from "../formats/format.ts";
import { chooseFormat } from "../formats/table.ts";
import { HookChain } from "../hooks/chain.ts";
import type { Sample } from "../model/sample.ts";
import type { Signal } from "../model/signal.ts";
import type { Node, NodeContext, NodeType } from "../nodes/node.ts";
import { NODE_TYPES } from "../nodes/table.ts";
import type { LiveServer } from "./live_server.ts";
import { Log, type LogSink } from "./log.ts";

/** What a node did so far. */
export interface NodeStats {
  /** Samples that came, before any hook. */
  read: number;
  /** Samples that were written. */
  written: number;
  /** Messages or lines that could not be read. */
  malformed: number;
  /** Samples that could not be written. */
  dropped: number;
}

/** What the parts of a gateway share. */
export interface Surroundings {
  /** Takes the lines that are logged. */
  readonly log: LogSink;
  /** Takes text for the standard output. */
  readonly print: (text: string) => void;
  /** The gateway's server of WebSockets. */
  readonly live: LiveServer;
}

const NAME = /^[a-z0-9_-]{2,32}$/;
/** What a node's settings pass on to its directions. */
const INHERITED = ["signals", "builtin", "vectorize", "hooks"];

/** A node of a gateway: a node-type at work, with hooks before and behind it, and a count of everything. */
export class GatewayNode {
  /** Its name in the configuration. */
  readonly name: string;
  /** What kind of node it is. */
  readonly type: NodeType;
  /** Whether it is to be started: its setting `enabled`. */
  readonly isEnabled: boolean;
  /** What it did so far; counts up in place. */
  readonly stats: NodeStats = { read: 0, written: 0, malformed: 0, dropped: 0 };
  readonly #node: Node;
  readonly #settings: Settings;
  /** What the node itself reads. */
  readonly #signals: readonly Signal[];
  readonly #log: Log;
  readonly #in: Direction;
  readonly #out: Direction;
  readonly #surroundings: Surroundings;
  readonly #firstSequence: bigint;
  #read: HookChain | undefined;
  #write: HookChain | undefined;
  #waiting: Sample[] = [];
  #isStarted = false;

  /**
   * Checks the settings of a node.
   *
   * @throws {ConfigError} If they are wrong.
   */
  constructor(name: string, setting: Setting, surroundings: Surroundings) {
    const path = `nodes.${name}`;
    if (!NAME.test(name)) {
      throw new ConfigError(
        setting.at,
        `Invalid node name "${name}": expected 2 to 32 of a-z, 0-9, _ and -`,
      );
    }
    if (setting.kind !== "group") {
      throw new ConfigError(setting.at, `Invalid "${path}": expected a group`);
    }
    const settings = new Settings(setting, path);
    this.#settings = settings;
    this.name = name;
    this.type = nodeType(settings);
    this.isEnabled = settings.boolean("enabled") ?? true;
    this.#surroundings = surroundings;
    this.#log = new Log(surroundings.log, `node:${name}`);
    this.#firstSequence = BigInt(settings.integer("initial_sequenceno", 0) ?? 0);
    const input = inherit(settings, "in");
    const output = inherit(settings, "out");
    const partial = {
      name,
      settings,
      in: input,
      out: output,
      log: this.#log,
      live: surroundings.live,
      format: (wanted: string, mode: Mode, options = { offset: true }) =>
        this.#format(wanted, mode, options.offset),
      malformed: (reason: string) => this.#malformed(reason),
      dropped: (count: number, reason: string) => this.#dropped(count, reason),
    };
    const signals = this.type.signals?.(partial) ?? parseSignals(input.get("signals"));
    this.#in = direction(input);
    this.#out = direction(output);
    const context: NodeContext = { ...partial, signals };
    this.#node = this.type.create(context);
    this.#signals = this.#node.signals ?? signals;
  }

  /** As the log has it: `meter(nanomsg)`. */
  get title(): string {
    return `${this.name}(${this.type.name})`;
  }

  /** A few words about its settings. */
  get details(): string {
    return this.#node.details ?? "";
  }

  /** What its samples have, behind its hooks. Known after `prepareToRead`. */
  get signals(): readonly Signal[] {
    return this.#read?.signals ?? this.#signals;
  }

  /** Whether samples come from it. */
  get canRead(): boolean {
    return this.#node.read !== undefined;
  }

  /** Whether it takes samples. */
  get canWrite(): boolean {
    return this.#node.write !== undefined;
  }

  /** Whether the gateway ends with it. */
  get endsProgram(): boolean {
    return this.#node.endsProgram ?? false;
  }

  /**
   * Makes the hooks of what it reads, and checks its format.
   *
   * @throws {ConfigError} If there is none of a name.
   */
  async prepareToRead(): Promise<void> {
    if (this.#settings.get("format") !== undefined) await this.#format("", "message", false);
    this.#read = await this.#chain(this.#in, this.#in.builtin, this.#signals);
  }

  /**
   * Makes the hooks of what it writes.
   *
   * @param signals What the samples have that it will be given; default what it reads.
   * @throws {ConfigError} If there is none of a name.
   */
  async prepareToWrite(signals: readonly Signal[] = this.#signals): Promise<void> {
    this.#write = await this.#chain(this.#out, false, signals);
  }

  #chain(from: Direction, builtin: boolean, signals: readonly Signal[]): Promise<HookChain> {
    return HookChain.create(from.hooks, builtin, {
      owner: this.name,
      firstSequence: this.#firstSequence,
      log: this.#log,
      print: this.#surroundings.print,
      signals,
    });
  }

  /** Opens it. */
  async start(): Promise<void> {
    this.#log.info(`Starting node ${this.title}${this.details && `: ${this.details}`}`);
    this.#isStarted = true;
    await this.#node.start();
  }

  /** The samples that come, behind its hooks, `in.vectorize` at a time. */
  async *read(): AsyncGenerator<readonly Sample[]> {
    if (this.#node.read === undefined) return;
    const { vectorize } = this.#in;
    let waiting: Sample[] = [];
    for await (const batch of this.#node.read()) {
      this.stats.read += batch.length;
      const samples = this.#read!.process(batch);
      if (vectorize === 1 && samples.length > 0) yield samples;
      if (vectorize === 1) continue;
      waiting = waiting.concat(samples);
      const whole = waiting.length - waiting.length % vectorize;
      if (whole > 0) yield waiting.slice(0, whole);
      waiting = waiting.slice(whole);
    }
    if (waiting.length > 0) yield waiting;
  }

  /** Takes samples. They go on, `out.vectorize` at a time, behind the hooks. */
  async write(samples: readonly Sample[]): Promise<void> {
    const { vectorize } = this.#out;
    const kept = this.#write?.process(samples) ?? samples;
    for (const sample of kept) this.#waiting.push(sample);
    while (this.#waiting.length >= vectorize) await this.#send(this.#waiting.splice(0, vectorize));
  }

  /** Sends what waits for more to come with it. */
  async flush(): Promise<void> {
    if (this.#waiting.length > 0) await this.#send(this.#waiting.splice(0));
  }

  async #send(samples: readonly Sample[]): Promise<void> {
    const before = this.stats.dropped;
    try {
      await this.#node.write!(samples);
    } catch (error) {
      // A disk that is full, say: the source and its other paths go on.
      const reason = error instanceof Error ? error.message : String(error);
      this.#dropped(samples.length, reason);
    }
    this.stats.written += samples.length - (this.stats.dropped - before);
  }

  /** Sends what waits, and closes it. */
  async stop(): Promise<void> {
    if (!this.#isStarted) return;
    this.#isStarted = false;
    this.#log.info(`Stopping node ${this.title}`);
    try {
      if (this.canWrite) await this.flush();
    } finally {
      await this.#node.stop();
      await this.#read?.stop();
      await this.#write?.stop();
    }
  }

  async #format(name: string, mode: Mode, offset: boolean): Promise<Codec> {
    const chosen = chooseFormat(this.#settings.get("format") ?? toSetting(name));
    return await chosen.format.open({
      settings: chosen.settings,
      mode,
      offset,
      signals: this.#signals,
      problem: (error) => this.#malformed(error.message),
    });
  }

  #malformed(reason: string): void {
    this.stats.malformed++;
    this.#log.often(
      "malformed",
      `Failed to read samples from node ${this.title}: reason=${reason}`,
    );
  }

  #dropped(count: number, reason: string): void {
    this.stats.dropped += count;
    this.#log.often(
      "dropped",
      `Failed to send samples to node ${this.title}: reason=${reason}`,
    );
  }
}

/** What both directions of a node have. */
interface Direction {
  readonly vectorize: number;
  readonly builtin: boolean;
  readonly hooks: readonly Setting[];
}

function direction(settings: Settings): Direction {
  return {
    vectorize: settings.integer("vectorize", 1) ?? 1,
    builtin: settings.boolean("builtin") ?? true,
    hooks: settings.list("hooks") ?? [],
  };
}

/** The settings of a direction, with those of the node that it does not have itself. */
function inherit(settings: Settings, name: "in" | "out"): Settings {
  const own = settings.settings(name);
  const entries = new Map(own?.group.entries);
  for (const key of INHERITED) {
    const setting = settings.get(key);
    if (setting !== undefined && !entries.has(key)) entries.set(key, setting);
  }
  const at = own?.group.at ?? settings.group.at ?? NOWHERE;
  return new Settings({ kind: "group", at, entries }, `${settings.path}.${name}`);
}

function nodeType(settings: Settings): NodeType {
  const name = settings.string("type");
  if (name === undefined) throw settings.error("type", `Missing "${settings.path}.type"`);
  const type = NODE_TYPES.find((one) => one.name === name);
  if (type !== undefined) return type;
  const known = NODE_TYPES.map((one) => one.name).join(", ");
  throw settings.error("type", `Unknown node-type: ${name}; there are: ${known}`);
}
