/* Where the package `ws` comes from. In the npm package it is a file beside this one: `scripts/build_ws.ts`. */
import { builtin } from "../builtin.ts";
import type { ModuleModule, WsModule } from "./ws_api.ts";

/** Gives the package. */
export async function importWs(): Promise<WsModule> {
  return inBun() ?? await import("ws") as unknown as WsModule;
}

/** Bun answers `import("ws")` with something of its own, of another version or kind. By its path it is the package. */
function inBun(): WsModule | undefined {
  if (!("Bun" in globalThis)) return undefined;
  try {
    const { createRequire } = builtin<ModuleModule>("node:module");
    const requireHere = createRequire(import.meta.url);
    const path = requireHere.resolve("ws/package.json").replace(/package\.json$/, "index.js");
    return requireHere(path) as WsModule;
  } catch {
    // Bundled, perhaps: Bun's own then.
    return undefined;
  }
}
