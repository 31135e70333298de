import { spawnSync } from "node:child_process";
import { availableParallelism, cpus, release, totalmem, type } from "node:os";
import { processors } from "./lab.ts";

/** What the figures were measured on. */
export interface Machine {
  /** The processor's model. */
  readonly processor: string;
  /** Processors there are. */
  readonly cores: number;
  /** The two processors that the workers were kept on; absent if they were free to move. */
  readonly pinned?: readonly [string, string];
  /** Memory, in bytes. */
  readonly memory: number;
  /** The operating system. */
  readonly system: string;
}

/** This machine. */
export function thisMachine(): Machine {
  return {
    processor: cpus()[0]?.model ?? "unknown",
    cores: availableParallelism(),
    ...(processors !== undefined && { pinned: processors }),
    memory: totalmem(),
    system: `${type()} ${release()}`,
  };
}

/** The commit that is measured, with `+` if there are changes besides; undefined outside of git. */
export function commit(): string | undefined {
  const git = spawnSync("git", ["describe", "--always", "--dirty=+", "--abbrev=10"], {
    encoding: "utf8",
    cwd: new URL(".", import.meta.url),
  });
  return git.status === 0 ? git.stdout.trim() : undefined;
}
