const { versions = {} } = (globalThis as {
  process?: { versions?: Partial<Record<"node" | "deno" | "bun", string>> };
}).process ?? {};

/** Whether this is Node: Deno and Bun have adapters of their own, and their `node:net` no libuv. */
export const isNode: boolean = versions.node !== undefined && versions.deno === undefined &&
  versions.bun === undefined;
