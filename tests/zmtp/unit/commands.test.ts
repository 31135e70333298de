/** The bodies of commands. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  encodeCommand,
  encodeError,
  expectCommand,
  parseCommand,
} from "../../../zmtp/wire/commands.ts";
import { hex, utf8 } from "../../helpers/bytes.ts";
import { spError } from "../../helpers/errors.ts";

test("a command is its name behind its length, and data", () => {
  assert.deepEqual(encodeCommand("PING", hex("001e")), hex("04 50494e47 001e"));
  assert.deepEqual(encodeCommand("SUBSCRIBE"), hex("09 535542534352494245"));
  assert.deepEqual(encodeCommand("A", utf8("b"), utf8("c")), utf8("\x01Abc"));
  assert.deepEqual(encodeError("400"), hex("05 4552524f52 03 343030"));
});

test("a command is taken apart", () => {
  const { name, data } = parseCommand(hex("04 50494e47 001e"));
  assert.equal(name, "PING");
  assert.deepEqual(data, hex("001e"));
  assert.deepEqual(parseCommand(utf8("\x01A")), { name: "A", data: new Uint8Array(0) });
});

test("a body without a name, or with a name that goes beyond it, is refused", () => {
  assert.throws(() => parseCommand(hex("")), spError("EPROTO", "without a name"));
  assert.throws(() => parseCommand(hex("05")), spError("EPROTO", "1 bytes", "name of 5"));
  assert.throws(() => parseCommand(hex("05 41424344")), spError("EPROTO", "5 bytes", "name of 5"));
});

test("another command than the expected one is refused, by both names", () => {
  const data = expectCommand(utf8("\x05READYx"), "READY", true);
  assert.deepEqual(data, utf8("x"));
  const wrong = () => expectCommand(utf8("\x05HELLO"), "READY", true);
  assert.throws(wrong, spError("EPROTO", '"HELLO"', "READY"));
});

test("ERROR tells that the peer refuses us, and why, if it may", () => {
  const error = encodeError("400");
  assert.throws(() => expectCommand(error, "READY", true), spError("EAUTH", '"400"'));
  assert.throws(() => expectCommand(error, "READY", false), spError("EPROTO", '"ERROR"'));
  const empty = encodeError("");
  assert.throws(() => expectCommand(empty, "READY", true), spError("EAUTH", '""'));
});

test("control characters in the reason of an ERROR are shown escaped", () => {
  const error = encodeError("\x1b[2J\n");
  assert.throws(() => expectCommand(error, "READY", true), spError("EAUTH", "\\u001b[2J\\n"));
});

test("ERROR whose reason has another length than it says is malformed", () => {
  const wrong: readonly [string, string][] = [
    ["", "no reason"],
    ["03 3430", "2 bytes, announced were 3"],
    ["02 343030", "3 bytes, announced were 2"],
  ];
  for (const [data, why] of wrong) {
    const body = encodeCommand("ERROR", hex(data));
    assert.throws(() => expectCommand(body, "READY", true), spError("EPROTO", why));
  }
});
