import { SPError } from "../../../src/base/errors.ts";

/** Whether this runtime has Node's own modules, as Deno, Bun and Node have, and pages have not. */
export function hasBuiltins(): boolean {
  const { process } = globalThis as { process?: { getBuiltinModule?: unknown } };
  return process?.getBuiltinModule !== undefined;
}

/** Gives one of Node's own modules. */
export function builtin<Module>(name: string): Module {
  const { process } = globalThis as {
    process?: { getBuiltinModule?: (name: string) => unknown };
  };
  const module = process?.getBuiltinModule?.(name);
  if (module === undefined) {
    throw new SPError(
      "ENOTSUP",
      `Cannot load "${name}" in this runtime: expected Deno, Bun, or Node 20.16 or newer`,
    );
  }
  return module as Module;
}
