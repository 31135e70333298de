// The doors of the npm package. What has to know all of them reads this list: the bundles, the declarations, the manifest and the tests.

/** What can be imported of the package. */
export interface Door {
  /** As manifests say it: `"."`, `"./zmtp"`. */
  readonly path: string;
  /** Its module, in this repository. */
  readonly module: string;
  /** Its module for pages: often the same one, which is then built without a trace of servers. None if no page can use it. */
  readonly page?: string;
  /** Packages of others that it loads only when they are asked for. Users install them by themselves. */
  readonly needs?: readonly string[];
}

/** Every door. A new one is a line here, and one in each of `deno.json` and `package.json`. */
export const DOORS: readonly Door[] = [
  { path: ".", module: "mod.ts", page: "browser.ts" },
  {
    path: "./zmtp",
    module: "zmtp/mod.ts",
    page: "zmtp/browser.ts",
    needs: ["@noble/ciphers", "@noble/curves"],
  },
  { path: "./codecs", module: "codecs/mod.ts", page: "codecs/mod.ts" },
  { path: "./codecs/cbor", module: "codecs/cbor.ts", page: "codecs/cbor.ts", needs: ["cbor2"] },
  {
    path: "./codecs/msgpack",
    module: "codecs/msgpack.ts",
    page: "codecs/msgpack.ts",
    needs: ["@msgpack/msgpack"],
  },
  { path: "./rpc", module: "rpc/mod.ts", page: "rpc/mod.ts" },
  { path: "./observe", module: "observe/mod.ts", page: "observe/mod.ts" },
  { path: "./villas", module: "villas/mod.ts", needs: ["@bufbuild/protobuf"] },
];

/** What doors load when it is asked for. */
export const OPTIONAL: readonly string[] = DOORS.flatMap(({ needs = [] }) => needs);

/** The name of a door's files, without an extension: `"mod"`, `"zmtp"`, `"codecs_cbor"`. */
export function doorName(path: string): string {
  return path === "." ? "mod" : path.slice("./".length).replaceAll("/", "_");
}
