/** What goes to npm: built, and used as others would. */

import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import process from "node:process";
import { after, before, test } from "node:test";
import { measurePackage } from "../../scripts/build_npm.ts";
import { run, start } from "../helpers/process.ts";
import { PROJECT, RUNTIMES } from "../helpers/runtimes.ts";
import { buildPackage, NODE, type Package } from "./package.ts";

/** What pages may have to load, in bytes after `gzip -9`. */
const LIMITS = { all: 38_000, sub: 25_200 };

/** Two sockets of the package exchange a message. */
const EXCHANGE = `
  import { Pair } from "@nanostreams/nanostreams";
  for (const address of ["tcp://127.0.0.1:0", "ws://127.0.0.1:0/"]) {
    const left = new Pair();
    const right = new Pair();
    right.connect((await left.bind(address)).address);
    await right.send("hello");
    console.log(new TextDecoder().decode(await left.receive()));
    await Promise.all([left.close(), right.close()]);
  }
`;

/** A program that uses the types, and one wrong line that they must find. */
const CONSUMER = `
  import { Pub, Sub, type SubOptions } from "@nanostreams/nanostreams";
  import { Req } from "@nanostreams/nanostreams/browser";
  const options: SubOptions = { subscribe: "weather" };
  const sub: Sub = new Sub(options);
  const text: Promise<Uint8Array> = sub.receive();
  const reply: Promise<Uint8Array> = new Req().request("hello");
  // @ts-expect-error A publisher has nothing to read.
  new Pub().readable;
  export { reply, text };
`;

let built: Package;

before(async () => {
  built = await buildPackage();
});
after(() => built.remove());

function read(name: string): string {
  return readFileSync(join(built.folder, name), "utf8");
}

function manifest(path: string): Record<string, string> {
  return JSON.parse(readFileSync(path, "utf8"));
}

test("the manual pages that the manifest names are there", () => {
  const { man } = JSON.parse(read("package.json")) as { man: string[] };
  const written = globSync("man/*", { cwd: built.folder }).map((path) => `./${path}`);
  assert.deepEqual(man.toSorted(), written.toSorted());
  assert.match(read("man/nanostreams-push.1"), /^\.TH NANOSTREAMS\\-PUSH 1 /m);
});

test("every manifest has the same version", () => {
  const { version } = manifest(join(PROJECT, "deno.json"));
  assert.equal(manifest(join(PROJECT, "package.json"))["version"], version);
  assert.equal(manifest(join(PROJECT, "package-lock.json"))["version"], version);
  assert.equal(manifest(join(built.folder, "package.json"))["version"], version);
});

test("the package depends on what the modules import, and on nothing else", () => {
  const imports = JSON.parse(readFileSync(join(PROJECT, "deno.json"), "utf8")).imports;
  const { dependencies, peerDependencies } = JSON.parse(read("package.json"));
  const needed = { ...peerDependencies, ...dependencies };
  assert.deepEqual(
    Object.fromEntries(
      Object.entries(needed).map((
        [name, version],
      ) => [name, `npm:${name}@${String(version).replace("^", "")}`]),
    ),
    imports,
  );
  assert.deepEqual(Object.keys(dependencies), ["ws"]);
  assert.deepEqual(Object.keys(peerDependencies), ["@bufbuild/protobuf"]);
});

test("publint has nothing to say about the package", async () => {
  const publint = join(PROJECT, "node_modules", "publint", "src", "cli.js");
  const { code, stdout } = await run(NODE, [publint, built.folder, "--strict", "--pack", "false"]);
  assert.match(stdout.toString(), /All good/);
  assert.equal(code, 0, stdout.toString());
});

for (const { name, command, args } of RUNTIMES) {
  test(`${name} imports the package, and a message goes over tcp and over ws`, async () => {
    const file = join(built.folder, `exchange_${name}.mjs`);
    writeFileSync(file, EXCHANGE);
    const { stdout, stderr } = await run(command, [...args, file], { cwd: built.folder });
    assert.equal(stdout.toString(), "hello\nhello\n", stderr);
  });
}

test("the package has nanocat, which prints what another one says", async () => {
  const file = join(built.folder, JSON.parse(read("package.json")).bin.nanocat);
  const address = `ipc://${join(built.folder, "nanocat.ipc")}`;
  await using pull = start(NODE, [file, "--pull", "--bind", address, "--ascii"]);
  const push = await run(NODE, [file, "--push", "--connect", address, "--data", "hello"]);
  assert.deepEqual([push.code, push.stderr], [0, ""]);
  await pull.line(/^hello$/);
});

/** Samples go through a gateway of the package, in a format that needs another package, to the library's own socket. */
const GATEWAY = `
  import { Sub } from "@nanostreams/nanostreams";
  import { Gateway, openCodec } from "@nanostreams/nanostreams/villas";
  const sub = new Sub({ subscribe: "" });
  const out = { endpoints: "inproc://lab", peers: 1 };
  const gateway = new Gateway({
    nodes: {
      waves: { type: "signal", signal: "counter", rate: 100, limit: 1 },
      lab: { type: "nanomsg", format: "protobuf", out },
    },
    paths: [{ in: "waves", out: "lab" }],
  });
  await gateway.start();
  sub.connect("inproc://lab");
  const codec = await openCodec("protobuf", { mode: "message" });
  const [{ sequence, values }] = codec.decode(await sub.receive());
  console.log(sequence, values);
  await sub.close();
  await gateway.stop();
`;

test("the package has the gateway, which shares the library's sockets", async () => {
  const file = join(built.folder, "gateway.mjs");
  writeFileSync(file, GATEWAY);
  const { code, stdout, stderr } = await run(NODE, [file], { cwd: built.folder });
  assert.deepEqual([code, stdout.toString()], [0, "0n [ 0 ]\n"], stderr);
});

test("the package has the gateway's program, with its page", async () => {
  const file = join(built.folder, JSON.parse(read("package.json")).bin["nanostreams-villas"]);
  await using child = start(NODE, [file, "node", "--page", "0"]);
  const address = (await child.line(/ Open http/)).replace(/.* Open /, "").trim();
  for (const path of ["", "main.js", "style.css", "icon.svg"]) {
    assert.equal((await fetch(address + path)).status, 200);
  }
  child.kill("SIGTERM");
  assert.equal((await child.finished()).code, 0);
});

/** A Node that was there before ours. */
const OLDER = (process.env["PATH"] ?? "").split(delimiter)
  .filter((folder) => !folder.includes("node_modules"))
  .map((folder) => join(folder, "node"))
  .find(existsSync);

test("the Node of this machine imports the package as well", {
  skip: OLDER === undefined ? "there is no other Node in the PATH" : false,
}, async () => {
  const file = join(built.folder, "exchange.mjs");
  writeFileSync(file, EXCHANGE);
  const { stdout, stderr } = await run(OLDER!, [file], { cwd: built.folder });
  assert.equal(stdout.toString(), "hello\nhello\n", stderr);
});

for (const [module, resolution] of [["nodenext", "nodenext"], ["esnext", "bundler"]] as const) {
  test(`the types fit a program that finds its modules as "${resolution}" says`, async () => {
    const name = `consumer_${resolution}.ts`;
    writeFileSync(join(built.folder, name), CONSUMER);
    const tsc = join(PROJECT, "node_modules", "typescript", "bin", "tsc");
    const { code, stdout } = await run(NODE, [
      tsc,
      ...["--ignoreConfig", "--noEmit", "--strict", "--target", "esnext", "--types", ""],
      ...["--module", module, "--moduleResolution", resolution, "--lib", "esnext,dom"],
      ...(resolution === "bundler" ? ["--customConditions", "browser"] : []),
      name,
    ], { cwd: built.folder });
    assert.equal(code, 0, stdout.toString());
  });
}

test("no declaration names a module that is not there", () => {
  for (const file of globSync("types/**/*.d.ts", { cwd: built.folder })) {
    const names = read(file).matchAll(/(?:from |import\()"(\.[^"]+)"/g);
    for (const [, name] of names) {
      const target = join(built.folder, file, "..", name!.replace(/\.js$/, ".d.ts"));
      assert.ok(existsSync(target), `${file} imports ${name}`);
    }
  }
});

for (const name of ["browser.js", "mod_browser.js"]) {
  test(`${name} has nothing in it that only servers have`, () => {
    const code = read(name);
    assert.doesNotMatch(code, /node:|\brequire\b|\bprocess\b[.?[]|\bDeno\.|\bBun\./);
    assert.doesNotMatch(code, /^import /m);
    const sources: string[] = JSON.parse(read(`${name}.map`)).sources;
    assert.ok(sources.length > 30);
    const servers =
      /runtime\/(node|deno|bun|ws_|mount_|tls_)|(mount|tcp|ipc|tls|ws|host_port|system_errors|tls_rules|web_socket_rules)\.ts/;
    assert.deepEqual(sources.filter((source) => servers.test(source)), []);
  });
}

test(`after gzip -9, browser.js has at most ${LIMITS.all} bytes, and Sub alone ${LIMITS.sub}`, async () => {
  const { all, sub } = await measurePackage(built.folder);
  console.log(`after gzip -9: browser.js ${all} bytes, Sub alone ${sub}`);
  assert.ok(all <= LIMITS.all, `browser.js has ${all} bytes`);
  assert.ok(sub <= LIMITS.sub, `Sub alone has ${sub} bytes`);
});
