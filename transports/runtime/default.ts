import { setAllocator } from "../../src/new_memory.ts";
import type { StreamRuntime } from "../runtime.ts";
import { bunRuntime, isBun } from "./bun.ts";
import { denoRuntime, isDeno } from "./deno.ts";
import { bunMemory, denoMemory, nodeMemory, plainMemory, type RuntimeMemory } from "./memory.ts";
import { nodeRuntime } from "./node.ts";
import { isNode } from "./node_reader.ts";

/** From now on, memory is made as is best in this runtime. */
export function useRuntimeMemory(): RuntimeMemory {
  const memory = isDeno ? denoMemory : isBun ? bunMemory : isNode ? nodeMemory : plainMemory;
  setAllocator(memory);
  return memory;
}

/** The adapter that this runtime takes unless told otherwise: its own, where it has one. With it goes its way to make memory. */
export function defaultRuntime(): StreamRuntime {
  useRuntimeMemory();
  return isDeno ? denoRuntime : isBun ? bunRuntime : nodeRuntime;
}
