/** What each format prints, against vectors recorded from nanocat 1.1.5 and nngcat 1.5.2. */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, test } from "node:test";
import { type FormatName, FORMATTERS, NNGCAT_FORMATTERS } from "../../cli/lib/formats.ts";

const EVERY_BYTE = Uint8Array.from({ length: 256 }, (_, byte) => byte);

/** Prints a message; what comes back is Latin-1, so that each byte is one character. */
function print(format: FormatName, message: Uint8Array | string): string {
  const bytes = typeof message === "string" ? new TextEncoder().encode(message) : message;
  return Buffer.from(FORMATTERS[format](bytes)).toString("latin1");
}

describe("nanocat formats", () => {
  test("no prints nothing", () => {
    assert.equal(print("no", EVERY_BYTE), "");
    assert.equal(print("no", ""), "");
  });

  test("raw prints the bytes and no delimiter", () => {
    assert.equal(print("raw", EVERY_BYTE), Buffer.from(EVERY_BYTE).toString("latin1"));
    assert.equal(print("raw", ""), "");
  });

  test("ascii prints a dot for each byte that is not printable, and a newline", () => {
    assert.equal(
      print("ascii", EVERY_BYTE),
      "................................ !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ" +
        "[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~......................................................" +
        "...........................................................................\n",
    );
  });

  test("ascii prints a dot for each byte, not for each character, of UTF-8", () => {
    assert.equal(print("ascii", "aé~\tz"), "a..~.z\n");
  });

  test("ascii prints an empty message as an empty line", () => {
    assert.equal(print("ascii", ""), "\n");
  });

  test("quoted escapes newline, return, quote and backslash as in C and the rest in hexadecimal", () => {
    assert.equal(
      print("quoted", EVERY_BYTE),
      String.raw`"\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\n\x0b\x0c\r\x0e\x0f\x10\x11\x12\x13` +
        String
          .raw`\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f !\"#$%&'()*+,-./0123456789:;<=>?` +
        String.raw`@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_` + "`abcdefghijklmnopqrstuvwxyz{|}~" +
        Array.from(EVERY_BYTE.subarray(0x7f), (byte) => `\\x${byte.toString(16)}`).join("") +
        '"\n',
    );
  });

  test("quoted prints an empty message as two quotes", () => {
    assert.equal(print("quoted", ""), '""\n');
  });

  test("hex prints every byte in hexadecimal, printable or not", () => {
    assert.equal(print("hex", "\0\t A~"), '"\\x00\\x09\\x20\\x41\\x7e"\n');
    assert.equal(print("hex", Uint8Array.of(0x7f, 0x80, 0xff)), '"\\x7f\\x80\\xff"\n');
    assert.equal(print("hex", EVERY_BYTE).length, 1027);
    assert.equal(print("hex", ""), '""\n');
  });

  const HEADS: readonly (readonly [length: number, head: string])[] = [
    [0, "c400"],
    [1, "c401"],
    [255, "c4ff"],
    [256, "c50100"],
    [65_535, "c5ffff"],
    [65_536, "c600010000"],
    [70_000, "c600011170"],
  ];
  for (const [length, head] of HEADS) {
    test(`msgpack prints a message of ${length} bytes after the head ${head}`, () => {
      const message = new Uint8Array(length).fill(0x78);
      const packed = FORMATTERS.msgpack(message);
      const end = head.length / 2;
      assert.equal(Buffer.from(packed.subarray(0, end)).toString("hex"), head);
      assert.deepEqual(packed.subarray(end), message);
    });
  }

  test("no format but raw keeps the memory of the message", () => {
    const message = new TextEncoder().encode("before");
    const printed = (["ascii", "quoted", "msgpack", "hex"] as const).map((name) =>
      FORMATTERS[name](message)
    );
    const copies = printed.map((bytes) => bytes.slice());
    message.fill(0);
    assert.deepEqual(printed, copies);
  });
});

describe("nngcat formats", () => {
  const latin1 = (format: FormatName, message: Uint8Array): string =>
    Buffer.from(NNGCAT_FORMATTERS[format](message)).toString("latin1");

  test("ascii prints no newline", () => {
    assert.equal(latin1("ascii", EVERY_BYTE), print("ascii", EVERY_BYTE).slice(0, -1));
    assert.equal(latin1("ascii", new Uint8Array(0)), "");
  });

  test("quoted has an escape for the tab as well", () => {
    assert.equal(latin1("quoted", EVERY_BYTE), print("quoted", EVERY_BYTE).replace("\\x09", "\\t"));
  });

  test("the others print what nanocat's do", () => {
    for (const format of ["no", "raw", "msgpack", "hex"] as const) {
      assert.equal(latin1(format, EVERY_BYTE), print(format, EVERY_BYTE));
    }
  });
});
