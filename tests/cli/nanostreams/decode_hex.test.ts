import assert from "node:assert/strict";
import { test } from "node:test";
import { readHexText } from "../../../cli/nanostreams/decode/hex_text.ts";
import { hex } from "../../helpers/bytes.ts";

const GREETING = hex("00 53 50 00 00 30 00 00");
const LONGER = hex("00 53 50 00 00 30 00 00 00 00 00 00 00 00 00 05 68 65 6c 6c 6f");

const FORMS: Record<string, string> = {
  "digits alone": "0053500000300000",
  "digits with spaces, of either case": "00 53 50 00 00 30 00 00\n",
  "C's array": "0x00, 0x53, 0x50, 0x00, 0x00, 0x30, 0x00, 0x00",
  "escapes of a string": "\\x00\\x53\\x50\\x00\\x00\\x30\\x00\\x00",
  "colons": "00:53:50:00:00:30:00:00",
  "lines with any end there is": "00 53\r50 00\u202800 30\u202900 00\r",
  "several lines, comments and Windows's ends of lines":
    "# SP\r\n00 53 50 00 # magic\r\n\r\n00300000\r\n",
};

for (const [name, text] of Object.entries(FORMS)) {
  test(`hexadecimal text may be ${name}`, () => {
    const { ends, strange } = readHexText(text);
    assert.equal(strange, undefined);
    assert.deepEqual(ends[0], GREETING);
    assert.equal(ends[1].length, 0);
  });
}

const DUMPS: Record<string, string> = {
  "xxd": "00000000: 0053 5000 0030 0000 0000 0000 0000 0005  .SP..0..........\n" +
    "00000010: 6865 6c6c 6f                             hello\n",
  "hexdump -C": "00000000  00 53 50 00 00 30 00 00  00 00 00 00 00 00 00 05  |.SP..0..........|\n" +
    "00000010  68 65 6c 6c 6f                                    |hello|\n00000015\n",
  "tcpdump -x": "\t0x0000:  0053 5000 0030 0000 0000 0000 0000 0005\n\t0x0010:  6865 6c6c 6f\n",
  "Wireshark": "0000   00 53 50 00 00 30 00 00 00 00 00 00 00 00 00 05   .SP..0..........\n" +
    "0010   68 65 6c 6c 6f                                    hello\n",
};

for (const [name, text] of Object.entries(DUMPS)) {
  test(`hexadecimal text may be what ${name} prints`, () => {
    const { ends, strange } = readHexText(text);
    assert.equal(strange, undefined);
    assert.deepEqual(ends[0], LONGER);
  });
}

test("a dump's text that looks like digits is not taken for some", () => {
  const text = "00000000: 6162 3030 6364 6566 6162 6364 6566 3030  ab00cdefabcdef00\n";
  assert.deepEqual(readHexText(text).ends[0], hex("6162 3030 6364 6566 6162 6364 6566 3030"));
});

test("lines that begin with > and < are the two ends, in their order", () => {
  const { ends, turns } = readHexText("> 01 02\n< 03\n>04\n");
  assert.deepEqual(ends, [hex("01 02 04"), hex("03")]);
  assert.deepEqual(turns, [
    { end: 0, length: 2 },
    { end: 1, length: 1 },
    { end: 0, length: 3 },
  ]);
});

test("what is no digit is told with its line", () => {
  assert.deepEqual(readHexText("00 53\n50 xy\n").strange, { line: 2, text: "x" });
  assert.deepEqual(readHexText("00 5").strange, { line: 1, text: "an odd number of digits" });
});
