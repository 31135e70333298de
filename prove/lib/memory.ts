import type { Child } from "./child.ts";

/** What a process uses, in bytes: on the heap with the buffers that hang on it, resident, and the most that was resident. */
export interface Memory {
  readonly heap: number;
  readonly rss: number;
  readonly peak: number;
}

/** Asks a child's `memory`, which collects garbage first. */
export async function memoryOf(child: Child): Promise<Memory> {
  return await child.ask("memory", {}, 60_000) as unknown as Memory;
}

/** By how much it has grown. */
export function growth(before: Memory, after: Memory): Memory {
  return {
    heap: after.heap - before.heap,
    rss: after.rss - before.rss,
    peak: after.peak - before.rss,
  };
}

/** `+1.2 MB`. */
export function grown(bytes: number): string {
  return `${bytes < 0 ? "" : "+"}${(bytes / 1e6).toFixed(1)} MB`;
}
