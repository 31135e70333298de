import { setAllocator } from "../../src/memory/new_memory.ts";
import type { StreamRuntime } from "../runtime.ts";
import { bunRuntime, isBun } from "./bun/bun.ts";
import { denoRuntime, isDeno } from "./deno/deno.ts";
import { nodeRuntime } from "./node/node.ts";
import { allocateUncleared } from "./shared/uncleared.ts";

/** The adapter that this runtime uses unless told otherwise: its own, if it has one. Messages come in its memory. */
export function defaultRuntime(): StreamRuntime {
  setAllocator(allocateUncleared);
  return isDeno ? denoRuntime : isBun ? bunRuntime : nodeRuntime;
}
