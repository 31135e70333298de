/** `nanostreams push` beside receivers of every kind: all arrives, once, and memory stays flat. */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Pull } from "../../../mod.ts";
import { runNanocat } from "../../helpers/nanocat.ts";
import { ENVIRONMENT, Folder, PROGRAM, startNanostreams } from "../../helpers/nanostreams.ts";
import { type Finished, run } from "../../helpers/process.ts";
import { CURRENT } from "../../helpers/runtimes.ts";
import { NANOCAT, NNGCAT } from "../../helpers/peers.ts";

const folder = new Folder();
after(() => folder.remove());

const COUNT = 100_000;
/** What reaches the others is read by the same code: fewer will do. */
const OTHERS = 30_000;
const PROGRAM_LINE = [CURRENT.command, ...CURRENT.args, PROGRAM].join(" ");

/** A line of the shell, in which `nanostreams` is this one. */
function shell(line: string): Promise<Finished> {
  return run("sh", ["-c", `nanostreams() { ${PROGRAM_LINE} "$@"; }; ${line}`], {
    env: ENVIRONMENT,
  });
}

/** What pushed numbers become. */
const UNIQUE = "sort -n | uniq | wc -l";

test("100,000 lines reach our pull, and each once", async () => {
  for (const wire of ["sp", "zmtp"]) {
    const address = `${folder.address()} --wire ${wire}`;
    const { stdout, stderr } = await shell(
      `nanostreams pull ${address} --count ${COUNT} | ${UNIQUE} & seq 1 ${COUNT} | nanostreams push ${address}; wait`,
    );
    assert.deepEqual([stdout.toString().trim(), stderr], [String(COUNT), ""]);
  }
});

/** Pushes numbers to a receiver of nanomsg's or nng's, which ends when none has come for a second. */
async function pushed(receiver: (address: string) => Promise<Finished>): Promise<Finished> {
  const address = folder.address();
  const [received, sent] = await Promise.all([
    receiver(address),
    shell(`seq 1 ${OTHERS} | nanostreams push ${address}`),
  ]);
  assert.deepEqual([sent.code, sent.stderr], [0, ""]);
  return received;
}

function assertAll({ stdout }: Finished): void {
  const numbers = stdout.toString().split("\n").filter((line) => line !== "").map(Number);
  assert.equal(numbers.length, OTHERS);
  assert.deepEqual(numbers, numbers.map((_, n) => n + 1));
}

test("30,000 lines reach our nanocat", async () => {
  const args = ["--pull", "--ascii", "--recv-timeout", "3", "--bind"];
  assertAll(await pushed((address) => runNanocat([...args, address])));
});

test(
  "30,000 lines reach nanomsg's nanocat",
  { skip: NANOCAT.skip },
  async () => {
    const args = ["--pull", "--ascii", "--recv-timeout", "3", "--bind"];
    assertAll(await pushed((address) => run("nanocat", [...args, address])));
  },
);

test(
  "30,000 lines reach nng's nngcat",
  { skip: NNGCAT.skip },
  async () => {
    const args = ["--pull0", "--quoted", "--recv-timeout", "3", "--listen"];
    const received = await pushed((address) => run("nngcat", [...args, address]));
    const stdout = Buffer.from(received.stdout.toString().replaceAll('"', ""));
    assertAll({ ...received, stdout });
  },
);

test("1,000 lines of 100 kB arrive whole", async () => {
  const address = folder.address();
  const line = `$(head -c 99990 /dev/zero | tr '\\0' x)`;
  const make = `x=${line}; i=0; while [ $i -lt 1000 ]; do echo $i $x; i=$((i+1)); done`;
  const { stdout } = await shell(
    `nanostreams pull ${address} --count 1000 | awk '{ print $1, length($2) }' | sort -n | uniq & ` +
      `{ ${make}; } | nanostreams push ${address}; wait`,
  );
  const lines = stdout.toString().trimEnd().split("\n");
  assert.deepEqual(lines, Array.from({ length: 1000 }, (_, n) => `${n} 99990`));
});

test("a sender reads standard input only as fast as its peer takes messages", async () => {
  const address = folder.address();
  await using push = startNanostreams(["push", address], { holdsInput: true });
  await using pull = new Pull({ receiveBuffer: 1 });
  await pull.bind(address);
  // As `yes` does: as much as the pipe takes.
  const lines = new Uint8Array(64 * 1024).fill(0x79);
  for (let end = 1023; end < lines.length; end += 1024) lines[end] = 0x0a;
  let taken = 0;
  let writing = Promise.resolve();
  for (;;) {
    writing = push.writeWhole(lines);
    const isStill = await Promise.race([writing.then(() => false), sleep(2000, true)]);
    if (isStill) break;
    taken += lines.length;
    assert.ok(taken < 64 * 1024 * 1024, "it takes whatever it is given");
  }
  for (let n = 0; n < taken / 1024; n++) assert.equal((await pull.receive()).length, 1023);
  await writing;
});
