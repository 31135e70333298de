/** A copy of the programs, in a project that has the npm package. */

import assert from "node:assert/strict";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { buildPackage, type Package } from "../browser/package.ts";
import { PROJECT } from "../helpers/runtimes.ts";
import { found, PROGRAMS, startProgram } from "./programs.ts";

// Some tools tell modules by their real paths.
const project = mkdtempSync(join(realpathSync(tmpdir()), "nanostreams-programs-"));
const folder = join(project, "programs");
let built: Package;

before(async () => {
  built = await buildPackage();
  const modules = join(project, "node_modules");
  mkdirSync(join(modules, "@nanostreams"), { recursive: true });
  symlinkSync(built.folder, join(modules, "@nanostreams", "nanostreams"), "dir");
  symlinkSync(join(PROJECT, "node_modules", "esbuild"), join(modules, "esbuild"), "dir");
  writeFileSync(join(project, "package.json"), '{ "type": "module" }\n');
  cpSync(PROGRAMS, folder, { recursive: true });
});
after(() => {
  rmSync(project, { recursive: true, force: true });
  built?.remove();
});

const tcp = (name: string) => ({ env: { [name]: "tcp://127.0.0.1:0" }, folder });

test("copies of the log, the calculator and the services run by the package", async () => {
  await using collector = startProgram("log/collector.ts", tcp("ADDRESS"));
  const [ADDRESS] = await found(collector, /^Collecting at (\S+)$/);
  await using client = startProgram("log/client.ts", { env: { ADDRESS: ADDRESS! }, folder });
  await collector.line(/"text":"I have nothing to do"/);

  const env = { CLIENTS: "tcp://127.0.0.1:0", WORKERS: "tcp://127.0.0.1:0" };
  await using device = startProgram("calculator/device.ts", { env, folder });
  const [CLIENTS, WORKERS] = await found(device, /^Clients at (\S+), workers at (\S+)$/);
  await using _worker = startProgram("calculator/worker.ts", {
    env: { WORKERS: WORKERS! },
    folder,
  });
  await using caller = startProgram("calculator/client.ts", { env: { CLIENTS: CLIENTS! }, folder });
  await caller.line(/^Workers that answered: 1$/);

  await using surveyor = startProgram("status/surveyor.ts", tcp("ADDRESS"));
  const [asking] = await found(surveyor, /^Asking at (\S+)$/);
  await using _service = startProgram("status/respondent.ts", {
    env: { ADDRESS: asking! },
    folder,
  });
  await surveyor.line(/ is well, for /);
  assert.deepEqual([(await client.finished()).code, (await caller.finished()).code], [0, 0]);
});

test("a copy of the pool runs by the package", async () => {
  await using pool = startProgram("pool/pool.ts", { folder });
  const { code, stdout, stderr } = await pool.finished();
  assert.deepEqual([code, stderr], [0, ""]);
  assert.equal(stdout.toString().match(/16777216 bytes, of colour 155$/gm)?.length, 12);
});

test("a copy of the page is bundled of the package's part for pages", async () => {
  await using publisher = startProgram("live/publisher.ts", { env: { PORT: "0" }, folder });
  const [address] = await found(publisher, /^Open (\S+)$/);
  const html = await (await fetch(address!)).text();
  assert.match(html, /<script type="module">/);
  assert.doesNotMatch(html, /\bnode:|\bDeno\.|\bBun\./);
});
