/** The runtime adapters that there are. */

import type { StreamRuntime } from "../../transports/runtime.ts";
import { bunRuntime, isBun } from "../../transports/runtime/bun/bun.ts";
import { denoRuntime, isDeno } from "../../transports/runtime/deno/deno.ts";
import { nodeRuntime } from "../../transports/runtime/node/node.ts";

/** Those that this runtime can load. */
export const HERE: readonly StreamRuntime[] = [
  nodeRuntime,
  ...(isDeno ? [denoRuntime] : []),
  ...(isBun ? [bunRuntime] : []),
];

/** Those that it cannot. */
export const ELSEWHERE: readonly StreamRuntime[] = [
  ...(isDeno ? [] : [denoRuntime]),
  ...(isBun ? [] : [bunRuntime]),
];
