/** What goes to npm: built, and used as others would. */

import assert from "node:assert/strict";
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import process from "node:process";
import { build } from "esbuild";
import { after, before, test } from "node:test";
import { VERSION } from "../../cli/lib/version.ts";
import { measurePackage } from "../../scripts/build_npm.ts";
import { DOORS, OPTIONAL } from "../../scripts/doors.ts";
import { run, start } from "../helpers/process.ts";
import { PROJECT, RUNTIMES } from "../helpers/runtimes.ts";
import { buildPackage, NODE, type Package } from "./package.ts";

/** What pages may have to load, in bytes after `gzip -9`. */
const LIMITS = { all: 40_200, sub: 26_600 };

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

/** Whether both doors have the same errors, and so one copy of what they share. */
const SHARING = `
  import { Pull, SPError } from "@nanostreams/nanostreams";
  import * as codecs from "@nanostreams/nanostreams/codecs";
  import { cbor } from "@nanostreams/nanostreams/codecs/cbor";
  import { msgpack } from "@nanostreams/nanostreams/codecs/msgpack";
  import * as zmtp from "@nanostreams/nanostreams/zmtp";
  const error = await new Pull().bind("none://x").catch((error) => error);
  console.log(error instanceof zmtp.SPError, zmtp.SPError === SPError, codecs.SPError === SPError);
  for (const codec of [codecs.json(), cbor(), msgpack()]) {
    try {
      codec.decode(new Uint8Array(0));
    } catch (error) {
      console.log(error instanceof SPError, error.code);
    }
  }
`;

/** What a bundle is made of. */
const BUNDLED = `
  import { Pull, Push } from "@nanostreams/nanostreams";
  const pull = new Pull();
  const push = new Push();
  await pull.bind("inproc://bundled");
  push.connect("inproc://bundled");
  await push.send("hello");
  console.log(new TextDecoder().decode(await pull.receive()));
  await Promise.all([pull.close(), push.close()]);
`;

/** A program that uses the types, and one wrong line that they must find. */
const CONSUMER = `
  import { Pub, Sub, type SubOptions } from "@nanostreams/nanostreams";
  import { Req } from "@nanostreams/nanostreams/browser";
  import { SPError } from "@nanostreams/nanostreams/zmtp";
  const options: SubOptions = { subscribe: "weather" };
  const sub: Sub = new Sub(options);
  const text: Promise<Uint8Array> = sub.receive();
  const reply: Promise<Uint8Array> = new Req().request("hello");
  // @ts-expect-error A publisher has nothing to read.
  new Pub().readable;
  const code: string = new SPError("EPROTO", "hello").code;
  export { code, reply, text };
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

/** A manifest of the repository. */
function json(name: string): Record<string, unknown> {
  return JSON.parse(readFileSync(join(PROJECT, name), "utf8"));
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
  assert.equal(VERSION, version);
});

test("the package installs nothing else, and names what its modules load when asked", () => {
  // What is a part of the package: Commander in the command line's bundle, and `ws.js`.
  const { commander: _, ws: __, ...all } = json("deno.json").imports as Record<string, string>;
  // What comes from JSR is for tests, examples and another build.
  const imports = Object.fromEntries(
    Object.entries(all).filter(([, from]) => from.startsWith("npm:")),
  );
  const { dependencies, peerDependencies, peerDependenciesMeta } = JSON.parse(read("package.json"));
  assert.equal(dependencies, undefined);
  assert.deepEqual(
    Object.fromEntries(
      Object.entries(peerDependencies).map((
        [name, version],
      ) => [name, `npm:${name}@^${String(version).replace("^", "")}`]),
    ),
    imports,
  );
  assert.deepEqual(Object.keys(peerDependencies), OPTIONAL);
  assert.deepEqual(
    peerDependenciesMeta,
    Object.fromEntries(OPTIONAL.map((name) => [name, { optional: true }])),
  );
});

test("every manifest has the same doors", () => {
  const doors = DOORS.map(({ path, module }) => [path, `./${module}`]);
  const ofPages = [["./browser", "./browser.ts"], ["./zmtp/browser", "./zmtp/browser.ts"]];
  const all = Object.fromEntries([...doors, ...ofPages]);
  const programs = /cli|nanocat|nngcat/;
  const ofJsr = Object.entries(json("deno.json").exports as object);
  assert.deepEqual(Object.fromEntries(ofJsr.filter(([path]) => !programs.test(path))), all);
  assert.deepEqual(json("package.json").exports, all);
  const { "./package.json": _, ...built } = JSON.parse(read("package.json")).exports;
  assert.deepEqual(Object.keys(built).sort(), Object.keys(all).sort());
});

test("whoever bundles a page, and who can do no more than a page, gets the smaller part", () => {
  const { exports } = JSON.parse(read("package.json"));
  for (const { path, page } of DOORS) {
    if (page === undefined) continue;
    const order = ["workerd", "react-native", "browser", "deno", "bun", "node", "default"];
    assert.deepEqual(Object.keys(exports[path]), order);
    for (const condition of order) {
      const { types, default: code } = exports[path][condition];
      const isPage = ["workerd", "react-native", "browser"].includes(condition);
      assert.equal(code.endsWith("_browser.js"), isPage, `${path} ${condition} ${code}`);
      for (const file of [types, code]) assert.ok(existsSync(join(built.folder, file)), file);
    }
  }
});

test("what people read of the package has no link that leads nowhere", () => {
  for (const name of ["README.md", "CHANGELOG.md"]) {
    const links = [
      ...read(name).matchAll(/\]\(([^)\s]+)|(?:src|href)="([^"]+)"|^\[[^\]]+\]: (\S+)/gm),
    ];
    assert.ok(links.length > 2);
    const relative = links.map(([, ...targets]) => targets.find(Boolean)!).filter((target) =>
      !/^(https?:|#)/.test(target)
    );
    assert.deepEqual(relative, [], name);
  }
});

test("the manifest says where the package comes from", () => {
  const { repository, homepage, bugs } = JSON.parse(read("package.json"));
  assert.match(repository.url, /^git\+https:\/\/github\.com\/[\w-]+\/[\w-]+\.git$/);
  const address = repository.url.slice("git+".length, -".git".length);
  assert.deepEqual([homepage, bugs], [`${address}#readme`, `${address}/issues`]);
});

test("source maps and declarations lead to the sources, which are there once", () => {
  const maps = globSync("**/*.map", { cwd: built.folder });
  const bundles = maps.filter((file) => !file.startsWith("types/"));
  assert.ok(bundles.length > 6 && maps.length > bundles.length + 100);
  for (const file of maps) {
    const { sources, sourcesContent } = JSON.parse(read(file));
    assert.equal(sourcesContent, undefined, file);
    for (const source of sources) {
      assert.match(source, /^(\.\.\/)*ts\/.*\.ts$/);
      assert.ok(existsSync(join(built.folder, file, "..", source)), `${file} names ${source}`);
    }
  }
});

/** A stand-in for a package that masks messages in native code. */
const MASKING = `
  exports.mask = (source, mask, output, offset, length) => {
    console.log("masked");
    for (let i = 0; i < length; i++) output[offset + i] = source[i] ^ mask[i & 3];
  };
  exports.unmask = (buffer, mask) => {
    for (let i = 0; i < buffer.length; i++) buffer[i] ^= mask[i & 3];
  };
`;

test("WebSockets are masked by bufferutil where it is installed", async () => {
  const folder = join(built.folder, "node_modules", "bufferutil");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "index.js"), MASKING);
  const file = join(built.folder, "masking.mjs");
  writeFileSync(file, EXCHANGE.replaceAll('"hello"', '"hello".repeat(20)'));
  const { stdout, stderr } = await run(NODE, [file], { cwd: built.folder });
  assert.equal(stdout.toString().match(/^masked$/gm)?.length, 1, stderr);
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

for (const condition of ["node", "browser"]) {
  test(`for "${condition}", all doors share one copy of what they have in common`, async () => {
    const file = join(built.folder, "sharing.mjs");
    writeFileSync(file, SHARING);
    const { stdout, stderr } = await run(NODE, ["--conditions", condition, file]);
    const failed = "true EPROTO\n";
    assert.equal(stdout.toString(), `true true true\n${failed.repeat(3)}`, stderr);
  });

  test(`a bundle for "${condition}" knows the transports, and has none if it needs none`, async () => {
    const bundle = async (contents: string): Promise<string> => {
      const { outputFiles } = await build({
        stdin: { contents, resolveDir: built.folder },
        bundle: true,
        format: "esm",
        platform: "neutral",
        conditions: [condition],
        minify: true,
        write: false,
        logLevel: "silent",
      });
      return outputFiles[0]!.text;
    };
    const file = join(built.folder, "bundled.mjs");
    writeFileSync(file, await bundle(BUNDLED));
    const { stdout, stderr } = await run(NODE, [file], { cwd: built.folder });
    assert.equal(stdout.toString(), "hello\n", stderr);
    const unused = 'import { Pull } from "@nanostreams/nanostreams"; console.log(typeof "Pull");';
    assert.ok((await bundle(unused)).length < 100);
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

test("the package has nngcat, which answers another one, and knows its version", async () => {
  const file = join(built.folder, JSON.parse(read("package.json")).bin.nngcat);
  const address = `ipc://${join(built.folder, "nngcat.ipc")}`;
  await using rep = start(NODE, [file, "--rep", "--listen", address, "--data", "hello", "-v"]);
  await rep.line(/^Listening at: /);
  const req = await run(NODE, [file, "--req", "--dial", address, "--data", "?", "--quoted"]);
  assert.deepEqual([req.code, req.stdout.toString(), req.stderr], [0, '"hello"\n', ""]);
  assert.equal((await run(NODE, [file, "--version"])).stdout.toString(), `${VERSION}\n`);
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

/** The same with ZeroMQ's wire. */
const ZEROMQ_GATEWAY = `
  import { Sub } from "@nanostreams/nanostreams/zmtp";
  import { Gateway, openCodec } from "@nanostreams/nanostreams/villas";
  const sub = new Sub({ subscribe: "lab" });
  const gateway = new Gateway({
    nodes: {
      waves: { type: "signal", signal: "counter", rate: 100, limit: 1 },
      lab: { type: "zeromq", out: { publish: "inproc://lab", filter: "lab", peers: 1 } },
    },
    paths: [{ in: "waves", out: "lab" }],
  });
  await gateway.start();
  sub.connect("inproc://lab");
  const codec = await openCodec("villas.binary", { mode: "message" });
  const [topic, samples] = await sub.receive();
  const [{ sequence, values }] = codec.decode(samples);
  console.log(new TextDecoder().decode(topic), sequence, values);
  await sub.close();
  await gateway.stop();
`;

test("the package's gateway shares ZMTP's sockets too", async () => {
  const file = join(built.folder, "zeromq_gateway.mjs");
  writeFileSync(file, ZEROMQ_GATEWAY);
  const { code, stdout, stderr } = await run(NODE, [file], { cwd: built.folder });
  assert.deepEqual([code, stdout.toString()], [0, "lab 0n [ 0 ]\n"], stderr);
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

/** What a program sees of its sockets, and what that loads. */
const OBSERVED = `
  import { Pull } from "@nanostreams/nanostreams";
  import * as zmtp from "@nanostreams/nanostreams/zmtp";
  import { prometheus } from "@nanostreams/nanostreams/observe";
  const text = prometheus({ sp: new Pull(), zmtp: new zmtp.Pull() });
  console.log(text.match(/^nanostreams_peers.*$/gm).join("\\n"));
`;

test("the package has figures of sockets of both wires, by modules that have no sockets in them", async () => {
  const file = join(built.folder, "observed.mjs");
  writeFileSync(file, OBSERVED);
  const { code, stdout, stderr } = await run(NODE, [file], { cwd: built.folder });
  const lines = ["sp", "zmtp"].map((name) =>
    `nanostreams_peers{socket="${name}",protocol="pull"} 0\n`
  );
  assert.deepEqual([code, stdout.toString()], [0, lines.join("")], stderr);
  const sources = modules("observe.js").flatMap((name): string[] =>
    JSON.parse(read(`${name}.map`)).sources
  );
  assert.deepEqual(sources.filter((source) => !/\/(observe|src\/base)\//.test(source)), []);
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

/** A built module, and those of the package that it imports. */
function modules(name: string, found: string[] = []): string[] {
  if (found.includes(name)) return found;
  found.push(name);
  const imports = read(name).matchAll(/\b(?:from ?|import ?|import\()"\.\/([^"]+)"/g);
  for (const [, other] of imports) modules(other!, found);
  return found;
}

/** The doors for pages, and from how many files of the source each is made at least. */
const DOORS_FOR_PAGES = {
  "browser.js": 30,
  "mod_browser.js": 30,
  "zmtp_browser.js": 10,
  "codecs_browser.js": 10,
  "codecs_cbor_browser.js": 5,
  "codecs_msgpack_browser.js": 5,
  "rpc_browser.js": 10,
  "observe_browser.js": 3,
};

for (const [door, least] of Object.entries(DOORS_FOR_PAGES)) {
  test(`${door} has nothing in it that only servers have`, () => {
    const names = modules(door);
    assert.equal(names.length === 1, door === "browser.js", names.join());
    const code = names.map(read).join("\n");
    assert.doesNotMatch(code, /node:|\brequire\b|\bprocess\b[.?[]|\bDeno\.|\bBun\./);
    const imports = [...code.matchAll(/^import [^"]*"([^"]+)"/gm)].map(([, name]) => name!);
    const formats = ["cbor2", "@msgpack/msgpack"];
    assert.deepEqual(
      imports.filter((name) => !name.startsWith("./shared") && !formats.includes(name)),
      [],
    );
    // Each of these packages is for one door.
    const needed = formats.filter((name) => imports.includes(name));
    assert.equal(needed.length, /_(cbor|msgpack)_/.test(door) ? 1 : 0);
    const sources = names.flatMap((name): string[] => JSON.parse(read(`${name}.map`)).sources);
    assert.ok(sources.length > least, `${sources.length} files`);
    const isOfCodecs = door.startsWith("codecs");
    assert.equal(sources.some((source) => source.includes("codecs/")), isOfCodecs);
    if (isOfCodecs) {
      assert.deepEqual(
        sources.filter((source) => /patterns|transports|src.socket/.test(source)),
        [],
      );
    }
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
