import type { StreamRuntime } from "../runtime.ts";
import { bunRuntime, isBun } from "./bun.ts";
import { denoRuntime, isDeno } from "./deno.ts";
import { nodeRuntime } from "./node.ts";

/** The adapter that this runtime takes unless told otherwise: its own, where it has one. */
export function defaultRuntime(): StreamRuntime {
  if (isDeno) return denoRuntime;
  if (isBun) return bunRuntime;
  return nodeRuntime;
}
