/** The examples for scripts, run as programs. */

import assert from "node:assert/strict";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { type Child, run, start } from "../helpers/process.ts";
import { CURRENT, PROJECT } from "../helpers/runtimes.ts";

/** Starts an example on this runtime. */
function startExample(
  name: string,
  { address, args = [], input }: { address: string; args?: readonly string[]; input?: string },
): Child {
  const file = join(PROJECT, "examples", "scripts", name);
  // Those of one runtime take the address as an argument.
  const isPortable = !/^(deno|bun|jsr)/.test(name);
  return start(CURRENT.command, [...CURRENT.args, file, ...(isPortable ? args : [address])], {
    env: { ADDRESS: address },
    ...(input === undefined ? {} : { input }),
  });
}

async function boundAddress(child: Child): Promise<string> {
  return (await child.line(/^bound to /)).replace("bound to ", "");
}

const INPUT = "eins\nzwölf 🙂\r\n\nc\\d\nlast";
const PRINTED = "eins\nzwölf 🙂\n\nc\\\\d\nlast\n";

/** Sends lines by one example to another, which prints them. */
async function sendAndPrint(sender: string, printer: string): Promise<void> {
  await using printing = startExample(printer, { address: "tcp://127.0.0.1:0" });
  const address = await boundAddress(printing);
  await using sending = startExample(sender, { address, input: INPUT });
  const { code, stderr } = await sending.finished();
  assert.deepEqual([code, stderr], [0, ""]);
  await printing.until(({ stdout }) => stdout.length >= new TextEncoder().encode(PRINTED).length);
  assert.equal(printing.stdout.toString(), PRINTED);
}

const PRINTERS = ["print_lines.ts", ...(CURRENT.name === "deno" ? ["deno_print_lines.ts"] : [])];
const SENDERS = [
  "push_lines.ts",
  ...(CURRENT.name === "node" ? [] : [`${CURRENT.name}_push_lines.ts`]),
];
for (const printer of PRINTERS) {
  for (const sender of SENDERS) {
    test(`${sender} sends a message a line to ${printer}, and ends`, () => {
      return sendAndPrint(sender, printer);
    });
  }
}

test("a line that is too long ends push_lines.ts with an error that names it", async () => {
  await using printing = startExample("print_lines.ts", { address: "tcp://127.0.0.1:0" });
  const input = `short\n${"x".repeat(1024 * 1024 + 1)}\n`;
  const address = await boundAddress(printing);
  await using sending = startExample("push_lines.ts", { address, input });
  const { code, stderr } = await sending.finished();
  assert.equal(code, 1);
  assert.match(stderr, /Cannot read line 2: it is longer than 1048576 bytes/);
});

test("publish_ndjson.ts publishes lines of JSON, and subscribe_ndjson.ts prints those of its topics", async () => {
  const input = ["cpu.10", "cpu.1", "cpu.2", "cpu", "cpu.1"]
    .map((topic, value) => JSON.stringify({ topic, value })).join("\n\n");
  await using publisher = startExample("publish_ndjson.ts", {
    address: "tcp://127.0.0.1:0",
    input,
  });
  const address = await boundAddress(publisher);
  await using subscriber = startExample("subscribe_ndjson.ts", {
    address,
    args: ["cpu.1", "cpu.2"],
  });
  assert.equal((await publisher.finished()).code, 0);
  await subscriber.line(/"value":4/);
  assert.deepEqual(
    subscriber.stdout.toString().trim().split("\n").map((line) => JSON.parse(line)),
    [
      { topic: "cpu.1", value: 1 },
      { topic: "cpu.2", value: 2 },
      { topic: "cpu.1", value: 4 },
    ],
  );
});

/** Why what imports from JSR is not run; false if it is. */
async function missingJsr(): Promise<string | false> {
  const registry = process.env["JSR_URL"] ?? "https://jsr.io";
  try {
    const signal = AbortSignal.timeout(5_000);
    const { ok } = await fetch(new URL("/@std/streams/meta.json", registry), { signal });
    if (ok) return false;
  } catch {
    // As if it were not there.
  }
  return `JSR cannot be reached at ${registry}: examples/scripts/jsr/ was not run`;
}

// Only Deno imports from JSR by itself.
if (CURRENT.name === "deno") {
  const skip = await missingJsr();

  test("jsr/text_line_stream.ts fits the types of JSR's @std/streams", { skip }, async () => {
    const file = join(PROJECT, "examples", "scripts", "jsr", "text_line_stream.ts");
    const { code, stderr } = await run(CURRENT.command, ["check", file], { cwd: PROJECT });
    assert.equal(code, 0, stderr);
  });

  test("jsr/text_line_stream.ts sends a message a line, and ends", { skip }, () => {
    return sendAndPrint("jsr/text_line_stream.ts", "print_lines.ts");
  });
}
