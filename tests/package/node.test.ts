/** The packed package on every Node that it promises, and as CommonJS. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { NODE } from "../browser/package.ts";
import { RUNTIMES } from "../helpers/runtimes.ts";
import { install, MATRIX, PATIENCE, type Project, SKIP } from "./project.ts";
import { NODES, NODES_WITH_REQUIRE } from "./versions.ts";

/** Messages over every transport, a stream, and ZeroMQ's wire. */
const SMOKE = `
  import { Pair, Rep, Req } from "@nanostreams/nanostreams";
  import * as zmtp from "@nanostreams/nanostreams/zmtp";
  const text = (message) => new TextDecoder().decode(message);
  for (const address of ["tcp://127.0.0.1:0", "ws://127.0.0.1:0/", process.argv[2], "inproc://x"]) {
    const left = new Pair();
    const right = new Pair();
    right.connect((await left.bind(address)).address);
    await right.send(address.split(":")[0]);
    console.log(text(await left.receive()));
    await Promise.all([left.close(), right.close()]);
  }
  for (const { Rep: Answering, Req: Asking } of [{ Rep, Req }, zmtp]) {
    const rep = new Answering();
    const { address } = await rep.bind("tcp://127.0.0.1:0");
    rep.serve((question) => question);
    const req = new Asking();
    req.connect(address);
    const questions = new ReadableStream({
      start(controller) {
        controller.enqueue(Asking === Req ? "asked" : ["asked"]);
        controller.close();
      },
    });
    for await (const answer of questions.pipeThrough(req)) console.log(text([answer].flat()[0]));
    await Promise.all([rep.close(), req.close()]);
  }
`;

const COMMONJS = `
  const { Pair } = require("@nanostreams/nanostreams");
  const { Rep } = require("@nanostreams/nanostreams/zmtp");
  const { Gateway } = require("@nanostreams/nanostreams/villas");
  console.log(Pair.name, Rep.name, Gateway.name);
`;

const BROKEN = `
  import { Pull } from "@nanostreams/nanostreams";
  new Pull().connect("none://x");
`;

let project: Project;

if (!SKIP) {
  before(async () => {
    project = await install(NODES);
    project.write("smoke.js", SMOKE);
    project.write("require.cjs", COMMONJS);
    project.write("broken.js", BROKEN);
  }, { timeout: PATIENCE });
  after(() => project?.remove());
}

const installed = Object.keys(NODES).map((name) => ({
  name,
  command: () => project.path("node_modules", name, "bin", "node"),
  args: [] as readonly string[],
}));
const pinned = RUNTIMES.map((runtime) => ({ ...runtime, command: () => runtime.command }));

for (const { name, command, args } of [...installed, ...pinned]) {
  test(`${name} runs the package, over every transport`, MATRIX, async () => {
    const ipc = `ipc://${project.path(`${name}.ipc`)}`;
    const printed = await project.run(command(), [...args, "smoke.js", ipc]);
    assert.equal(printed, "tcp\nws\nipc\ninproc\nasked\nasked\n");
  });
}

for (
  const { name, command, args } of [
    ...installed.filter(({ name }) => NODES_WITH_REQUIRE.includes(name)),
    ...pinned,
  ]
) {
  test(`a CommonJS module requires the package on ${name}`, MATRIX, async () => {
    const { code, stdout, stderr } = await project.try(command(), [...args, "require.cjs"]);
    assert.deepEqual([code, stdout.toString(), stderr], [0, "Pair Rep Gateway\n", ""]);
  });
}

test("a stack trace names the lines of the sources, which are there", MATRIX, async () => {
  const { stderr } = await project.try(NODE, ["--enable-source-maps", "broken.js"]);
  const [, file] = stderr.match(/at .*\((\/.*\/ts\/src\/.*\.ts):\d+:\d+\)/) ?? [];
  assert.ok(file, stderr);
  assert.match(await project.run("cat", [file]), /^import /m);
});

const PROGRAMS: Readonly<Record<string, readonly [argument: string, printed: RegExp]>> = {
  nanostreams: ["--version", /^\d+\.\d+\.\d+\n$/],
  nanocat: ["--help", /--connect/],
  nngcat: ["--version", /^\d+\.\d+\.\d+\n$/],
  "nanostreams-villas": ["--help", /test-config/],
};

for (const [name, [argument, printed]] of Object.entries(PROGRAMS)) {
  test(`the package puts ${name} where programs are`, MATRIX, async () => {
    const program = project.path("node_modules", ".bin", name);
    assert.match(await project.run(program, [argument]), printed);
  });
}
