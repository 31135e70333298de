/** The command line as it is published: one file that loads others, and single files that runtimes compile. */

import assert from "node:assert/strict";
import { readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { buildCli } from "../../../scripts/build_cli.ts";
import { COMMON } from "../../../scripts/build_common.ts";
import { Folder } from "../../helpers/nanostreams.ts";
import { run } from "../../helpers/process.ts";
import { PROJECT, RUNTIMES } from "../../helpers/runtimes.ts";

const folder = new Folder();
const built = folder.file("npm");
const bundle = join(built, "nanostreams.js");

before(async () => {
  await buildCli(built, COMMON);
  symlinkSync(join(PROJECT, "node_modules"), join(built, "node_modules"));
});
after(() => folder.remove());

for (const { name, command, args } of RUNTIMES) {
  test(`the bundle sends and receives over both wires on ${name}`, async () => {
    for (const wire of ["sp", "zmtp"]) {
      const address = folder.address();
      const [pull, push] = await Promise.all([
        run(command, [...args, bundle, "pull", address, "--wire", wire, "--count", "1"]),
        run(command, [...args, bundle, "push", address, "--wire", wire, "--data", "x"]),
      ]);
      assert.deepEqual([pull.stdout.toString(), pull.code, push.code], ["x\n", 0, 0], push.stderr);
    }
  });
}

test("the bundle knows its version, and runs villas", async () => {
  const { version } = JSON.parse(readFileSync(join(PROJECT, "deno.json"), "utf8"));
  const node = RUNTIMES.find(({ name }) => name === "node")!;
  const [told, villas] = await Promise.all([
    run(node.command, [bundle, "--version"]),
    run(node.command, [bundle, "villas", "signal", "-l", "1", "sine"]),
  ]);
  assert.equal(told.stdout.toString(), `${version}\n`);
  assert.equal(villas.code, 0);
});

test("bun build --compile makes a single file of it", async () => {
  const bun = RUNTIMES.find(({ name }) => name === "bun")!;
  const file = folder.file("single");
  const entry = join(PROJECT, "cli", "nanostreams.ts");
  const compiled = await run(bun.command, ["build", "--compile", entry, "--outfile", file]);
  assert.equal(compiled.code, 0, compiled.stderr);
  const address = folder.address();
  const [pull, push] = await Promise.all([
    run(file, ["pull", address, "--count", "1"]),
    run(file, ["push", address, "--data", "x"]),
  ]);
  assert.deepEqual([pull.stdout.toString(), push.code], ["x\n", 0]);
});
