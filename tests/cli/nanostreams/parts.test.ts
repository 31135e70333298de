/** The parts of the command line that need no process: how input is parted and read, how text is escaped, how values are read. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decoderOf } from "../../../cli/nanostreams/input/decoders.ts";
import {
  EndedBy,
  LengthPrefixed,
  type Splitter,
} from "../../../cli/nanostreams/input/splitters.ts";
import { expand } from "../../../cli/nanostreams/input/templates.ts";
import { Flags } from "../../../cli/nanostreams/invocation.ts";
import { decode, escaped, escapedBytes, isBinary } from "../../../cli/nanostreams/output/text.ts";
import {
  count,
  duration,
  fileMode,
  header,
  rate,
  size,
} from "../../../cli/nanostreams/spec/values.ts";
import { text, utf8 as bytes } from "../../helpers/bytes.ts";

/** What a splitter makes of bytes that come in pieces. */
function split(splitter: Splitter, all: Uint8Array, piece: number): string[] {
  const messages: Uint8Array[] = [];
  for (let at = 0; at < all.length; at += piece) {
    messages.push(...splitter.push(all.subarray(at, at + piece)).map((one) => one.slice()));
  }
  return [...messages, ...splitter.end()].map(text);
}

const TEXTS = fc.array(fc.stringMatching(/^[a-z]{0,9}$/), { maxLength: 20 });

test("lines and messages behind their length are the same, however their bytes are cut", () => {
  fc.assert(fc.property(TEXTS, fc.integer({ min: 1, max: 12 }), (texts, piece) => {
    const lines = bytes(texts.map((one) => `${one}\n`).join(""));
    assert.deepEqual(split(new EndedBy(10, "line"), lines, piece), texts);
    const prefixed = bytes(
      texts.map((one) => `\0\0\0${String.fromCharCode(one.length)}${one}`).join(""),
    );
    assert.deepEqual(split(new LengthPrefixed(), prefixed, piece), texts);
  }));
});

test("input that ends within a message, and a length that cannot be one, are told", () => {
  const whole = new LengthPrefixed();
  whole.push(Uint8Array.of(0, 0, 0, 9, 1, 2));
  assert.throws(() => whole.end(), /ends within a message: 6 bytes are there of 13/);
  assert.throws(() => new LengthPrefixed().push(bytes("GET / HTTP")), /is it --length-prefixed\?/);
});

test("lines say what is wrong with them", () => {
  const told = (flag: string, line: string) => () =>
    decoderOf(new Flags({ [flag]: true }))(bytes(line));
  assert.throws(told("hex", "abc"), /no hexadecimal digits: "abc"/);
  assert.throws(told("base64", "a*b"), /no base64: "a\*b"/);
  assert.throws(told("ndjson", "{"), /no JSON: "\{"/);
  assert.throws(told("ndjson", '{"frames":[]}'), /"frames" is not a list of frames/);
});

test("places are filled in between any bytes", () => {
  const message = Uint8Array.of(0xff, ...bytes("{{n}}"), 0x80);
  assert.deepEqual(expand(message, 12), Uint8Array.of(0xff, ...bytes("12"), 0x80));
});

test("no control character is left of any text, nor of any bytes", () => {
  // deno-lint-ignore no-control-regex
  const CONTROLS = /[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/;
  fc.assert(fc.property(fc.uint8Array(), fc.string({ unit: "binary" }), (some, said) => {
    assert.doesNotMatch(escapedBytes(some, true), CONTROLS);
    assert.doesNotMatch(escaped(said, true), CONTROLS);
  }));
  assert.equal(escaped("a\tb\u001b", false), "a\tb\\x1b");
  assert.equal(decode(Uint8Array.of(0xc3)), undefined);
  assert.deepEqual(["a\tb\n", "\x1b[m", "ü"].map((one) => isBinary(bytes(one))), [
    false,
    true,
    false,
  ]);
});

test("times, sizes and counts have units, and say what is wanted", () => {
  assert.deepEqual(["500ms", "2s", "1.5", "1m", "1h"].map(duration), [
    500,
    2000,
    1500,
    60_000,
    3_600_000,
  ]);
  assert.equal(duration("forever"), Infinity);
  assert.deepEqual(["512", "64k", "1M", "2GiB"].map(size), [512, 65_536, 2 ** 20, 2 ** 31]);
  assert.equal(fileMode("0660"), 0o660);
  assert.deepEqual(header("A: b: c"), ["A", "b: c"]);
  for (
    const wrong of [() => duration("soon"), () => size("x"), () => count(1)("0"), () => rate("0")]
  ) {
    assert.throws(wrong, { name: "BadValue" });
  }
});
