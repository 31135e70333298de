/** What Deno does not permit is an error that can be caught, with its name, on each transport. */

import assert from "node:assert/strict";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { certificates } from "../helpers/certificates.ts";
import { run } from "../helpers/process.ts";
import { PROJECT, RUNTIMES } from "../helpers/runtimes.ts";
import { Folder, leaveStale } from "./ipc_stage.ts";
import type { Outcome, Tries } from "./workers/permissions.ts";

const { ca, server } = await certificates();
const { command } = RUNTIMES.find(({ name }) => name === "deno")!;
const FIXTURE = join(PROJECT, "tests", "transports", "workers", "permissions.ts");

/** How each try ends in a Deno with these flags. */
async function outcomes(flags: readonly string[], tries: Omit<Tries, "tls">): Promise<Outcome[]> {
  const args = ["run", "--quiet", "--no-prompt", ...flags, FIXTURE];
  const input = JSON.stringify({ ...tries, tls: { ca, ...server } });
  const { stdout, stderr } = await run(command, args, { input, cwd: PROJECT });
  assert.notEqual(stdout.length, 0, stderr);
  return JSON.parse(stdout.toString());
}

/** Each try, refused. */
function refused({ bind, connect }: Omit<Tries, "tls">): Outcome[] {
  return [
    ...bind.map((address) => [`bind ${address}`, "EACCES"] as const),
    ...connect.map((address) => [`connect ${address}`, "EACCES"] as const),
    ["done", ""],
  ];
}

const path = join(tmpdir(), `nanostreams-${process.pid}-${crypto.randomUUID()}.ipc`);
const OTHERS = [`ipc://${path}`, ...(process.platform === "linux" ? ["abstract://never"] : [])];
const SCHEMES = ["tcp", "tls+tcp", "ws", "wss"];

const EVERYTHING: Omit<Tries, "tls"> = {
  bind: [
    ...SCHEMES.flatMap((scheme) =>
      ["127.0.0.1", "localhost", "[::1]", "*"].map((host) => `${scheme}://${host}:0`)
    ),
    ...OTHERS,
  ],
  connect: [
    ...SCHEMES.flatMap((scheme) =>
      ["127.0.0.1", "localhost", "127.0.0.1;127.0.0.1", "[::1];[::1]"]
        .map((host) => `${scheme}://${host}:9`)
    ),
    ...OTHERS,
  ],
};

const lo = Object.entries(networkInterfaces())
  .find(([, all]) => all?.some(({ address }) => address === "127.0.0.1"))?.[0] ?? "lo";

test("a Deno with --allow-net needs --allow-sys=networkInterfaces for the names of interfaces", async () => {
  const net = "--allow-net";
  const addresses = SCHEMES.filter((scheme) => !scheme.startsWith("ws"))
    .flatMap((scheme) => [`${scheme}://${lo}:0`, `${scheme}4://${lo}:0`]);
  const tries = { bind: addresses, connect: [`tcp://${lo};127.0.0.1:9`] };
  assert.deepEqual(await outcomes([net], tries), refused(tries));
  assert.deepEqual(await outcomes([net, "--allow-sys=networkInterfaces"], tries), [
    ...addresses.map((address) => [`bind ${address}`, "bound"]),
    [`connect tcp://${lo};127.0.0.1:9`, "ECONNREFUSED"],
    ["done", ""],
  ]);
});

test("a Deno with --allow-net needs nothing more for the name of a host, known or unknown", async () => {
  const bind = ["tcp://localhost:0", "tcp4://localhost:0", "tcp://nowhere.invalid:0"];
  const connect = ["tcp4://127.0.0.1:9", "tcp4://nowhere.invalid:9"];
  assert.deepEqual(await outcomes(["--allow-net"], { bind, connect }), [
    ["bind tcp://localhost:0", "bound"],
    ["bind tcp4://localhost:0", "bound"],
    ["bind tcp://nowhere.invalid:0", "ENOTFOUND"],
    ["connect tcp4://127.0.0.1:9", "ECONNREFUSED"],
    ["connect tcp4://nowhere.invalid:9", "ENOTFOUND"],
    ["done", ""],
  ]);
});

test("in a Deno that may use one path only, that is bound, and a stale file there is no obstacle", {
  skip: process.platform === "win32" && "Windows has named pipes instead",
}, async () => {
  using folder = new Folder();
  const path = folder.at("socket");
  const flags = ["--allow-net", `--allow-read=${path}`, `--allow-write=${path}`];
  const wanted = [[`bind ipc://${path}`, "bound"], ["done", ""]];
  const tries = { bind: [`ipc://${path}`], connect: [] };
  assert.deepEqual(await outcomes(flags, tries), wanted);
  await leaveStale(path);
  assert.deepEqual(await outcomes(flags, tries), wanted);
  assert.deepEqual(folder.names, []);
});

describe("in a Deno with --allow-net, ws://", () => {
  const bindWs = `import { Pull } from ${JSON.stringify(pathToFileURL(join(PROJECT, "mod.ts")))};
    const pull = new Pull();
    await pull.bind("ws://127.0.0.1:0").then(() => console.log("bound"), ({ code, message }) => console.log(code, message));
    await pull.close();`;

  /** What binding prints, with these flags besides. */
  async function bound(...flags: string[]): Promise<string> {
    const args = ["run", "--quiet", "--no-prompt", "--allow-net", ...flags, "-"];
    const { stdout, stderr } = await run(command, args, { input: bindWs, cwd: PROJECT });
    return stdout.toString() + stderr;
  }

  test("says which permission the package ws needs", async () => {
    const said = await bound();
    assert.match(
      said,
      /^EACCES Cannot load the package "ws": Requires env access to "WS_NO_BUFFER_UTIL"/,
    );
  });

  test("is bound once it has that", async () => {
    assert.equal(await bound("--allow-env=WS_NO_BUFFER_UTIL"), "bound\n");
  });
});

describe("in a Deno without permission, EACCES is the end of each bind and of each try to connect", () => {
  for (const flags of [[], ["--allow-read"], ["--allow-read", "--allow-write"]]) {
    test(`with ${flags.join(" ") || "no flags"}`, async () => {
      assert.deepEqual(await outcomes(flags, EVERYTHING), refused(EVERYTHING));
    });
  }

  test("with a name permitted, but not its address", async () => {
    const tries = {
      bind: ["tls+tcp", "ws", "wss"].map((scheme) => `${scheme}://localhost:0`),
      connect: SCHEMES.map((scheme) => `${scheme}://127.0.0.1;localhost:9`),
    };
    assert.deepEqual(await outcomes(["--allow-net=localhost"], tries), refused(tries));
  });
});
