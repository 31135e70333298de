/** What the packed package is installed beside, in exact versions: the oldest and the newest of each that README promises. */

import process from "node:process";

/** Packages as a manifest has them: a name, and a version or another name. */
export type Packages = Readonly<Record<string, string>>;

const PLATFORM = `${process.platform}-${process.arch}`;

/** Nodes, by the names that they are installed by. The pinned one of this project is the newest. */
export const NODES: Packages = {
  /** The first with `process.getBuiltinModule`, as `engines` says. */
  "node-oldest": `npm:node-${PLATFORM}@20.16.0`,
  "node-20": `npm:node-${PLATFORM}@20.20.2`,
  "node-22": `npm:node-${PLATFORM}@22.23.3`,
};

/** Which of them have `require` of ES modules: from 20.19, 22.12 and 24 on. */
export const NODES_WITH_REQUIRE: readonly string[] = ["node-20", "node-22"];

/** Compilers. Those before 5.7 have no `Uint8Array<ArrayBuffer>`. */
export const COMPILERS: Packages = {
  "typescript-5.7": "npm:typescript@5.7.3",
  "typescript-5.8": "npm:typescript@5.8.3",
  "typescript-5.9": "npm:typescript@5.9.3",
  "typescript-7": "npm:typescript@7.0.2",
};

/** Bundlers. */
export const BUNDLERS: Packages = {
  esbuild: "0.28.2",
  rollup: "4.68.8",
  "@rollup/plugin-node-resolve": "16.0.3",
  vite: "8.3.8",
  webpack: "5.113.0",
};

/** Runtimes that are packages: workerd, by miniflare; and what React Native has no streams without. */
export const RUNTIMES: Packages = {
  miniflare: "4.20260730.0",
  "web-streams-polyfill": "4.3.0",
};

/** What a server of Hono's needs on Node. */
export const HONO: Packages = {
  "@hono/node-server": "2.1.9",
  hono: "4.13.19",
};

/** What looks at the package's types besides the compilers, and what they need. */
export const TYPES: Packages = {
  "@arethetypeswrong/cli": "0.18.5",
  "@types/node": "24.19.2",
};

/** The package that has the program pnpm itself: the package `pnpm` puts it in its place by an install script. */
export const PNPM: string = `@pnpm/exe.${PLATFORM}`;

/** Package managers besides npm, Bun and Deno. */
export const MANAGERS: Packages = {
  [PNPM]: "12.21.0",
  yarn: "npm:@yarnpkg/cli-dist@4.18.1",
};
