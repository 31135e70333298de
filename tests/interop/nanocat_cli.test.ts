/** Our nanocat beside nanomsg's own: the same command lines end and print the same, and each talks to the other. */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { type FormatName, FORMATTERS } from "../../cli/lib/formats.ts";
import { parseCommand } from "../../cli/nanocat/options.ts";
import { Push } from "../../mod.ts";
import { runNanocat, startNanocat } from "../helpers/nanocat.ts";
import { NANOCAT, NNGCAT } from "../helpers/peers.ts";
import { run, start } from "../helpers/process.ts";

const folder = mkdtempSync(join(tmpdir(), "nanocat-interop-"));
after(() => rmSync(folder, { recursive: true }));

let count = 0;
/** An address that nobody else uses. */
function address(): string {
  return `ipc://${join(folder, String(count++))}`;
}

/** What we print for a command line that is wrong, without the flags that only we have. */
function complaint(args: readonly string[]): string {
  try {
    parseCommand(args);
  } catch (error) {
    return `${(error as Error).message.replace(/\n {4}--(pair1|source|sink)\b/g, "")}\n`;
  }
  return "";
}

describe("as nanomsg's nanocat", () => {
  const { command, skip } = NANOCAT;

  const WRONG = [
    "",
    "--",
    "foo",
    "-z",
    "-vqz",
    "--foo=bar",
    "--pu",
    "--re=1",
    "--s",
    "--bin x",
    "--push=3",
    "--data",
    "-vD",
    "--push --bind-l",
    "--recv abc",
    "--recv-timeout 1s",
    "-d=1",
    "-i",
    "--format foo",
    "--form=",
    "--push --pull",
    "--pus --pus",
    "--dat=x --fil=y",
    "-Dx --data=y",
    "--req",
    "--surveyor -L 1",
    "--pull -Dx -L1",
    "--sub -i 1 -L1",
    "--pull --send-timeout 1 -L1",
    "--push -Dx --recv-timeout 1 -L1",
    "--pub -Dx -A -L1",
    "--pub -Dx --format hex -L1",
    "--req -Dx --subscribe x -L1",
    "--bus",
    "-L1",
  ];
  test("ours says the same about each mistake", { skip }, async () => {
    for (const line of WRONG) {
      const args = line.split(" ").filter((word) => word !== "");
      const theirs = await run(command, args);
      // Deno starts programs by their whole path, which is what they then call themselves.
      const words = theirs.stderr.replace(/^\S*nanocat:/, "nanocat:");
      assert.deepEqual([theirs.code, words], [1, complaint(args)], line);
    }
  });

  const ENDS = [
    "--push -D x -L abc",
    "--push -D x --connect nowhere",
    "--push -D x --send-timeout 0.1 --bind ADDRESS",
    "--pair -D x --send-timeout 0.1 --bind ADDRESS",
    "--pub -D x --bind ADDRESS",
    "--pull --recv-timeout 0 --bind ADDRESS",
    "--req -D x --recv-timeout 1 --bind ADDRESS",
    "--surveyor -D x --bind ADDRESS",
    "--rep -D x --recv-timeout 0 --bind ADDRESS",
    "--rep --recv-timeout 0 --bind ADDRESS",
    "--pull --bind ADDRESS --bind ADDRESS",
    "--push -F /nonexistent --bind ADDRESS",
  ];
  for (const line of ENDS) {
    test(`ours ends ${line.replace("ADDRESS", "")} with the same words`, { skip }, async () => {
      const [theirs, ours] = await Promise.all([
        run(command, line.replaceAll("ADDRESS", address()).split(" ")),
        runNanocat(line.replaceAll("ADDRESS", address()).split(" ")),
      ]);
      // Below the line that both print, ours may say more.
      const words = ours.stderr.replace(/\n {4}.*\n$/, "\n");
      assert.deepEqual([ours.code, words], [theirs.code, theirs.stderr]);
      assert.deepEqual([ours.stdout.length, theirs.stdout.length], [0, 0]);
    });
  }

  const EVERY_BYTE = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  const SIZES = [0, 1, 255, 256, 65_535, 65_536];
  for (const format of ["raw", "ascii", "quoted", "msgpack", "hex"] satisfies FormatName[]) {
    test(`ours prints messages of every size in ${format} alike`, { skip }, async () => {
      const messages = [EVERY_BYTE, ...SIZES.map((size) => new Uint8Array(size).fill(size))];
      const expected = Buffer.concat(messages.map((message) => FORMATTERS[format](message)));
      await using push = new Push();
      const to = address();
      await push.bind(to);
      await using pull = start(command, ["--pull", "--connect", to, `--${format}`]);
      for (const message of messages) await push.send(message);
      await pull.until(({ stdout }) => stdout.length >= expected.length);
      assert.ok(pull.stdout.equals(expected));
    });
  }

  test("ours has every flag of its help", { skip }, async () => {
    const { stdout } = await run(command, ["--help"]);
    const heads = (text: string): string[] =>
      [...text.matchAll(/^ (--\S+)(?: [A-Z]+)?/gm)].map((match) => match[0]);
    const ours = heads((await runNanocat(["--help"])).stdout.toString());
    for (const head of heads(stdout.toString())) assert.ok(ours.includes(head), head);
  });
});

test("our --pair1 and nngcat's have a conversation", { skip: NNGCAT.skip }, async () => {
  const to = address();
  await using left = startNanocat(["--pair1", "--bind", to, "-A", "-D", "left", "-v"]);
  await left.line(/: bound to /);
  const args = ["--pair1", "--dial", to, "--quoted", "--data", "right"];
  await using right = start(NNGCAT.command, args);
  await Promise.all([left.line(/^right$/), right.line(/^"left"$/)]);
});
