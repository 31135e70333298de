import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { concat, hex, utf8 } from "../../helpers/bytes.ts";
import { runNanostreams, startNanostreams } from "../../helpers/nanostreams.ts";

const PUSH = hex("00 53 50 00 00 50 00 00");
const FIRST_LINE = "00000000  00 53 50 00 00 50 00 00        SP greeting: PUSH (0x50), for PULL";
const LONG = concat([hex("00 00 00 00 00 00 00 28"), new Uint8Array(40).fill(0x61)]);

const CAPTURE = join(import.meta.dirname!, "files", "capture.pcapng");
const folder = mkdtempSync(join(tmpdir(), "decode-"));
after(() => rmSync(folder, { recursive: true }));

function file(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

async function decode(args: readonly string[], input?: Uint8Array | string): Promise<string[]> {
  const options = input === undefined ? {} : { input };
  const { code, stdout, stderr } = await runNanostreams(["decode", ...args], options);
  assert.deepEqual([code, stderr], [0, ""]);
  return stdout.toString().trimEnd().split("\n");
}

test("decode reads a file, or standard input, which may be called -", async () => {
  const path = file("push.bin", PUSH);
  const all = await Promise.all([decode([path]), decode([], PUSH), decode(["-"], PUSH)]);
  for (const lines of all) assert.deepEqual(lines, [FIRST_LINE, "0 messages"]);
});

test("decode --hex reads hexadecimal text, and says where it is none", async () => {
  const [line] = await decode(["--hex"], "0053 5000 0050 0000");
  assert.equal(line, FIRST_LINE);
  const { code, stderr, stdout } = await runNanostreams(["decode", "-x"], {
    input: "00 53\nquack\n",
  });
  assert.equal(code, 1);
  assert.equal(`${stdout}`, "");
  assert.equal(stderr, 'nanostreams: the input is not hexadecimal text: line 2 has "q"\n');
});

test("decode --all shows all bytes of a long body", async () => {
  const input = concat([PUSH, LONG]);
  const some = await decode([], input);
  assert.equal(some.at(-2), "00000028  .. 16 more bytes");
  const all = await decode(["--all"], input);
  assert.equal(all.at(-2), "00000030  61 61 61 61 61 61 61 61");
});

test("decode --json prints an object for each part", async () => {
  const lines = await decode(["--json"], concat([PUSH, LONG]));
  const [greeting, message] = lines.map((line) => JSON.parse(line));
  assert.deepEqual(greeting, {
    wire: "sp",
    end: 0,
    at: 0,
    kind: "SP greeting",
    text: "PUSH (0x50), for PULL",
    hex: "0053500000500000",
    protocol: "push",
    number: 80,
  });
  assert.equal(message.size, 40);
  assert.equal(message.parts[0].data, "a".repeat(40));
});

test("decode does not tell passwords, as JSON neither", async () => {
  const path = join(import.meta.dirname!, "decode", "zmtp_plain.hex");
  for (const args of [["--hex", path], ["--hex", "--json", path], ["--hex", "--all", path]]) {
    const text = (await decode(args)).join("\n");
    assert.match(text, /admin/);
    assert.doesNotMatch(text, /"secret"[^:]|73 65 63 72 65 74|736563726574/);
  }
});

test("decode --wire, --protocol and --framing say what cannot be seen", async () => {
  const asked = hex("00 00 00 00 00 00 00 06 80 00 00 01 68 69");
  assert.match((await decode(["--protocol", "req"], asked)).join("\n"), /request id: 0x00000001/);
  assert.match((await decode(["--protocol", "surveyor"], asked)).join("\n"), /survey id/);
  assert.match((await decode(["--wire", "zmtp"], asked)).join("\n"), /message 4/);
  const subscribed = hex("00 02 01 41");
  assert.match(
    (await decode(["--protocol", "SUB", "--wire", "zmtp"], subscribed))[0]!,
    /subscribe: 1 byte, "A"/,
  );
  assert.match((await decode(["--protocol", "xsub"], subscribed))[0]!, /subscribe: 1 byte, "A"/);
  const ipc = hex("01 00 00 00 00 00 00 00 01 61");
  assert.match((await decode(["--framing", "ipc"], ipc))[0]!, /message 1: 1 byte$/);
  assert.match(
    (await decode(["--framing", "tcp"], ipc)).join("\n"),
    /! 2 of 2\^53 bytes or more are there/,
  );
});

test("decode lists the connections of a capture, and --port takes some", async () => {
  const lines = await decode([CAPTURE]);
  assert.match(lines[0]!, /^connection 1: 127\.0\.0\.1:\d+ > 127\.0\.0\.1:5555, sp, 2 messages$/);
  assert.equal(
    lines.filter((line) => / body: \d bytes, "(question|answer)"$/.test(line)).length,
    2,
  );
  assert.deepEqual(await decode([CAPTURE, "--port", "5555"]), lines);
  assert.match(
    (await decode([CAPTURE, "--port", "5556"]))[0]!,
    /^no TCP connection in \d+ packets has port 5556$/,
  );
});

const WRONG: readonly [name: string, args: readonly string[], status: number, RegExp][] = [
  [
    "a file that is not there",
    [join(folder, "none")],
    1,
    /^nanostreams: cannot read ".*none": .*ENOENT/,
  ],
  ["two files", ["a", "b"], 2, /^nanostreams: decode takes one FILE, and got 2$/m],
  ["a wire that it does not know", ["--wire", "mqtt"], 2, /Expected sp or zmtp/],
  [
    "a protocol that SP has not",
    ["--wire", "sp", "-p", "router"],
    2,
    /unknown protocol "router": expected one of bus, pair, /,
  ],
  [
    "a protocol that neither wire has",
    ["-p", "foo"],
    2,
    /unknown protocol "foo": .*surveyor, DEALER/,
  ],
  ["a port that is none", ["--port", "70000"], 2, /Expected a port, 1 to 65535/],
  ["an empty input", [], 1, /^nanostreams: nothing to decode: standard input is empty$/m],
];

for (const [name, args, status, sentence] of WRONG) {
  test(`decode refuses ${name}`, async () => {
    const { code, stderr } = await runNanostreams(["decode", ...args]);
    assert.match(stderr, sentence);
    assert.equal(code, status);
  });
}

test("decode ends well when nobody reads on", async () => {
  const many = concat([PUSH, ...Array.from({ length: 20_000 }, () => LONG)]);
  await using child = startNanostreams(["decode", file("many.bin", many)]);
  await child.line(/PUSH/);
  child.closeStdout();
  const { code, stderr } = await child.finished();
  assert.deepEqual([code, stderr], [0, ""]);
});

test("decode tells text from digits by itself, and what is neither wire", async () => {
  assert.equal((await decode([], "00535000 00500000\n"))[0], FIRST_LINE);
  const lines = await decode([], utf8("SSH-2.0-x\r\n"));
  assert.match(lines.at(-1)!, /^no greeting or frames of SP or ZMTP;/);
});
