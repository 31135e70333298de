import type { Settings } from "../config/settings.ts";
import type { Log } from "../gateway/log.ts";
import type { Sample } from "../model/sample.ts";
import type { Signal } from "../model/signal.ts";

/** What a hook is made from. */
export interface HookContext {
  /** The hook's own settings. */
  readonly settings: Settings;
  /** What comes to the hook. */
  readonly signals: readonly Signal[];
  /** The node or path that it belongs to. */
  readonly owner: string;
  /** The first sequence number of samples that have none. */
  readonly firstSequence: bigint;
  /** The log of its node or path. */
  readonly log: Log;
  /** Takes text for the standard output. */
  readonly print: (text: string) => void;
}

/** Something that each sample goes through. */
export interface Hook {
  /** What comes out of it, if that is not what comes in. */
  readonly signals?: readonly Signal[];
  /** Takes a sample; returns it, or another one, or nothing to drop it. */
  process(sample: Sample): Sample | undefined;
  /** The sender has begun anew: what was remembered of it counts no more. */
  restart?(): void;
  /** Lets go of everything. */
  stop?(): void | Promise<void>;
}

/** One hook-type: a file in this folder, and a line in `table.ts`. */
export interface HookType {
  /** As in a configuration, such as `scale`. */
  readonly name: string;
  /** Hooks with a lower priority come first; default 99. */
  readonly priority?: number;
  /**
   * Makes a hook.
   *
   * @throws {ConfigError} If its settings are wrong.
   */
  create(context: HookContext): Hook | Promise<Hook>;
}
