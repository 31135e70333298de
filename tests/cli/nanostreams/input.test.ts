/** What `nanostreams` sends: each flag of input, and of pace. */

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { after, test } from "node:test";
import { Folder, pass, runNanostreams } from "../../helpers/nanostreams.ts";

const folder = new Folder();
after(() => folder.remove());

/** What comes of it, a message a line, with `count` of them. */
async function sent(
  args: readonly string[],
  count: number,
  input: string | Uint8Array = "",
  output: readonly string[] = ["--json"],
): Promise<string[]> {
  const { stdout, code, stderr } = await pass(
    folder,
    args,
    ["--count", String(count), "--timeout", "20s", ...output],
    { input },
  );
  assert.equal(code, 0, stderr);
  return stdout.toString().trimEnd().split("\n");
}

const data = (lines: readonly string[]): unknown[] =>
  lines.map((line) => {
    const message = JSON.parse(line) as { data?: string; base64?: string };
    return message.data ?? { base64: message.base64 };
  });

test("a line of standard input is a message, the last one without its newline too", async () => {
  assert.deepEqual(data(await sent([], 3, "one\n\nthree")), ["one", "", "three"]);
});

test("--ndjson takes texts, what --json prints, and any other JSON", async () => {
  const input = '"a\\nb"\n{"data":"c"}\n{"base64":"AP8="}\n{"frames":["d"]}\n{"e": 1}\n[2]\n';
  const wanted = ["a\nb", "c", { base64: "AP8=" }, "d", '{"e":1}', "[2]"];
  assert.deepEqual(data(await sent(["--ndjson"], 6, input)), wanted);
});

test("--null, --length-prefixed, --hex and --base64 take bytes of any value", async () => {
  const prefixed = new Uint8Array([0, 0, 0, 2, 10, 0, 0, 0, 0, 0, 0, 0, 0, 1, 255]);
  const [nulls, lengths, hex, base64] = await Promise.all([
    sent(["--null"], 2, "a\nb\0c\0", ["--hex"]),
    sent(["--length-prefixed"], 3, prefixed, ["--hex"]),
    sent(["--hex"], 2, "00 FF\n0x0a0b\n", ["--hex"]),
    sent(["--base64"], 2, "AP8=\nCgs\n", ["--hex"]),
  ]);
  assert.deepEqual(nulls, ["610a62", "63"]);
  assert.deepEqual(lengths, ["0a00", "", "ff"]);
  assert.deepEqual(hex, ["00ff", "0a0b"]);
  assert.deepEqual(base64, ["00ff", "0a0b"]);
});

test("--data and --file are messages, a file a whole one, and - is standard input", async () => {
  const file = folder.file();
  writeFileSync(file, "two\nlines\n");
  const args = ["--data", "one", "--data", "two", "--file", file, "--file", "-"];
  const wanted = ["one", "two", "two\nlines\n", "all of\nit"];
  assert.deepEqual(data(await sent(args, 4, "all of\nit")), wanted);
});

test("{{n}}, {{time}} and {{uuid}} are filled in, in standard input by --expand", async () => {
  const [own, plain, expanded] = await Promise.all([
    sent(["--data", "{{n}} {{time}} {{uuid}} {{other}}", "--repeat", "2"], 2),
    sent([], 1, "{{n}}\n"),
    sent(["--expand"], 2, "a{{n}}\nb{{n}}\n"),
  ]);
  const pattern = /^\d \d{4}-\d\d-\d\dT[\d:.]+Z [\da-f-]{36} \{\{other\}\}$/;
  for (const text of data(own)) assert.match(text as string, pattern);
  assert.deepEqual(data(own).map((text) => (text as string)[0]), ["1", "2"]);
  assert.notEqual(data(own)[0], data(own)[1]);
  assert.deepEqual(data(plain), ["{{n}}"]);
  assert.deepEqual(data(expanded), ["a1", "b2"]);
});

test("--count stops after so many, and has --data sent so often; --repeat has all sent again", async () => {
  const [lines, again, rounds] = await Promise.all([
    sent(["--count", "2"], 2, "a\nb\nc\n"),
    sent(["--data", "x{{n}}", "--count", "3"], 3),
    sent(["--data", "a", "--data", "b", "--repeat", "2"], 4),
  ]);
  assert.deepEqual(data(lines), ["a", "b"]);
  assert.deepEqual(data(again), ["x1", "x2", "x3"]);
  assert.deepEqual(data(rounds), ["a", "b", "a", "b"]);
});

test("--interval and --rate part messages by a time", async () => {
  const [interval, rate] = await Promise.all([
    sent(["--data", "x", "--interval", "100ms", "--count", "4"], 4),
    sent(["--rate", "20"], 11, `${"x\n".repeat(11)}`),
  ]);
  const span = (lines: readonly string[]): number => {
    const times = lines.map((line) => Date.parse((JSON.parse(line) as { time: string }).time));
    return times.at(-1)! - times[0]!;
  };
  // The first may have waited for the connection.
  assert.ok(span(interval) >= 150, `${span(interval)} ms`);
  assert.ok(span(rate) >= 300, `${span(rate)} ms`);
});

test("what is wrong in the input is told with its place, and what stands before it is sent", async () => {
  const address = folder.address();
  const [pull, push] = await Promise.all([
    runNanostreams(["pull", address, "--count", "1", "--timeout", "20s"]),
    runNanostreams(["push", address, "--hex"], { input: "61\nxyz\n62\n" }),
  ]);
  assert.equal(pull.stdout.toString(), "a\n");
  assert.equal(push.code, 1);
  assert.match(
    push.stderr,
    /^nanostreams: line 2 of standard input is no hexadecimal digits: "xyz"\n$/,
  );
});

test("flags and files that are wrong are told in one sentence", async () => {
  const address = folder.address();
  const ends = await Promise.all([
    runNanostreams(["push", address, "--file", folder.file("missing")]),
    runNanostreams(["push", address, "--data", "xyz", "--hex"]),
    runNanostreams(["push", address, "--repeat", "2"]),
    runNanostreams(["push", address, "--hex", "--lines"]),
  ]);
  assert.deepEqual(ends.map(({ code }) => code), [1, 2, 2, 2]);
  assert.match(ends[0]!.stderr, /^nanostreams: cannot read --file ".*missing": .*\n$/);
  assert.match(ends[1]!.stderr, /^nanostreams: --data is no hexadecimal digits: "xyz"\n$/);
  assert.match(ends[2]!.stderr, /^nanostreams: --repeat needs --data or --file/);
  assert.match(ends[3]!.stderr, /^nanostreams: option .*--(hex|lines).* cannot be used with/);
});
