/** `nanostreams` on a terminal: what it shows there, and what never gets there. */

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Pull, Push } from "../../../mod.ts";
import { text } from "../../helpers/bytes.ts";
import { ENVIRONMENT, Folder, PROGRAM } from "../../helpers/nanostreams.ts";
import { findPeer } from "../../helpers/peers.ts";
import { type Child, start } from "../../helpers/process.ts";
import { CURRENT } from "../../helpers/runtimes.ts";

/** Runs a command on a terminal of its own. */
const { skip } = findPeer("script", "bsdutils");

const folder = new Folder();
after(() => folder.remove());

/** Starts it on a terminal; its input is what is typed. */
function startOnTerminal(args: readonly string[]): Child {
  const words = [CURRENT.command, ...CURRENT.args, PROGRAM, ...args];
  const line = words.map((word) => `'${word}'`).join(" ");
  return start("script", ["-qfec", line, "/dev/null"], {
    holdsInput: true,
    env: { ...ENVIRONMENT, NO_COLOR: "1", SHELL: "/bin/sh" },
  });
}

/** What a terminal shows of messages, and how it ends. */
async function shown(
  messages: readonly Uint8Array[],
  args: readonly string[],
): Promise<{ text: string; code: number | null }> {
  const address = folder.address();
  await using pull = startOnTerminal([
    "pull",
    address,
    "--count",
    String(messages.length),
    ...args,
  ]);
  await using push = new Push();
  push.connect(address);
  for (const message of messages) await push.send(message);
  const { stdout, code } = await pull.finished();
  return { text: stdout.toString("latin1"), code };
}

const bytes = Uint8Array.from({ length: 256 }, (_, at) => at);
/** What a terminal would obey, but for the ends of lines. */
// deno-lint-ignore no-control-regex
const COMMANDS = /[\x00-\x09\x0b\x0c\x0e-\x1f\x7f]|\xc2[\x80-\x9f]/;

test(
  "control characters do not reach the terminal, in any format but --raw",
  { skip },
  async () => {
    const c1 = new TextEncoder().encode("\x9b2J\x85\u202e");
    for (const args of [[], ["--json"], ["--hex"], ["--template", "{{data}}"], ["--force"]]) {
      const { text, code } = await shown([bytes, bytes.subarray(0, 40), c1], args);
      assert.doesNotMatch(text, COMMANDS, args.join(" "));
      assert.equal(code, 0);
    }
  },
);

test("binary messages are cut short there, unless forced", { skip }, async () => {
  const long = new Uint8Array(10_000);
  const [cut, whole] = [await shown([long], []), await shown([long], ["--force"])];
  assert.ok(cut.text.length < 600, cut.text);
  assert.match(cut.text, /^(\\x00){64}.*binary, 10000 bytes; --force, --hex and --json print all/);
  assert.equal(whole.text, `${"\\x00".repeat(10_000)}\r\n`);
});

test("--raw prints text there, and binary only if forced", { skip }, async () => {
  const plain = await shown([new TextEncoder().encode("text\n")], ["--raw"]);
  assert.deepEqual(plain, { text: "text\r\n", code: 0 });
  const binary = await shown([bytes.subarray(128)], ["--raw"]);
  assert.equal(binary.code, 1);
  assert.match(binary.text, /^nanostreams: a message of 128 bytes is binary.*--force/);
  const forced = await shown([bytes.subarray(128, 160)], ["--raw", "--force"]);
  assert.equal(forced.text, String.fromCharCode(...bytes.subarray(128, 160)));
});

test("what is typed is sent line by line, and ^C ends it with 130", { skip }, async () => {
  const address = folder.address();
  await using push = startOnTerminal(["push", address]);
  await using pull = new Pull();
  await pull.bind(address);
  push.write("typed\n");
  assert.equal(text(await pull.receive()), "typed");
  push.write("\x03");
  assert.equal((await push.finished()).code, 130);
});
