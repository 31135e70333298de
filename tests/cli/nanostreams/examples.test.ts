/** Every example of every subcommand's help is run as it stands there, but for its addresses. */

import assert from "node:assert/strict";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import process from "node:process";
import { after, test } from "node:test";
import { COMMANDS } from "../../../cli/nanostreams/spec/commands.ts";
import type { Example } from "../../../cli/nanostreams/spec/types.ts";
import { ENVIRONMENT, Folder, PROGRAM } from "../../helpers/nanostreams.ts";
import { type Child, start } from "../../helpers/process.ts";
import { CURRENT, PROJECT } from "../../helpers/runtimes.ts";

const folder = new Folder();
after(() => folder.remove());

/** A folder with a program `nanostreams` in it, which is this one. */
const bin = folder.file("bin");
mkdirSync(bin);
const words = [CURRENT.command, ...CURRENT.args, PROGRAM].map((word) => `'${word}'`).join(" ");
writeFileSync(`${bin}/nanostreams`, `#!/bin/sh\nexec ${words} "$@"\n`);
chmodSync(`${bin}/nanostreams`, 0o755);

/** A port that nobody has. */
function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

/** Gives each address of an example one of its own. */
async function moved(lines: readonly string[]): Promise<string[]> {
  const addresses = new Map<string, string>();
  for (const line of lines) {
    for (const [address] of line.matchAll(/\b(?:tcp|ws):\/\/127\.0\.0\.1:\d+/g)) {
      if (addresses.has(address)) continue;
      const isTcp = address.startsWith("tcp:");
      addresses.set(address, isTcp ? folder.address() : `ws://127.0.0.1:${await freePort()}`);
    }
  }
  return lines.map((line) => {
    for (const [from, to] of addresses) line = line.replaceAll(from, to);
    return line;
  });
}

/** Runs a line of the shell; what is but one command takes the shell's place, so that signals reach it. */
function startLine(line: string): Child {
  const isOne = !/[|;&]/.test(line.replaceAll(/'[^']*'/g, ""));
  return start("sh", ["-c", isOne ? `exec ${line}` : line], {
    cwd: PROJECT,
    env: { ...ENVIRONMENT, PATH: `${bin}:${process.env["PATH"]}` },
  });
}

async function runExample({ line, beside = [] }: Example): Promise<void> {
  const [own, ...others] = await moved([line, ...beside]);
  await using child = startLine(own!);
  for (const other of others) {
    await using helper = startLine(other);
    const { code, stderr } = await helper.finished();
    assert.equal(code, 0, `${other}: ${stderr}`);
  }
  let isOver = false;
  child.exited.then(() => isOver = true);
  // What goes on by itself has shown what it does when those beside it are served.
  await new Promise((resolve) => setTimeout(resolve, others.length > 0 ? 500 : 0));
  if (!isOver && others.length > 0) child.kill("SIGTERM");
  const { code, stderr } = await child.finished();
  assert.ok(code === 0 || code === 143, `exit status ${code}: ${stderr}`);
}

for (const { name, examples } of COMMANDS) {
  // Those that need files are run by their own test.
  for (const example of examples.filter(({ files }) => files === undefined)) {
    test(`${name}: ${example.about}`, () => runExample(example));
  }
}

test("every subcommand has an example, and its help says what each flag is", () => {
  for (const { name, examples, flags } of COMMANDS) {
    assert.ok(examples.length > 0, name);
    const names = flags.map((flag) => flag.name);
    assert.equal(new Set(names).size, names.length, `${name} has a flag twice`);
    const letters = flags.flatMap(({ short }) => short ?? []);
    assert.equal(new Set(letters).size, letters.length, `${name} has a letter twice: ${letters}`);
    for (const { help } of flags) assert.match(help, /^[A-Z{"].*[^.]$/);
    for (const { line } of examples) assert.match(line, new RegExp(`nanostreams ${name}\\b`));
  }
});
