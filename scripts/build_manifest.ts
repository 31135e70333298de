// The `package.json` of the npm package.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./build_common.ts";
import { type Door, doorName, DOORS, OPTIONAL } from "./doors.ts";

/** Where the sources are for others to see. */
export const REPOSITORY = "https://github.com/nanostreams/nanostreams";

/**
 * What bundlers for pages, and runtimes that can do no more than a page, call themselves. They come first: a bundler for Electron's
 * windows is for pages and for Node at once.
 */
const PAGES = ["workerd", "react-native", "browser"];
/** Who has `node:` modules. */
const SERVERS = ["deno", "bun", "node"];

/** Makes it, with the manual pages that there are. */
export function manifest(man: readonly string[]): object {
  const { name, version } = read("deno.json");
  const { description, license, type, engines, devDependencies } = read("package.json");
  return {
    name,
    version,
    description,
    license,
    homepage: `${REPOSITORY}#readme`,
    repository: { type: "git", url: `git+${REPOSITORY}.git` },
    bugs: `${REPOSITORY}/issues`,
    keywords: [
      "nanomsg",
      "nng",
      "zeromq",
      "zmtp",
      "scalability protocols",
      "pubsub",
      "reqrep",
      "rpc",
      "messaging",
      "streams",
      "websocket",
      "ipc",
      "deno",
      "bun",
      "browser",
    ],
    type,
    exports: {
      ...Object.fromEntries(DOORS.map((door) => [door.path, conditions(door)])),
      "./browser": { types: "./types/browser.d.ts", default: "./browser.js" },
      "./zmtp/browser": { types: "./types/zmtp/browser.d.ts", default: "./zmtp_browser.js" },
      "./package.json": "./package.json",
    },
    bin: {
      nanostreams: "./nanostreams.js",
      nanocat: "./nanocat.js",
      nngcat: "./nngcat.js",
      "nanostreams-villas": "./villas_cli.js",
    },
    man,
    // Whoever imports nothing from it needs none of it; who does needs the transports, which become known in what is shared.
    sideEffects: ["./shared*.js"],
    engines,
    ...optionalPeers(devDependencies as Record<string, string>),
  };
}

/** Which files a door is, for whom. */
function conditions({ path, module, page }: Door): object {
  const target = (module: string, file: string): object => ({
    types: `./types/${module.replace(/\.ts$/, ".d.ts")}`,
    default: `./${file}.js`,
  });
  const main = target(module, doorName(path));
  if (page === undefined) return main;
  const forPages = target(page, `${doorName(path)}_browser`);
  return {
    ...Object.fromEntries(PAGES.map((name) => [name, forPages])),
    ...Object.fromEntries(SERVERS.map((name) => [name, main])),
    default: main,
  };
}

/** What is loaded where it is asked for. */
function optionalPeers(devDependencies: Readonly<Record<string, string>>): object {
  return {
    peerDependencies: Object.fromEntries(
      OPTIONAL.map((name) => [name, `^${devDependencies[name]}`]),
    ),
    peerDependenciesMeta: Object.fromEntries(OPTIONAL.map((name) => [name, { optional: true }])),
  };
}

function read(name: string): Record<string, unknown> {
  return JSON.parse(readFileSync(join(root, name), "utf8"));
}
