/** The types of the packed package, as every compiler that README promises finds them. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { NODE } from "../browser/package.ts";
import { PROJECT } from "../helpers/runtimes.ts";
import { install, MATRIX, PATIENCE, type Project, SKIP } from "./project.ts";
import { COMPILERS, TYPES } from "./versions.ts";

const SERVER = ["program.ts", "node_program.ts"];
const PAGE = ["page.ts"];

/** How programs find their modules, and in what form they are. */
const WAYS: Readonly<Record<string, { files: readonly string[]; options: object }>> = {
  node16: { files: SERVER, options: { module: "node16", moduleResolution: "node16" } },
  nodenext: { files: SERVER, options: { module: "nodenext", moduleResolution: "nodenext" } },
  bundler: { files: SERVER, options: { module: "esnext", moduleResolution: "bundler" } },
  page: {
    files: PAGE,
    options: { module: "preserve", moduleResolution: "bundler", customConditions: ["browser"] },
  },
  worker: {
    files: PAGE,
    options: { module: "preserve", moduleResolution: "bundler", customConditions: ["workerd"] },
  },
};

/** A module that TypeScript lets require an ES module from 5.8 on. */
const COMMONJS = {
  files: ["require.cts"],
  options: { module: "nodenext", moduleResolution: "nodenext" },
};

let project: Project;

if (!SKIP) {
  before(async () => {
    project = await install({ ...COMPILERS, ...TYPES });
    for (const name of ["program.ts", "node_program.ts"]) {
      project.write(name, readFileSync(join(PROJECT, "tests", "types", name), "utf8"));
    }
    project.write("require.cts", 'import { Pub } from "@nanostreams/nanostreams";\nnew Pub();\n');
    project.write(
      "page.ts",
      `
        // @ts-expect-error What is of servers is not for pages.
        import { Pub, WebSocketMount } from "@nanostreams/nanostreams";
        export const sockets = [new Pub(), new WebSocketMount()];
      `,
    );
  }, { timeout: PATIENCE });
  after(() => project?.remove());
}

for (const compiler of Object.keys(COMPILERS)) {
  const ways = compiler === "typescript-5.7" ? WAYS : { ...WAYS, commonjs: COMMONJS };
  test(`${compiler} takes programs: ${Object.keys(ways).join(", ")}`, MATRIX, async () => {
    const projects = Object.entries(ways).map(([way, { files, options }]) => {
      const compilerOptions = {
        ...{ target: "esnext", noEmit: true, strict: true, exactOptionalPropertyTypes: true },
        ...{ lib: ["esnext", "dom"], types: ["node"], skipDefaultLibCheck: true },
        ...options,
      };
      const name = `${compiler}_${way}.json`;
      project.write(name, JSON.stringify({ compilerOptions, files }));
      return name;
    });
    const tsc = project.path("node_modules", compiler, "bin", "tsc");
    // One process, which reads each declaration once.
    const { code, stdout } = await project.try(NODE, [
      ...[tsc, "--build", "--force", "--pretty", "false"],
      ...projects,
    ]);
    assert.deepEqual([code, stdout.toString()], [0, ""]);
  });
}

test(
  "every compiler is told that the package is an ES module, and finds its types",
  MATRIX,
  async () => {
    const attw = project.path("node_modules", "@arethetypeswrong", "cli", "dist", "index.js");
    const arguments_ = [project.tarball, "--profile", "esm-only", "--format", "json", "--no-color"];
    const { code, stdout, stderr } = await project.try(NODE, [attw, ...arguments_]);
    const { analysis } = JSON.parse(stdout.toString());
    assert.ok(Object.keys(analysis.entrypoints).length >= 6);
    assert.equal(code, 0, stderr);
  },
);
