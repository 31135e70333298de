/** What `nanostreams` prints: each flag of output. */

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { after, test } from "node:test";
import { Push } from "../../../mod.ts";
import {
  ENVIRONMENT,
  Folder,
  pass,
  PROGRAM,
  runNanostreams,
  startBound,
} from "../../helpers/nanostreams.ts";
import { run } from "../../helpers/process.ts";
import { CURRENT } from "../../helpers/runtimes.ts";

const folder = new Folder();
after(() => folder.remove());

/** Messages, by their hexadecimal digits, as they are printed. */
async function printed(messages: readonly string[], args: readonly string[]): Promise<string> {
  const { stdout, code, stderr } = await pass(
    folder,
    ["--hex"],
    ["--count", String(messages.length), "--timeout", "20s", ...args],
    { input: messages.map((message) => `${message}\n`).join("") },
  );
  assert.equal(code, 0, stderr);
  return stdout.toString();
}

const hex = (text: string): string =>
  [...new TextEncoder().encode(text)].map((byte) => byte.toString(16).padStart(2, "0")).join("");

test("text shows UTF-8, and control characters by their names", async () => {
  const messages = [
    hex("žluť 🚀\tx"),
    hex("a\nb\x1b[2J\x9b\u202e\x7f"),
    "ff00fe41",
    hex("line\n"),
    "",
  ];
  assert.equal(
    await printed(messages, []),
    "žluť 🚀\tx\na\\nb\\x1b[2J\\x9b\\u202e\\x7f\n\\xff\\x00\\xfeA\nline\n\n",
  );
});

test("--json prints an object a line, with time, number, peer, size and data, or base64", async () => {
  const lines = (await printed([hex("é\x9b"), "ff"], ["--json"])).trimEnd().split("\n");
  assert.ok(lines[0]!.includes('"é\\u009b"'), "a terminal could take it for a command");
  const [first, second] = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.match(first!["time"] as string, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  assert.match(first!["peer"] as string, /^ipc:\/\//);
  assert.deepEqual([first!["n"], first!["size"], first!["data"]], [1, 4, "é\x9b"]);
  assert.deepEqual([second!["n"], second!["size"], second!["base64"]], [2, 1, "/w=="]);
});

test("--raw, --hex, --quiet, --template and --timestamp", async () => {
  const messages = [hex("a\n\x1b"), "ff"];
  const [raw, digits, quiet, template, timed] = await Promise.all([
    printed([hex("a\n\x1b")], ["--raw"]),
    printed(messages, ["--hex"]),
    printed(messages, ["--quiet"]),
    printed(messages, ["--template", "{{n}} {{size}} {{data}} {{hex}} {{base64}}"]),
    printed(["61"], ["--timestamp"]),
  ]);
  assert.equal(raw, "a\n\x1b");
  assert.equal(digits, "610a1b\nff\n");
  assert.equal(quiet, "");
  assert.equal(template, "1 3 a\\n\\x1b 610a1b YQob\n2 1 \\xff ff /w==\n");
  assert.match(timed, /^\d{4}-\d\d-\d\dT[\d:.]+Z a\n$/);
});

test("a template that is wrong says what there is", async () => {
  const { code, stderr } = await runNanostreams([
    "pull",
    folder.address(),
    "--template",
    "{{dta}}",
  ]);
  assert.equal(code, 2);
  assert.match(stderr, /\{\{data\}\}, .* and not \{\{dta\}\}/);
});

test("pull ends with 0 after --count, and with 4 when not all has come within --timeout", async () => {
  const [none, some] = await Promise.all([
    runNanostreams(["pull", folder.address(), "--timeout", "100ms"]),
    pass(folder, ["--data", "x"], ["--count", "2", "--timeout", "4s"]),
  ]);
  assert.deepEqual([none.code, none.stdout.toString()], [4, ""]);
  assert.deepEqual([some.code, some.stdout.toString()], [4, "x\n"]);
});

test("a reader that has enough, as head, ends it with 0 and in silence", async () => {
  const address = folder.address();
  await using pull = await startBound(["pull", address]);
  await using push = new Push();
  push.connect(address);
  await push.send("first");
  await pull.until(({ stdout }) => stdout.toString() === "first\n");
  pull.closeStdout();
  const timer = setInterval(() => push.send("more").catch(() => {}), 20);
  const { code, stderr } = await pull.finished();
  clearInterval(timer);
  assert.equal(code, 0);
  // What --verbose tells is no complaint.
  assert.doesNotMatch(stderr, /^nanostreams:/m);
});

test(
  "standard output that takes no more is told, with exit status 1",
  { skip: existsSync("/dev/full") ? false : "there is no /dev/full" },
  async () => {
    const address = folder.address();
    const words = [CURRENT.command, ...CURRENT.args, PROGRAM, "pull", address, "--count", "1"];
    const line = `${words.map((word) => `'${word}'`).join(" ")} > /dev/full`;
    const [pull, push] = await Promise.all([
      run("sh", ["-c", line], { env: ENVIRONMENT }),
      runNanostreams(["push", address, "--data", "x"]),
    ]);
    assert.deepEqual([pull.code, push.code], [1, 0]);
    assert.match(pull.stderr, /^nanostreams: cannot print: .*no space left on device/i);
  },
);

test("help alone, and --help-all, list the subcommands as --help does", async () => {
  const texts = await Promise.all(
    [["--help"], ["help"], ["--help-all"], []].map(async (args) => {
      const { code, stdout } = await runNanostreams(args);
      return [code, stdout.toString()];
    }),
  );
  for (const one of texts) assert.deepEqual(one, texts[0]);
});

test("help and version are printed whole, and read by head, without an error", async () => {
  const [all, own, more, version, asked] = await Promise.all(
    [["--help"], ["pull", "--help"], ["pull", "--help-all"], ["--version"], ["help", "pull"]]
      .map((args) => runNanostreams(args)),
  );
  assert.match(all!.stdout.toString(), /^nanostreams: .*\n\nUsage: [^]*\n {2}push +Share/);
  assert.match(own!.stdout.toString(), /^Usage: nanostreams pull \[URL\.\.\.\] \[FLAGS\]\n/);
  assert.ok(!own!.stdout.includes("--cacert") && more!.stdout.includes("--cacert"));
  assert.match(version!.stdout.toString(), /^\d+\.\d+\.\d+\n$/);
  assert.equal(asked!.stdout.toString(), more!.stdout.toString());
  for (const { code, stderr } of [all!, own!, more!, version!, asked!]) {
    assert.deepEqual([code, stderr], [0, ""]);
  }
});
