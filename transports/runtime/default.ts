import type { StreamRuntime } from "../runtime.ts";
import { nodeRuntime } from "./node.ts";

/** The adapter that this runtime takes unless told otherwise. */
export function defaultRuntime(): StreamRuntime {
  return nodeRuntime;
}
