/** Configurations: libconfig's grammar rule by rule, JSON, includes and variables, and where errors are. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { parseJson } from "../../villas/config/json.ts";
import { parseLibconfig } from "../../villas/config/libconfig.ts";
import { loadConfig } from "../../villas/config/load.ts";
import { ConfigError, toSetting } from "../../villas/config/setting.ts";
import { Settings } from "../../villas/config/settings.ts";
import { settingToJson } from "../../villas/config/to_json.ts";
import { SEED } from "./seed.ts";

const folder = mkdtempSync(join(tmpdir(), "villas-config-"));
after(() => rmSync(folder, { recursive: true }));

function json(text: string): string {
  return settingToJson(parseLibconfig(text), { indent: 0 });
}

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

test("the example of VILLASnode's documentation is read as it is", () => {
  assert.equal(
    json(SEED),
    '{"nodes": {"nanomsg_node": {"type": "nanomsg", "out": {"endpoints": ["tcp://*:12000", ' +
      '"ipc:///tmp/test.ipc", "inproc://test"]}, "in": {"endpoints": ["tcp://127.0.0.1:12000", ' +
      '"ipc:///tmp/test.ipc", "inproc://test"]}}}}',
  );
});

const GOOD: readonly [sentence: string, text: string, wanted: string][] = [
  ["an empty file is an empty group", "", "{}"],
  ["a setting takes = or :", "a = 1 b : 2", '{"a": 1, "b": 2}'],
  [
    "one terminator may follow a setting, ; or ,",
    "a = 1; b = 2, c = 3",
    '{"a": 1, "b": 2, "c": 3}',
  ],
  ["a terminator may follow a group", "a = {}, b = {};", '{"a": {}, "b": {}}'],
  ["a name may have *, - and _", "*a-b_2* = 1", '{"*a-b_2*": 1}'],
  ["a name may begin like a boolean", "trueish = 1 false-x = 2", '{"trueish": 1, "false-x": 2}'],
  ["booleans have any case", "a = TRUE b = False", '{"a": true, "b": false}'],
  ["integers have a sign and an L or two", "a = -7 b = +7L c = 7LL", '{"a": -7, "b": 7, "c": 7}'],
  ["integers may be hexadecimal", "a = 0xFF b = 0X1fL", '{"a": 255, "b": 31}'],
  ["integers may be binary or octal", "a = 0b101 b = 0o17 c = 0q7", '{"a": 5, "b": 15, "c": 7}'],
  ["integers keep 64 bits", "a = 9223372036854775807", '{"a": 9223372036854775807}'],
  ["floats may lack either side", "a = 1. b = .5 c = 1e3", '{"a": 1.0, "b": 0.5, "c": 1000.0}'],
  ["floats have signs and exponents", "a = -1.5e-3 b = +2E2", '{"a": -0.0015, "b": 200.0}'],
  ["strings side by side are one", 'a = "x" "y"\n"z"', '{"a": "xyz"}'],
  [
    "strings have escapes",
    String.raw`a = "\\\"\n\r\t\f\x41\a\b\v"`,
    String.raw`{"a": "\\\"\n\r\t\fA\u0007\b\u000b"}`,
  ],
  ["another backslash is itself", String.raw`a = "\d\xZ"`, String.raw`{"a": "\\d\\xZ"}`],
  ["strings may have line ends", 'a = "x\ny"', String.raw`{"a": "x\ny"}`],
  ["comments are #, // and /* */", "# x\na = 1 // y\n/* z\n */ b = 2 # end", '{"a": 1, "b": 2}'],
  ["no comment begins in a string", 'a = "tcp://*:1#/*"', '{"a": "tcp://*:1#/*"}'],
  ["arrays may be empty or end in a comma", "a = [] b = [1, 2,]", '{"a": [], "b": [1, 2]}'],
  [
    "lists hold anything",
    'a = (1, "x", { b = 2 }, (), [3],)',
    '{"a": [1, "x", {"b": 2}, [], [3]]}',
  ],
];

for (const [sentence, text, wanted] of GOOD) {
  test(`libconfig: ${sentence}`, () => assert.equal(json(text), wanted));
}

const BAD: readonly [sentence: string, text: string, message: string][] = [
  ["a value is missing", "a =", "x.conf:1:4: Unexpected the end of the file: expected a value"],
  ["= is missing", "nodes {", 'x.conf:1:7: Unexpected "{": expected "=" or ":" after "nodes"'],
  ["a name is quoted", '"a" = 1', 'x.conf:1:1: Unexpected "a": expected the name of a setting'],
  ["a name comes twice", "a = 1\na = 2", 'x.conf:2:1: Duplicate setting name "a"'],
  [
    "an array is mixed",
    "a = [1,\n 2.5]",
    "x.conf:2:2: Unexpected float in this array: expected another integer, as its first value",
  ],
  ["an array has a group", "a = [ { } ]", 'x.conf:1:7: Unexpected "{": expected a value, or "]"'],
  ["a comma is missing", "a = (1 2)", 'x.conf:1:8: Unexpected 2: expected "," or ")"'],
  [
    "a group is open",
    "a = {\n b = 1\n",
    'x.conf:3:1: Unexpected the end of the file: expected the name of a setting, or "}"',
  ],
  ["a string is open", 'a = 1\nb = "x\n', "x.conf:2:5: Expected '\"' at the end of this string"],
  ["a comment is open", "a = 1 /* x", 'x.conf:1:7: Expected "*/" at the end of this comment'],
  [
    "two terminators",
    "a = 1;; b = 2",
    'x.conf:1:7: Unexpected ";": expected the name of a setting',
  ],
  ["a bad character", "a = $x", 'x.conf:1:5: Unexpected "$x": expected a name or a value'],
  [
    "an integer is too long",
    "a = 99999999999999999999",
    "x.conf:1:5: Invalid integer 99999999999999999999: expected at most 64 bits",
  ],
  [
    "an @include is not at the beginning of its line",
    'a = 1 @include "x"',
    'x.conf:1:7: Unexpected "@include": expected a name or a value',
  ],
];

for (const [sentence, text, message] of BAD) {
  test(`libconfig says where and what was wanted when ${sentence}`, () => {
    assert.throws(() => parseLibconfig(text, { file: "x.conf" }), { name: "ConfigError", message });
  });
}

test("no text makes the parsers throw anything but a ConfigError", () => {
  const pieces = fc.constantFrom(
    "a",
    "=",
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    ",",
    ";",
    '"',
    "\\",
    "1",
    ".5",
    "#",
    "/*",
    "\n",
    "@include",
    "true",
    ":",
    "null",
    "e1",
  );
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.array(pieces).map((all) => all.join(""))), (text) => {
      for (const parse of [parseLibconfig, parseJson]) {
        try {
          parse(text);
        } catch (error) {
          assert.ok(error instanceof ConfigError, String(error));
        }
      }
    }),
    { numRuns: 2000 },
  );
});

test("deep nesting is an error, not an overflow", () => {
  assert.throws(() => parseLibconfig(`a = ${"(".repeat(50_000)}`), /Too deep/);
  assert.throws(() => parseJson("[".repeat(50_000)), /Too deep/);
});

test("JSON is read as JSON.parse does, and keeps long integers", () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => {
    const text = JSON.stringify(value);
    const again = JSON.parse(settingToJson(parseJson(text), { indent: 2 }));
    // -0 has no sign in JSON.stringify.
    assert.deepEqual(again, JSON.parse(text));
  }));
  assert.equal(
    settingToJson(parseJson("[9223372036854775807, 1.0, 1, null, 1000000000000000000000]"), {
      indent: 0,
    }),
    "[9223372036854775807, 1.0, 1, null, 1e21]",
  );
});

for (
  const [text, message] of [
    ['{ "a": }', 'x.json:1:8: Unexpected "}": expected a value'],
    ['{\n  "a": 1,\n}', 'x.json:3:1: Unexpected "}": expected a name in "quotes"'],
    ['{ "a" 1 }', 'x.json:1:7: Unexpected "1": expected ":" after "a"'],
    ["[1 2]", 'x.json:1:4: Unexpected "2": expected "," or "]"'],
    ["[1] x", 'x.json:1:5: Unexpected "x": expected the end'],
    ["{ // x\n}", 'x.json:1:3: Unexpected "/": expected a name in "quotes"'],
  ] as const
) {
  test(`JSON says where and what was wanted: ${JSON.stringify(text)}`, () => {
    assert.throws(() => parseJson(text, "x.json"), { name: "ConfigError", message });
  });
}

test("a file is included wherever a line is, relative to the configuration", () => {
  write("inner.conf", 'type = "loopback"\n@include "more.conf"\n');
  write("more.conf", "vectorize = 2");
  const path = write("outer.conf", 'nodes = {\n  a = {\n  @include "inner.conf"\n  }\n}\n');
  assert.equal(
    settingToJson(loadConfig(path), { indent: 0 }),
    '{"nodes": {"a": {"type": "loopback", "vectorize": 2}}}',
  );
});

test("an include may be a pattern with variables; files come in order", () => {
  write("part1.inc", "a = 1");
  write("part2.inc", "b = 2");
  const path = write("pattern.conf", '@include "${WHICH}*.inc"\n');
  const root = loadConfig(path, { variables: { WHICH: "part" } });
  assert.equal(settingToJson(root, { indent: 0 }), '{"a": 1, "b": 2}');
});

test("an error in a file that is included names that file", () => {
  const inner = write("wrong.inc", "a = 1\nb = ]\n");
  const path = write("wrong.conf", '@include "wrong.inc"\n');
  assert.throws(() => loadConfig(path), (error) => {
    assert.ok(error instanceof ConfigError);
    assert.deepEqual([error.file, error.line, error.column], [inner, 2, 5]);
    return true;
  });
});

test("a missing include and one that includes itself are errors with a place", () => {
  const missing = write("missing.conf", '\n@include "nowhere.conf"\n');
  assert.throws(() => loadConfig(missing), {
    message: `${missing}:2:1: Cannot include "nowhere.conf": no such file`,
  });
  const loop = write("loop.conf", '@include "loop.conf"\n');
  assert.throws(() => loadConfig(loop), /Cannot include "loop.conf": more than 10 levels/);
});

test("variables are replaced in strings, and a missing one is an error", () => {
  const path = write("variables.json", '{ "a": "tcp://${HOST}:1", "b": ["${HOST}"] }');
  assert.equal(
    settingToJson(loadConfig(path, { variables: { HOST: "lab" } }), { indent: 0 }),
    '{"a": "tcp://lab:1", "b": ["lab"]}',
  );
  assert.throws(() => loadConfig(path, { variables: {} }), {
    message: `${path}:1:8: Cannot replace "\${HOST}": no such environment variable`,
  });
});

test("a string may stand for a JSON file, with a warning", () => {
  write("signals.json", '[{ "name": "u" }]');
  const path = write("deprecated.conf", 'signals = "@include signals.json"');
  const warnings: string[] = [];
  const root = loadConfig(path, { warn: (text) => warnings.push(text) });
  assert.equal(settingToJson(root, { indent: 0 }), '{"signals": [{"name": "u"}]}');
  assert.equal(warnings.length, 1);
});

test("a file that ends in .json is JSON, any other libconfig", () => {
  assert.throws(() => loadConfig(write("a.json", "a = 1")), /a\.json:1:1: .*expected a value/);
  assert.throws(() => loadConfig(write("b.conf", '{ "a": 1 }')), /b\.conf:1:1: /);
  assert.throws(() => loadConfig(join(folder, "none.conf")), /Cannot read ".*none\.conf"/);
});

test("a setting of the wrong kind is an error with its place", () => {
  const root = new Settings(parseLibconfig('a = {\n  rate = "fast"\n}', { file: "x.conf" }));
  assert.throws(() => root.settings("a")!.number("rate"), {
    message: 'x.conf:2:10: Invalid "a.rate": expected a number, got "fast"',
  });
  const plain = new Settings(toSetting({ rate: -1 }) as never);
  assert.throws(() => plain.integer("rate", 1), {
    message: 'Invalid "rate": expected an integer, at least 1, got -1',
  });
});
