import type { GroupSetting } from "../config/setting.ts";
import type { Settings } from "../config/settings.ts";
import type { Codec, Mode } from "../formats/format.ts";
import type { LiveServer } from "../gateway/live_server.ts";
import type { Log } from "../gateway/log.ts";
import type { Sample } from "../model/sample.ts";
import type { Signal } from "../model/signal.ts";

/** What a node is made from. */
export interface NodeContext {
  /** Its name in the configuration. */
  readonly name: string;
  /** The node's own settings. */
  readonly settings: Settings;
  /** Those of its group `in`; empty if there is none. */
  readonly in: Settings;
  /** Those of its group `out`; empty if there is none. */
  readonly out: Settings;
  /** What the node reads. */
  readonly signals: readonly Signal[];
  /** The log of the node. */
  readonly log: Log;
  /** The gateway's server of WebSockets. */
  readonly live: LiveServer;
  /** Opens the format that the node's settings name, or the node-type's own. */
  format(name: string, mode: Mode, options?: { readonly offset: boolean }): Promise<Codec>;
  /** Counts what came and could not be read, and warns. */
  malformed(reason: string): void;
  /** Counts samples that were not written, and warns. */
  dropped(count: number, reason: string): void;
}

/**
 * One node at work: something that samples come from, or go to, or both. It is started once and stopped once.
 */
export interface Node {
  /** What it reads, if it knows better than the settings. */
  readonly signals?: readonly Signal[];
  /** A few words for the log, such as its addresses. */
  readonly details?: string;
  /** Whether the whole gateway is to end with what it reads. */
  readonly endsProgram?: boolean;
  /** Opens what it needs. What fails here stops the gateway. */
  start(): Promise<void>;
  /**
   * The samples that come, in the pieces that they come in, until the node is stopped or has no more. Read by one
   * reader, once.
   */
  read?(): AsyncIterable<readonly Sample[]>;
  /**
   * Takes samples: as many as `out.vectorize` says, or fewer at the end. It may wait for a disk, but not for a
   * peer: what a peer does not take in time is dropped, and counted.
   *
   * @throws {FormatError} If the format has no room for a value; they count as dropped then.
   */
  write?(samples: readonly Sample[]): Promise<void>;
  /** Lets go of everything, and ends `read`. */
  stop(): Promise<void>;
}

/** One node-type: a file in this folder, and a line in `table.ts`. */
export interface NodeType {
  /** As in a configuration, such as `nanomsg`. */
  readonly name: string;
  /** Signals that the settings describe in the node-type's own way. */
  signals?(context: Omit<NodeContext, "signals">): readonly Signal[];
  /**
   * The settings of a node in the other direction.
   *
   * @throws {ConfigError} If it has none.
   */
  reverse?(settings: Settings): GroupSetting;
  /**
   * Makes a node, without opening anything.
   *
   * @throws {ConfigError} If its settings are wrong.
   */
  create(context: NodeContext): Node;
}
