/** `villas` as a program: its tools together, what they print, and how they end. On the runtime that runs the tests. */

import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { Pub } from "../../mod.ts";
import { freePort } from "../conformance/transports.ts";
import { run, start } from "../helpers/process.ts";
import { FAST_PROGRAM, programFile } from "../helpers/programs.ts";
import { CURRENT } from "../helpers/runtimes.ts";
import { SEED } from "./seed.ts";

const folder = mkdtempSync(join(tmpdir(), "villas-cli-"));
after(() => rmSync(folder, { recursive: true }));

const PROGRAM = [...CURRENT.args, programFile("villas")];

function villas(args: readonly string[], input?: string) {
  return run(CURRENT.command, [...PROGRAM, ...args], {
    cwd: folder,
    env: FAST_PROGRAM,
    ...(input !== undefined && { input }),
  });
}

function startVillas(args: readonly string[], input?: string) {
  return start(CURRENT.command, [...PROGRAM, ...args], {
    cwd: folder,
    env: FAST_PROGRAM,
    ...(input !== undefined && { input }),
  });
}

function write(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return name;
}

/** A shell with the function `villas`, as around VILLASnode's own test scripts. */
async function shell(script: string) {
  const quoted = [CURRENT.command, ...PROGRAM].map((word) => `'${word}'`).join(" ");
  const file = join(folder, `script-${Math.random()}.sh`);
  writeFileSync(file, `villas() { ${quoted} "$@"; }\n${script}`);
  chmodSync(file, 0o755);
  return await run("bash", [file], { cwd: folder, env: FAST_PROGRAM });
}

/** The seed's example, at addresses that nobody else uses. */
async function seed(name: string): Promise<string> {
  const { port } = await freePort();
  return write(
    name,
    SEED.replaceAll("12000", String(port)).replaceAll("/tmp/test.ipc", join(folder, "test.ipc")),
  );
}

test("villas node takes the documentation's example, opens nothing, and stays until it is told to end", async () => {
  await using child = startVillas(["node", write("seed.conf", SEED)]);
  await child.line(/Node nanomsg_node\(nanomsg\) is not used by any path\. Disabling\.\.\./);
  await child.line(/Started/);
  child.kill("SIGINT");
  const { code, stdout } = await child.finished();
  assert.deepEqual([code, stdout.toString()], [0, ""]);
});

test("villas pipe with the documentation's example prints each sample once", async () => {
  const config = await seed("pipe.conf");
  const lines = [0, 1, 2].map((n) => `170000000${n}.000000005(${n})\t${n}.5\t-2\n`);
  const { code, stdout, stderr } = await villas(
    ["pipe", "-l", "3", config, "nanomsg_node"],
    lines.join(""),
  );
  assert.equal(code, 0, stderr);
  const [header, ...printed] = stdout.toString().trimEnd().split("\n");
  assert.match(header!, /^# seconds\.nanoseconds\+offset\(sequence\)\tsignal0\t/);
  assert.deepEqual(
    printed.map((line) => line.replace(/\+\d\.\d{6}e[+-]\d\d/, "")),
    [0, 1, 2].map((n) =>
      `170000000${n}.000000005(${n})\t${n}.50000000000000000\t-2.00000000000000000`
    ),
  );
  assert.match(stderr, /Reached receive limit\. Terminating\.\.\./);
});

test("villas pipe whose input has ended waits for the samples that it is to receive", async () => {
  const config = await seed("waits.conf");
  await using child = startVillas(
    ["pipe", "-l", "2", config, "nanomsg_node"],
    "1700000000.000000005(0)\t1\n",
  );
  await child.line(/Reached end-of-file\. Wait for receive side\.\.\./);
  child.kill("SIGINT");
  assert.equal((await child.finished()).code, 0);
});

test("without the builtin hooks, it prints each sample three times", async () => {
  const config = await seed("thrice.conf");
  const text = readFileSync(join(folder, config), "utf8");
  write(config, text.replace('type = "nanomsg",', 'type = "nanomsg", builtin = false,'));
  const { code, stdout, stderr } = await villas(
    ["pipe", "-l", "3", config, "nanomsg_node"],
    "1700000000.000000005(0)\t1\n",
  );
  assert.equal(code, 0, stderr);
  const printed = stdout.toString().trimEnd().split("\n").slice(1);
  assert.deepEqual(printed, Array(3).fill("1700000000.000000005(0)\t1.00000000000000000"));
});

test("VILLASnode's own test of the nanomsg node passes", async () => {
  const { host, port } = await freePort();
  const config = {
    nodes: {
      node1: {
        type: "nanomsg",
        format: "protobuf",
        vectorize: 10,
        in: {
          endpoints: [`tcp://${host}:${port}`],
          signals: { type: "float", count: 5 },
        },
        out: { endpoints: [`tcp://${host}:${port}`] },
      },
    },
  };
  write("config.json", JSON.stringify(config));
  const { code, stdout, stderr } = await shell(`
    villas signal -v 5 -l 100 -n mixed > input.dat
    villas pipe -l 100 config.json node1 > output.dat < input.dat
    villas compare input.dat output.dat
  `);
  assert.deepEqual([code, stdout.toString()], [0, ""], stderr);
  assert.equal(readFileSync(join(folder, "output.dat"), "utf8").trimEnd().split("\n").length, 101);
});

test("VILLASnode's own test of the zeromq node passes", async () => {
  const { host, port } = await freePort();
  const config = {
    nodes: {
      node1: {
        type: "zeromq",
        format: "protobuf",
        vectorize: 10,
        pattern: "pubsub",
        out: { publish: `tcp://${host}:${port}` },
        in: {
          subscribe: `tcp://${host}:${port}`,
          signals: { type: "float", count: 5 },
        },
      },
    },
  };
  write("zeromq.json", JSON.stringify(config));
  const { code, stdout, stderr } = await shell(`
    villas signal -l 10 -n -v 5 random > zeromq-input.dat
    villas pipe -l 10 zeromq.json node1 > zeromq-output.dat < zeromq-input.dat
    villas compare zeromq-input.dat zeromq-output.dat
  `);
  assert.deepEqual([code, stdout.toString()], [0, ""], stderr);
  const output = readFileSync(join(folder, "zeromq-output.dat"), "utf8");
  assert.equal(output.trimEnd().split("\n").length, 11);
});

const ADDRESSES: Record<string, () => Promise<string>> = {
  tcp: async () => {
    const { host, port } = await freePort();
    return `tcp://${host}:${port}`;
  },
  ipc: () => Promise.resolve(`ipc://${join(folder, "two.ipc")}`),
  ws: async () => {
    const { host, port } = await freePort();
    return `ws://${host}:${port}`;
  },
};

test("signals go from one process to another over tcp, ipc and ws, and none is lost", async () => {
  await Promise.all(
    Object.entries(ADDRESSES).map(async ([scheme, address]) => {
      const endpoint = await address();
      const nodes = {
        sender: { type: "nanomsg", out: { endpoints: endpoint, peers: 1 } },
        receiver: { type: "nanomsg", in: { endpoints: [endpoint] } },
      };
      const config = write(`${scheme}.json`, JSON.stringify({ nodes }));
      const { code, stdout, stderr } = await shell(`
      villas pipe -r -l 300 ${config} receiver > ${scheme}-out.dat &
      villas signal -r 100 -l 300 mixed | tee ${scheme}-in.dat | villas pipe -s -L 300 ${config} sender
      wait
      villas compare ${scheme}-in.dat ${scheme}-out.dat
    `);
      assert.deepEqual([code, stdout.toString()], [0, ""], `${scheme}: ${stderr}`);
      const lines = readFileSync(join(folder, `${scheme}-out.dat`), "utf8").trimEnd().split("\n");
      assert.equal(lines.length, 301);
    }),
  );
});

test("a configuration that is wrong ends with 255, and names line and column", async () => {
  const config = write("wrong.conf", "nodes = {\n  meter = {\n    type == 5\n  }\n}\n");
  for (const args of [["node", config], ["test-config", config], ["pipe", config, "meter"]]) {
    const { code, stderr } = await villas(args);
    assert.equal(code, 255);
    assert.match(stderr, /error \S+: wrong\.conf:3:11: Unexpected "=": expected a value/);
  }
  const unknown = write("unknown.conf", 'nodes = { aa = {\n type = "nanomsg", format = "foo" } }');
  for (const args of [["pipe", unknown, "aa"], ["test-config", unknown]]) {
    const { code, stderr } = await villas(args);
    assert.equal(code, 255);
    assert.match(stderr, /unknown\.conf:2:29: Unknown format: foo; there are: csv, /);
  }
});

test("a port that is in use ends with 255, and names the address", async () => {
  const pub = new Pub();
  const { address } = await pub.bind("tcp://127.0.0.1:0");
  const nodes = {
    gen: { type: "signal", signal: "sine" },
    taken: { type: "nanomsg", out: { endpoints: address } },
  };
  const config = write(
    "taken.json",
    JSON.stringify({ nodes, paths: [{ in: "gen", out: "taken" }] }),
  );
  const { code, stderr } = await villas(["node", config]);
  assert.equal(code, 255);
  assert.ok(stderr.includes(`Failed to connect nanomsg socket to endpoint ${address}: `), stderr);
  await pub.close();
});

test("rubbish from a peer is a warning, and the program lives", async () => {
  const pub = new Pub();
  const { address } = await pub.bind("tcp://127.0.0.1:0");
  const nodes = { sub: { type: "nanomsg", in: { endpoints: address, signals: "1f" } } };
  const config = write("rubbish.json", JSON.stringify({ nodes }));
  await using child = startVillas(["pipe", "-r", "-l", "1", config, "sub"]);
  await pub.peers(1);
  await pub.send("rubbish");
  await child.line(/warn node:sub: Failed to read samples from node sub\(nanomsg\): reason=/);
  await pub.send('[{"sequence": 1, "data": [1.0]}]');
  const { code, stdout } = await child.finished();
  assert.equal(code, 0);
  assert.match(stdout.toString(), /\(1\)\t1\.0{17}\n$/);
  await pub.close();
});

test("villas node ends with its paths when it is told to, and runs hooks", async () => {
  const config = write(
    "idle.conf",
    `idle_stop = true
     nodes = { gen = { type = "signal", signal = "counter", rate = 100, limit = 3 }
               dat = { type = "file", uri = "idle.dat" } }
     paths = ( { in = "gen", out = "dat", hooks = ( { type = "scale", signal = "counter", scale = 10 } ) } )`,
  );
  const { code, stderr } = await villas(["node", config]);
  assert.equal(code, 0, stderr);
  const lines = readFileSync(join(folder, "idle.dat"), "utf8").trimEnd().split("\n");
  assert.deepEqual(lines.slice(1).map((line) => line.split("\t")[1]!.slice(0, 4)), [
    "0.00",
    "10.0",
    "20.0",
  ]);
});

test("conf2json prints what libconfig means, and ends with 254 if it means nothing", async () => {
  const good = await villas(["conf2json", write("seed2.conf", SEED)]);
  assert.equal(good.code, 0);
  assert.deepEqual(JSON.parse(good.stdout.toString()), {
    nodes: {
      nanomsg_node: {
        type: "nanomsg",
        out: { endpoints: ["tcp://*:12000", "ipc:///tmp/test.ipc", "inproc://test"] },
        in: { endpoints: ["tcp://127.0.0.1:12000", "ipc:///tmp/test.ipc", "inproc://test"] },
      },
    },
  });
  const bad = await villas(["conf2json", write("bad.conf", "{ }")]);
  assert.equal(bad.code, 254);
  assert.match(bad.stderr, /bad\.conf:1:1: /);
});

test("compare has an exit status for each difference", async () => {
  const base = "1700000000.000000000(1)\t1\t2\n";
  write("a.dat", base);
  const cases: [string, string, string[], number][] = [
    ["equal", "# a comment\n1700000000.000000500(1)\t1.0000001\t2\n", [], 0],
    ["length", base + base, [], 1],
    ["sequence", base.replace("(1)", "(2)"), [], 2],
    ["sequence, ignored", base.replace("(1)", "(2)"), ["-s"], 0],
    ["time", base.replace(".0000", ".0001"), [], 3],
    ["time, ignored", base.replace(".0000", ".0001"), ["-T"], 0],
    ["number of values", "1700000000.000000000(1)\t1\n", [], 4],
    ["value", base.replace("\t2", "\t2.1"), [], 5],
    ["value, within epsilon", base.replace("\t2", "\t2.1"), ["-e", "0.2"], 0],
    ["values, ignored", base.replace("\t2", "\t2.1"), ["-v"], 0],
  ];
  await Promise.all(cases.map(async ([name, text, flags, wanted], at) => {
    const other = write(`b${at}.dat`, text);
    const { code } = await villas(["compare", ...flags, "a.dat", other]);
    assert.equal(code, wanted, name);
  }));
});

test("convert goes from one format to another", async () => {
  const { code, stdout } = await villas(
    ["convert", "-o", '{"type":"json","compact":true}', "-t", "1f1i"],
    "1700000000.000000005(3)\t1\t-7\n",
  );
  assert.equal(code, 0);
  assert.equal(
    stdout.toString(),
    '{"ts":{"origin":[1700000000,5]},"sequence":3,"data":[1.0,-7]}\n',
  );
});

test("signal prints as many samples as it is told, of the shape that it is told", async () => {
  const { code, stdout } = await villas(["signal", "-n", "-l", "3", "-o", "-1", "-v2", "counter"]);
  assert.equal(code, 0);
  const [header, ...lines] = stdout.toString().trimEnd().split("\n");
  assert.equal(header, "# seconds.nanoseconds(sequence)\tcounter\tcounter");
  assert.deepEqual(lines.map((line) => line.replace(/^\d+\.\d{9}/, "").replaceAll(/0{17}/g, "0")), [
    "(0)\t-1.0\t-1.0",
    "(1)\t0.0\t0.0",
    "(2)\t1.0\t1.0",
  ]);
});

test("pipe swaps the endpoints with -x, ends with -T, and takes other settings with -o", async () => {
  const [here, there] = [join(folder, "here.ipc"), join(folder, "there.ipc")];
  const nodes = {
    turn: {
      type: "nanomsg",
      in: { endpoints: [`ipc://${here}`] },
      out: { endpoints: [`ipc://${there}`] },
    },
  };
  const config = write("turn.json", JSON.stringify({ nodes }));
  await using child = startVillas(["pipe", "-s", "-x", "-T", "1", "-d", "debug", config, "turn"]);
  await child.line(/Bound to .*here\.ipc/);
  const { code, stderr } = await child.finished();
  assert.equal(code, 0);
  assert.match(stderr, /Reached timeout\. Terminating\.\.\./);
  const more = `nodes.turn.out.endpoints=["ipc://${here}","ipc://${there}"]`;
  const refused = await villas(["pipe", "-x", "-o", more, config, "turn"]);
  assert.equal(refused.code, 255);
  assert.match(refused.stderr, /Cannot reverse this node: .* got 1 in and 2 out/);
});

test("help, versions and wrong command lines", async () => {
  const [all, help, version, unknown, flag, missing, capabilities] = await Promise.all([
    villas(["--help"]),
    villas(["pipe", "-h"]),
    villas(["node", "-V"]),
    villas(["foo"]),
    villas(["pipe", "-q"]),
    villas(["pipe", "-l", "x", "config", "node"]),
    villas(["node", "-C"]),
  ]);
  assert.equal(all.code, 0);
  assert.match(all.stdout.toString(), /villas compare \[OPTIONS\] FILE1 FILE2/);
  assert.equal(help.code, 0);
  assert.match(help.stdout.toString(), /^Usage: villas pipe \[OPTIONS\] CONFIG NODE\n/);
  assert.match(version.stdout.toString(), /^nanostreams \d+\.\d+\.\d+\n$/);
  assert.deepEqual([unknown.code, flag.code, missing.code], [1, 1, 1]);
  assert.match(missing.stderr, /Failed to parse option argument '-l x': expected a number/);
  assert.ok(JSON.parse(capabilities.stdout.toString()).nodes.includes("nanomsg"));
});
