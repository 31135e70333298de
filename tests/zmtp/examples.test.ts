/** The examples of zeromq.js's README, ported: each end talks to the other, and to the original of the other. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { temporaryFolder } from "../conformance/transports.ts";
import { FAST_START } from "../helpers/nanocat.ts";
import { type Child, start } from "../helpers/process.ts";
import { CURRENT, PROJECT, RUNTIMES } from "../helpers/runtimes.ts";
import { skip } from "./peers/zeromq.ts";

/** Where the originals are bound. */
const ORIGINAL_ADDRESS = "tcp://127.0.0.1:3000";

/** Who binds, who connects, and what the one that hears prints: the port in words, the original as it prints bytes. */
const PAIRS = [
  {
    bound: "producer",
    connected: "worker",
    ported: /^work: some work$/,
    original: /^work: some work$/,
  },
  {
    bound: "publisher",
    connected: "subscriber",
    ported: /^received a message related to: kitty cats containing message: meow!$/,
    original: /^received a message related to: <Buffer .*> containing message: <Buffer .*>$/,
  },
  { bound: "server", connected: "client", ported: /^8$/, original: /^<Buffer 38>$/ },
] as const;

const temporary = temporaryFolder();
after(() => temporary.remove());

function startPorted(name: string, address: string): Child {
  const args = [...CURRENT.args, join(PROJECT, "examples", "zmtp", `${name}.ts`)];
  return start(CURRENT.command, args, { env: { ...FAST_START, ADDRESS: address } });
}

/** Starts a program of zeromq.js's README as it stands there, at another address. */
function startOriginal(name: string, address: string): Child {
  const readme = readFileSync(join(PROJECT, "node_modules", "zeromq", "README.md"), "utf8");
  const code = readme.match(new RegExp(`#### \`${name}.js\`[^]*?\`\`\`js\n([^]*?)\`\`\``))![1]!;
  const program = code.replace(ORIGINAL_ADDRESS, address);
  assert.notEqual(program, code);
  const { command, args } = RUNTIMES.find((runtime) => runtime.name === "node")!;
  return start(command, [...args, "--input-type=module", "--eval", program], { cwd: PROJECT });
}

async function boundAddress(child: Child): Promise<string> {
  return (await child.line(/bound to /)).replace(/^.* /, "");
}

for (const { bound, connected, ported, original } of PAIRS) {
  test(`the ported ${connected} hears the ported ${bound}`, async () => {
    await using there = startPorted(bound, "tcp://127.0.0.1:0");
    await using here = startPorted(connected, await boundAddress(there));
    await here.line(ported);
  });

  test(`the original ${connected} hears the ported ${bound}`, { skip }, async () => {
    await using there = startPorted(bound, "tcp://127.0.0.1:0");
    await using here = startOriginal(connected, await boundAddress(there));
    await here.line(original);
  });

  test(`the ported ${connected} hears the original ${bound}`, { skip }, async () => {
    const address = `ipc://${join(temporary.folder, `${bound}.ipc`)}`;
    await using _there = startOriginal(bound, address);
    await using here = startPorted(connected, address);
    await here.line(ported);
  });
}

test("the ported client ends by itself when it has its result", async () => {
  await using server = startPorted("server", "tcp://127.0.0.1:0");
  await using client = startPorted("client", await boundAddress(server));
  const { code, stderr } = await client.finished();
  assert.equal(stderr, "");
  assert.equal(code, 0);
});
