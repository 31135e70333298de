/** The public types, as TypeScript sees them in the npm package. */

import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { DOORS } from "../../scripts/doors.ts";
import { buildPackage, NODE, type Package } from "../browser/package.ts";
import { start } from "../helpers/process.ts";
import { CURRENT, PROJECT } from "../helpers/runtimes.ts";
import { hiddenNames } from "./hidden_names.ts";

/** The compilers: the oldest that README promises, and the newest. */
const COMPILERS = ["typescript-5.9", "typescript"];

/** How programs find their modules, and what says so. */
const RESOLUTIONS = { node16: "node16", nodenext: "nodenext", bundler: "esnext" };

/** Where programs run, by the types of the platform that they have. */
const PLATFORMS = {
  page: { lib: ["esnext", "dom"], types: [] },
  server: { lib: ["esnext"], types: ["node"] },
  both: { lib: ["esnext", "dom"], types: ["node"] },
};

/** Each of both comes up once: where a module is found has nothing to do with what the platform has. */
const WAYS = [
  { resolution: "node16", platform: "server" },
  { resolution: "nodenext", platform: "both" },
  { resolution: "bundler", platform: "page" },
] as const;

/** How long a compiler may take, in milliseconds: some 5 s on a machine that has nothing else to do. */
const LIMIT = 50_000;

/** What each compiler had to say to each program, by the program's name. */
const findings: Record<string, Record<string, string>> = {};
let built: Package | undefined;

/** Once is enough. */
const isHere = CURRENT.name === "node";

before(async () => {
  if (!isHere) return;
  built = await buildPackage();
  const projects = writePrograms(built.folder);
  for (const compiler of COMPILERS) {
    findings[compiler] = await compile(compiler, projects, built.folder);
  }
});
after(() => built?.remove());

test("the oldest compiler and the newest have looked at the package", {
  skip: isHere ? false : "compilers say the same on every runtime: see Node",
}, () => {
  assert.deepEqual(Object.keys(findings), COMPILERS);
});

for (const compiler of isHere ? COMPILERS : []) {
  for (const { resolution, platform } of WAYS) {
    test(`${compiler}, as ${resolution}, compiles a program for ${platform}`, () => {
      assert.equal(findings[compiler]![`${resolution}_${platform}`], "");
    });
  }
}

for (const compiler of isHere ? COMPILERS : []) {
  test(`${compiler} takes schemas of zod, valibot and arktype`, () => {
    assert.equal(findings[compiler]!["schemas"], "");
  });
}

/** Types of the main door that others name. */
const OF_MOD: Record<string, readonly string[]> = {
  "rpc/mod.ts": ["RpcContext: PeerInfo", "rpcClient: Req", "serveRpc: Rep"],
  "observe/mod.ts": ["LogOptions: SocketEvent", "ObservedSocket: Socket"],
};
const MODULES = new Set(DOORS.flatMap(({ module, page }) => page ? [module, page] : [module]));

for (const door of isHere ? MODULES : []) {
  test(`${door} exports every type that its declarations name`, async () => {
    const { default: ts } = await import("typescript-5.9");
    const declaration = join(built!.folder, "types", door.replace(/\.ts$/, ".d.ts"));
    assert.deepEqual(hiddenNames(ts, declaration), OF_MOD[door] ?? []);
  });
}

/** Lays out a project for each way to compile; returns their folders' names. */
function writePrograms(folder: string): string[] {
  const programs = [
    "program.ts",
    "typed_program.ts",
    "rpc_program.ts",
    "observe_program.ts",
    "codec_program.ts",
    "node_program.ts",
    "schema_program.ts",
  ];
  for (const file of programs) {
    copyFileSync(join(import.meta.dirname!, file), join(folder, file));
  }
  const names: string[] = [];
  /** A project of its own for what to compile. */
  const write = (name: string, options: object, files: readonly string[]): void => {
    names.push(name);
    mkdirSync(join(folder, name));
    const compilerOptions = {
      ...{ target: "esnext", noEmit: true, strict: true, exactOptionalPropertyTypes: true },
      ...options,
    };
    writeFileSync(join(folder, name, "tsconfig.json"), JSON.stringify({ compilerOptions, files }));
  };
  for (const { resolution, platform } of WAYS) {
    const { lib, types } = PLATFORMS[platform];
    // All declarations are checked but those of the compiler itself.
    const checks = { skipLibCheck: false, skipDefaultLibCheck: true };
    const module = RESOLUTIONS[resolution];
    const options = { module, moduleResolution: resolution, lib, types, ...checks };
    const programs = [
      "program.ts",
      "typed_program.ts",
      "rpc_program.ts",
      "observe_program.ts",
      "codec_program.ts",
    ];
    if (types.length > 0) programs.push("node_program.ts");
    write(`${resolution}_${platform}`, options, programs.map((file) => `../${file}`));
  }
  // The declarations of the schemas' libraries are not ours to check.
  const options = { module: "nodenext", ...PLATFORMS.page, skipLibCheck: true };
  write("schemas", options, ["../schema_program.ts"]);
  return names;
}

/** Compiles all projects in one process, which reads each declaration once. */
async function compile(
  compiler: string,
  projects: readonly string[],
  folder: string,
): Promise<Record<string, string>> {
  const tsc = join(PROJECT, "node_modules", compiler, "bin", "tsc");
  const args = ["--build", "--force", "--verbose", "--pretty", "false", ...projects];
  await using child = start(NODE, [tsc, ...args], { cwd: folder });
  const { stdout, stderr } = await child.finished(LIMIT);
  const sections = stdout.toString().split(
    /^.* - Building project '(?:.*\/)?(\w+)\/tsconfig.json'\.+$/m,
  );
  const said: Record<string, string> = {};
  for (let i = 1; i < sections.length; i += 2) {
    // What is left of the section are errors, but for lines about what is up to date.
    const lines = sections[i + 1]!.split("\n").filter((line) =>
      !/^\s*$| - (?:Project|Updating) /.test(line)
    );
    said[sections[i]!] = lines.join("\n");
  }
  assert.deepEqual(Object.keys(said).sort(), [...projects].sort(), `${stdout}${stderr}`);
  return said;
}
