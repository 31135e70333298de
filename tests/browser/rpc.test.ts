/** The door `./rpc` of the npm package, and that nobody else has to load it. */

import assert from "node:assert/strict";
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { build } from "esbuild";
import { run } from "../helpers/process.ts";
import { RUNTIMES } from "../helpers/runtimes.ts";
import { buildPackage, NODE, type Package } from "./package.ts";

/** A call, a batch, and an error that both doors know. */
const PROGRAM = `
  import { Rep, Req, SPError } from "@nanostreams/nanostreams";
  import { rpcClient, RpcError, serveRpc } from "@nanostreams/nanostreams/rpc";
  const rep = new Rep();
  await rep.bind("inproc://calculator");
  serveRpc(rep, { add: (a, b) => a + b, no: () => { throw new RpcError(7, "no"); } });
  const req = new Req();
  req.connect("inproc://calculator");
  const calc = rpcClient(req);
  console.log(await calc.add(1, 2, { timeout: 10000 }));
  console.log(await calc.no().catch((error) => error instanceof RpcError && error.code));
  await Promise.all([req.close(), rep.close()]);
  console.log(await calc.add(1, 2).catch((error) => error instanceof SPError && error.code));
  try { rpcClient(req, { time: 1 }); } catch (error) { console.log(error instanceof SPError); }
`;
const PRINTED = "3\n7\nECLOSED\ntrue\n";

let built: Package;

before(async () => {
  built = await buildPackage();
});
after(() => built.remove());

for (const { name, command, args } of RUNTIMES) {
  test(`${name} serves and calls by the package, whose doors share their errors`, async () => {
    const file = join(built.folder, `rpc_${name}.mjs`);
    writeFileSync(file, PROGRAM);
    const { stdout, stderr } = await run(command, [...args, file], { cwd: built.folder });
    assert.equal(stdout.toString(), PRINTED, stderr);
  });
}

async function bundle(contents: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: built.folder },
    bundle: true,
    format: "esm",
    platform: "browser",
    minify: true,
    write: false,
    logLevel: "silent",
  });
  return outputFiles[0]!.text;
}

test("a bundle for pages serves and calls, and has nothing that only servers have", async () => {
  const code = await bundle(PROGRAM);
  assert.match(code, /jsonrpc/);
  assert.doesNotMatch(code, /node:|\brequire\b|\bDeno\.|\bBun\./);
  const file = join(built.folder, "rpc_bundled.mjs");
  writeFileSync(file, code);
  const { stdout, stderr } = await run(NODE, [file], { cwd: built.folder });
  assert.equal(stdout.toString(), PRINTED, stderr);
});

test("nothing of services is in what does not import them", async () => {
  const files = globSync("*.js", { cwd: built.folder });
  const having = files.filter((file) =>
    readFileSync(join(built.folder, file), "utf8").includes("jsonrpc")
  );
  assert.deepEqual(having.sort(), ["rpc.js", "rpc_browser.js"]);
  const unused = 'import { serveRpc } from "@nanostreams/nanostreams/rpc"; console.log(1);';
  assert.ok((await bundle(unused)).length < 100);
  const client = await bundle('export { rpcClient } from "@nanostreams/nanostreams/rpc";');
  assert.doesNotMatch(client, /maxResponseSize/);
});
