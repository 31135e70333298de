/** The house: which part may import which. Only the imports are read; `CONTRIBUTING.md` draws the map. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { test } from "node:test";
import { PROJECT } from "../helpers/runtimes.ts";

/** The rooms of `src/`, from the top of the house to its ground. */
const ROOMS = [
  "answering",
  "socket",
  "endpoints",
  "pipes",
  "streams",
  "sp",
  "surface",
  "memory",
  "base",
];

/** Which folder of the project may import from which others. */
const FOLDERS: Record<string, readonly string[]> = {
  src: [],
  patterns: ["src"],
  transports: ["src"],
  villas: ["mod.ts", "browser.ts"],
  // The command line stands on the public API, and on the other tools.
  "cli/nanostreams": ["cli", "mod.ts", "zmtp/mod.ts", "deno.json"],
};

/** Interfaces that bind the rooms together: who names one, or is named by one, as a type alone, is not bound to its room. */
const CONTRACTS = "src/contracts";

interface Import {
  readonly from: string;
  readonly to: string;
  /** Whether nothing of it is left when the program runs. */
  readonly isType: boolean;
}

/** The source files in a folder, by their paths in the project. */
function sources(folder: string): string[] {
  return readdirSync(join(PROJECT, folder), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts"))
    .map((path) => join(folder, path).replaceAll("\\", "/"));
}

/** What a file imports from others of the project. */
function importsOf(file: string): Import[] {
  const code = readFileSync(join(PROJECT, file), "utf8").replaceAll(/\/\*[^]*?\*\//g, "");
  const statements = code.matchAll(
    /^(?:import|export)\s(type\s)?(?:[^;"']*?\sfrom\s+)?["'](\.[^"']+)["']/gm,
  );
  return [...statements].map(([, type, path]) => ({
    from: file,
    to: relative(PROJECT, resolve(join(PROJECT, dirname(file)), path!)).replaceAll("\\", "/"),
    isType: type !== undefined,
  }));
}

const show = ({ from, to, isType }: Import): string => `${from} → ${to}${isType ? " (type)" : ""}`;

test("imports within src/ run one way, from room to room, down the house", () => {
  const imports = sources("src").flatMap(importsOf).filter(({ to }) => to.startsWith("src/"));
  assert.ok(imports.length > 100);
  const floor = (path: string): number => ROOMS.indexOf(path.split("/")[1]!);
  const isContract = (path: string): boolean => path.startsWith(CONTRACTS);
  const backwards = imports.filter(({ from, to, isType }) =>
    isContract(from) || isContract(to) ? !isType : floor(from) > floor(to) || floor(to) < 0
  );
  assert.deepEqual(backwards.map(show), []);
});

test("every file of src/ is in a room", () => {
  const rooms = new Set(sources("src").map((path) => path.split("/")[1]));
  assert.deepEqual([...rooms].sort(), [...ROOMS, "contracts"].sort());
});

for (const [folder, allowed] of Object.entries(FOLDERS)) {
  test(`${folder}/ imports from itself${allowed.map((other) => ` and ${other}`).join("")} only`, () => {
    const others = sources(folder).flatMap(importsOf).filter(({ to }) =>
      ![folder, ...allowed].some((part) => to === part || to.startsWith(`${part}/`))
    );
    // So that users see every option of `bind` and `connect` in one interface.
    const options = "src/surface/options.ts → transports/options.ts (type)";
    assert.deepEqual(others.map(show).filter((arrow) => arrow !== options), []);
  });
}

test("no modules need each other's values in a circle", () => {
  const graph = new Map<string, string[]>();
  for (const file of ["src", "patterns", "transports"].flatMap(sources)) {
    graph.set(file, importsOf(file).filter(({ isType }) => !isType).map(({ to }) => to));
  }
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): void => {
    const at = path.indexOf(file);
    assert.equal(at, -1, [...path.slice(at), file].join(" → "));
    if (done.has(file)) return;
    for (const next of graph.get(file) ?? []) visit(next, [...path, file]);
    done.add(file);
  };
  for (const file of graph.keys()) visit(file, []);
});

test("no file has more than 400 lines", () => {
  const long = ["src", "patterns", "transports", "villas", "cli"].flatMap(sources).filter((file) =>
    readFileSync(join(PROJECT, file), "utf8").split("\n").length > 401
  );
  assert.deepEqual(long, []);
});
