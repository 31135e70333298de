import { setAllocator } from "../../src/new_memory.ts";
import type { StreamRuntime } from "../runtime.ts";
import { bunRuntime, isBun } from "./bun.ts";
import { denoRuntime, isDeno } from "./deno.ts";
import { bunMemory, denoMemory, nodeMemory } from "./memory.ts";
import { nodeRuntime } from "./node.ts";
import { isNode } from "./node_reader.ts";

/**
 * The adapter that this runtime takes unless told otherwise: its own, where it has one. From then on, memory is made as
 * is best in this runtime.
 */
export function defaultRuntime(): StreamRuntime {
  if (isDeno) {
    setAllocator(denoMemory);
    return denoRuntime;
  }
  if (isBun) {
    setAllocator(bunMemory);
    return bunRuntime;
  }
  if (isNode) setAllocator(nodeMemory);
  return nodeRuntime;
}
