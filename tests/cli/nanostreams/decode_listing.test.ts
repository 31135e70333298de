/**
 * What `nanostreams decode` lists, held to the files in `decode/`: the bytes of the specifications' vectors, and what is listed of them. To
 * write the lists anew: `nanostreams decode --hex NAME.hex > NAME.txt`, and read what has changed.
 */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { conversationLines } from "../../../cli/nanostreams/decode/decode.ts";
import { body } from "../../../cli/nanostreams/decode/body.ts";
import { hex, utf8 } from "../../helpers/bytes.ts";

const FOLDER = join(import.meta.dirname!, "decode");
const STYLE = { isJson: false, isAll: false };

const names = readdirSync(FOLDER).filter((name) => name.endsWith(".hex"));

for (const name of names.map((file) => file.replace(/\.hex$/, "")).sort()) {
  test(`decode lists ${name} as it is written down`, () => {
    const bytes = new Uint8Array(readFileSync(join(FOLDER, `${name}.hex`)));
    const lines = [...conversationLines(bytes, true, {}, STYLE)];
    const expected = readFileSync(join(FOLDER, `${name}.txt`), "utf8");
    assert.equal(`${lines.join("\n")}\n`, expected);
  });
}

function list(bytes: Uint8Array<ArrayBuffer>, hints = {}): string[] {
  return [...conversationLines(bytes, false, hints, STYLE)];
}

test("decode takes raw bytes, and hexadecimal text by the look of it", () => {
  const bytes = hex("00 53 50 00 00 50 00 00 00 00 00 00 00 00 00 01 61");
  const listed = list(bytes);
  assert.deepEqual(listed.slice(0, 1), [
    "00000000  00 53 50 00 00 50 00 00        SP greeting: PUSH (0x50), for PULL",
  ]);
  assert.deepEqual(list(utf8("00535000 00500000 0000000000000001 61")), listed);
});

test("decode believes what it is told where there is no greeting", () => {
  const bytes = hex("00 00 00 00 00 00 00 06 80 00 00 01 68 69");
  const asked = list(bytes, { protocol: undefined, type: undefined, wire: "zmtp" });
  assert.match(asked.join("\n"), /message 1: 0 bytes/);
  assert.match(list(bytes).join("\n"), /body: 6 bytes/);
});

test("decode shows no control character of a message", () => {
  const { text } = body(utf8("\x1b[31m\u009b\u202e"), 0);
  assert.equal(text, "10 bytes");
  assert.equal(body(utf8("tab\tline\u202e"), 0).text, '11 bytes, "tab\\tline\\u202e"');
});
