/** Clients and services that know nothing of this library: nanocat and nngcat, the originals and ours. And the examples. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, test } from "node:test";
import { temporaryFolder } from "../conformance/transports.ts";
import { Rep, Req } from "../../mod.ts";
import { rpcClient, serveRpc } from "../../rpc/mod.ts";
import { FAST_START, OUR_NANOCAT, OUR_NNGCAT } from "../helpers/nanocat.ts";
import { NANOCAT, NNGCAT } from "../helpers/peers.ts";
import { type Finished, run, start } from "../helpers/process.ts";
import { CURRENT, PROJECT } from "../helpers/runtimes.ts";
import { result } from "./service.ts";

const temporary = temporaryFolder();
after(() => temporary.remove());

const ADD = '{"jsonrpc":"2.0","method":"add","params":[1,2],"id":1}';

interface Tool {
  readonly skip: string | false;
  readonly connect: string;
  run(args: readonly string[]): Promise<Finished>;
}

const TOOLS: Record<string, Tool> = {
  "nanomsg's nanocat": {
    skip: NANOCAT.skip,
    connect: "--connect",
    run: (args) => run(NANOCAT.command, args),
  },
  "nng's nngcat": {
    skip: NNGCAT.skip,
    connect: "--dial",
    run: (args) => run(NNGCAT.command, args),
  },
  "our nanocat": { skip: false, connect: "--connect", run: (args) => OUR_NANOCAT.run(args) },
  "our nngcat": { skip: false, connect: "--dial", run: (args) => OUR_NNGCAT.run(args) },
};

for (const [name, { skip, connect, run }] of Object.entries(TOOLS)) {
  test(`${name} calls a method, and sends a notification`, { skip }, async () => {
    await using rep = new Rep();
    const file = `${name.replaceAll(/\W/g, "")}.ipc`;
    const { address } = await rep.bind(`ipc://${join(temporary.folder, file)}`);
    const noted: string[] = [];
    void serveRpc(rep, {
      add: (a: number, b: number) => a + b,
      note: (text: string) => void noted.push(text),
    });
    const call = await run(["--req", connect, address, "--data", ADD, "--raw"]);
    assert.equal(call.code, 0, call.stderr);
    assert.deepEqual(JSON.parse(call.stdout.toString()), result(1, 3));
    const ascii = await run(["--req", connect, address, "--data", ADD, "--ascii"]);
    assert.equal(ascii.stdout.toString().trim(), '{"jsonrpc":"2.0","result":3,"id":1}');

    const notification = '{"jsonrpc":"2.0","method":"note","params":["hello"]}';
    const note = await run(["--req", connect, address, "--data", notification, "--raw"]);
    assert.equal(note.code, 0, note.stderr);
    assert.equal(note.stdout.toString().trim(), "");
    assert.deepEqual(noted, ["hello"]);
  });
}

test("a client calls a service that nngcat plays", { skip: NNGCAT.skip }, async () => {
  const address = `ipc://${join(temporary.folder, "played.ipc")}`;
  const reply = JSON.stringify(result(1, "played"));
  await using _service = start(NNGCAT.command, ["--rep", "--listen", address, "--data", reply]);
  await using req = new Req();
  req.connect(address);
  assert.equal(await rpcClient(req).$call("whatever", [], { timeout: 20_000 }), "played");
});

test("the example's client calls the example's server", async () => {
  const program = (name: string): string[] => [
    ...CURRENT.args,
    join(PROJECT, "examples", "rpc", `${name}.ts`),
  ];
  await using server = start(CURRENT.command, program("server"), {
    env: { ...FAST_START, ADDRESS: "tcp://127.0.0.1:0" },
  });
  const ADDRESS = (await server.line(/bound to /)).replace(/^.* /, "");
  const { code, stdout, stderr } = await run(CURRENT.command, program("client"), {
    env: { ...FAST_START, ADDRESS, NO_COLOR: "1" },
  });
  assert.deepEqual(
    stdout.toString().replaceAll(/\s+/g, " "),
    "1 + 2 = 3 Cannot divide by 0 (1) [ 6, 0.25 ] ",
    stderr,
  );
  assert.equal(code, 0);
});
