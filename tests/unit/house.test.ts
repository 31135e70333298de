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
  "receiving",
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
  zmtp: ["src"],
  codecs: ["src/contracts", "src/base", "src/memory"],
  rpc: ["common.ts", "exports.ts", "src/base"],
  observe: ["mod.ts", "src/base"],
  villas: ["mod.ts", "browser.ts", "zmtp/mod.ts"],
  cli: ["mod.ts", "zmtp/mod.ts", "villas/mod.ts"],
};

/** Programs that look at bytes and connections themselves, and what they may import besides. */
const LOOKERS: Record<string, readonly string[]> = {
  "cli/nanostreams/decode": [
    "src/sp",
    "zmtp/wire",
    "zmtp/socket_types.ts",
    "patterns/protocols.ts",
  ],
  "cli/nanostreams/probe": ["src", "zmtp/wire", "transports/ws/target.ts"],
};

/** What leads out of a folder for a reason. */
const EXCEPTIONS = [
  // So that users see every option of `bind` and `connect` in one interface.
  "src/surface/options.ts → transports/options.ts (type)",
];

/** Doors that stand in a folder of their own: they lead to transports, and to what all doors have in common. */
const DOORS: readonly string[] = ["zmtp/mod.ts", "zmtp/browser.ts"];

/** What a door must not lead to, by all that is loaded with it. */
const APART: Record<string, readonly string[]> = {
  "mod.ts": ["zmtp/", "codecs/", "rpc/"],
  "browser.ts": ["zmtp/", "codecs/", "rpc/"],
  "zmtp/mod.ts": ["patterns/", "src/sp/", "mod.ts", "exports.ts"],
  "zmtp/browser.ts": ["patterns/", "src/sp/", "browser.ts", "exports.ts"],
  "codecs/mod.ts": ["codecs/cbor.ts", "codecs/msgpack.ts"],
  "rpc/mod.ts": [
    "patterns/",
    "zmtp/",
    "codecs/",
    "mod.ts",
    "browser.ts",
    "transports/all.ts",
    "transports/page.ts",
  ],
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
  const calls = code.matchAll(/\b(?:await|return|=>) import\(()["'](\.[^"']+)["']\)/g);
  return [...statements, ...calls].map(([, type, path]) => ({
    from: file,
    to: relative(PROJECT, resolve(join(PROJECT, dirname(file)), path!)).replaceAll("\\", "/"),
    isType: type?.startsWith("type") === true,
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
    const isWithin = (path: string, part: string): boolean =>
      path === part || path.startsWith(`${part}/`);
    const others = sources(folder).flatMap(importsOf).filter(({ from, to }) => {
      const room = Object.keys(LOOKERS).find((room) => isWithin(from, room));
      const besides = DOORS.includes(from)
        ? ["common.ts", "transports"]
        : LOOKERS[room ?? ""] ?? [];
      return ![folder, ...allowed, ...besides].some((part) => isWithin(to, part));
    });
    assert.deepEqual(others.map(show).filter((arrow) => !EXCEPTIONS.includes(arrow)), []);
  });
}

/** All that is loaded with a file, and the file itself; each with whatever loads it first. */
function loadedWith(
  file: string,
  by = "",
  found: Map<string, string> = new Map(),
): Map<string, string> {
  if (found.has(file)) return found;
  found.set(file, by);
  for (const { to, isType } of importsOf(file)) if (!isType) loadedWith(to, file, found);
  return found;
}

for (const [door, others] of Object.entries(APART)) {
  test(`${door} loads nothing of ${others.join(" or ")}`, () => {
    const found = loadedWith(door);
    assert.ok(found.has("src/base/errors.ts"));
    const wrong = [...found].filter(([file]) =>
      others.some((other) => file === other || other.endsWith("/") && file.startsWith(other))
    );
    assert.deepEqual(wrong.map(([file, by]) => `${by} → ${file}`), []);
  });
}

test("observe/mod.ts loads nothing of other folders but what all use", () => {
  const found = [...loadedWith("observe/mod.ts").keys()];
  assert.ok(found.length > 5);
  assert.deepEqual(found.filter((file) => !/^(observe|src\/base)\//.test(file)), []);
});

test("all that the doors load is published", () => {
  const { exports, publish } = JSON.parse(readFileSync(join(PROJECT, "deno.json"), "utf8"));
  const loaded = new Map<string, string>();
  for (const door of Object.values<string>(exports)) loadedWith(door.slice(2), "", loaded);
  assert.ok(loaded.size > 100);
  const missing = [...loaded.keys()].filter((file) =>
    !publish.include.some((part: string) => file === part || file.startsWith(part))
  );
  assert.deepEqual(missing, []);
});

test("no modules need each other's values in a circle", () => {
  const graph = new Map<string, string[]>();
  for (
    const file of ["src", "patterns", "transports", "zmtp", "codecs", "rpc", "observe"].flatMap(
      sources,
    )
  ) {
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
  const folders = [
    "src",
    "patterns",
    "transports",
    "zmtp",
    "codecs",
    "rpc",
    "observe",
    "villas",
    "cli",
  ];
  const long = folders.flatMap(sources).filter((file) =>
    readFileSync(join(PROJECT, file), "utf8").split("\n").length > 401
  );
  assert.deepEqual(long, []);
});
