/**
 * What a process holds. Imported before the library, so that all of its timers are counted: a worker that measures may do what a
 * library may not.
 *
 * @module
 */
import { readdirSync } from "node:fs";
import { currentMemory, heapMemory } from "../../bench/lib/worker.ts";

/** What is held at a moment. */
export interface Sample {
  /** Bytes, garbage excluded. */
  readonly heap: number;
  /** Bytes. */
  readonly rss: number;
  readonly descriptors: number;
  readonly timers: number;
}

const timers = new Set<unknown>();
const { setTimeout, clearTimeout, setInterval, clearInterval } = globalThis;

globalThis.setTimeout =
  ((callback: (...rest: unknown[]) => void, time?: number, ...rest: unknown[]) => {
    const handle = setTimeout(() => {
      timers.delete(handle);
      callback(...rest);
    }, time);
    timers.add(handle);
    return handle;
  }) as typeof setTimeout;
globalThis.clearTimeout = ((handle: number) => {
  timers.delete(handle);
  clearTimeout(handle);
}) as typeof clearTimeout;
globalThis.setInterval = ((callback: () => void, time?: number, ...rest: unknown[]) => {
  const handle = setInterval(callback, time, ...rest);
  timers.add(handle);
  return handle;
}) as typeof setInterval;
globalThis.clearInterval = ((handle: number) => {
  timers.delete(handle);
  clearInterval(handle);
}) as typeof clearInterval;

/** Measures now. */
export function gauge(): Sample {
  let descriptors = 0;
  try {
    descriptors = readdirSync("/proc/self/fd").length;
  } catch {
    // Not Linux.
  }
  const heap = heapMemory();
  return { heap, rss: currentMemory(), descriptors, timers: timers.size };
}
