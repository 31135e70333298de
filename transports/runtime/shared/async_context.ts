/* Remembers a call across `await`, where the runtime does so at no cost to anybody else. */
import type { CallContext } from "../../../src/socket/call_context.ts";

interface Storage extends Pick<CallContext, "run"> {
  getStore(): object | undefined;
}

interface Runtime {
  readonly process?: {
    getBuiltinModule?: (name: string) => unknown;
    readonly versions?: Partial<Record<"node" | "deno" | "bun", string>>;
  };
}

/** Older versions of Node hook every promise of the process for it. */
const FIRST_NODE = 24;

/** The runtime's own way; undefined if it has none, or a costly one. */
export function asyncContext(): CallContext | undefined {
  const { process } = globalThis as Runtime;
  const { node = "0", deno, bun } = process?.versions ?? {};
  if (deno === undefined && bun === undefined && parseInt(node) < FIRST_NODE) return undefined;
  const module = process?.getBuiltinModule?.("node:async_hooks") as
    | { readonly AsyncLocalStorage: new () => Storage }
    | undefined;
  if (module === undefined) return undefined;
  const storage = new module.AsyncLocalStorage();
  return {
    run: (value, call, ...args) => storage.run(value, call, ...args),
    current: () => storage.getStore(),
  };
}
