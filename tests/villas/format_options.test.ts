/** Options of the formats, what their readers forgive, and formats as streams. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { test } from "node:test";
import { sampleReader, sampleWriter } from "../../villas/mod.ts";
import { chooseFormatText, FORMATS } from "../../villas/formats/table.ts";
import type { FormatChoice } from "../../villas/formats/streams.ts";
import type { Sample } from "../../villas/model/sample.ts";
import type { Value } from "../../villas/model/signal.ts";
import { bytes, codec, dtypes, essence, hex, sample, text } from "./samples.ts";

const ONE = sample("1f1i", [0.1, -7n], {
  received: [1_700_000_000, 143_889_599],
  newSimulation: true,
});

/** What a format with options makes of one sample. */
const WRITTEN: readonly [format: FormatChoice, wanted: string][] = [
  [
    { type: "json", indent: 2 },
    '[\n  {\n    "ts": {\n      "origin": [\n        1700000000,\n        123456789\n      ]\n    },\n' +
    '    "flags": [\n      "new_simulation"\n    ],\n    "sequence": 42,\n    "data": [\n' +
    "      0.10000000000000001,\n      -7\n    ]\n  }\n]",
  ],
  [
    { type: "json", real_precision: 3, ts_origin: false, sequence: false },
    '[{"flags": ["new_simulation"], "data": [0.1, -7]}]',
  ],
  [
    { type: "json", ts_received: true, compact: true, data: false },
    '[{"ts":{"origin":[1700000000,123456789],"received":[1700000000,143889599]},' +
    '"flags":["new_simulation"],"sequence":42}]',
  ],
  [
    {
      type: "json.kafka",
      compact: true,
      ts_origin: false,
      sequence: false,
      schema: { name: "a/é" },
    },
    '[{"schema":{"type":"struct","name":"a/é","fields":[' +
    '{"type":"double","optional":false,"field":"signal0"},' +
    '{"type":"int64","optional":false,"field":"signal1"}]},' +
    '"payload":{"signal0":0.10000000000000001,"signal1":-7}}]',
  ],
  [
    { type: "villas.human", real_precision: 2 },
    "1700000000.123456789+2.043281e-02(42)\t0.10\t-7\n",
  ],
  [
    { type: "villas.human", offset: false, sequence: false, real_precision: 0 },
    "1700000000.123456789\t0\t-7\n",
  ],
  [{ type: "villas.human", ts_origin: false, delimiter: ";", data: false }, "0.0(42);"],
  [
    { type: "csv", separator: ";", real_precision: 1 },
    "1700000000;123456789;0.020432810;42;0.1;-7\n",
  ],
  [
    { type: "csv", offset: false, sequence: false, real_precision: 1 },
    "1700000000,123456789,nan,0.1,-7\n",
  ],
  [{ type: "tsv", ts_origin: false, real_precision: 1 }, "nan\tnan\tnan\t42\t0.1\t-7\n"],
];

for (const [format, wanted] of WRITTEN) {
  test(`written with ${JSON.stringify(format)}`, async () => {
    const { codec: made } = await codec(format, "1f1i");
    assert.equal(text(made.encode([ONE])), wanted);
  });
}

test("JSON escapes what is not ASCII, and slashes, when it is told to", async () => {
  const format = { type: "json.edgeflex", ensure_ascii: true, escape_slash: true, compact: true };
  const { codec: made } = await codec(format, "1f");
  const signals = [{ name: "é/😀", unit: "", type: "float" as const }];
  assert.equal(
    text(made.encode([{ signals, values: [1] }])),
    String.raw`[{"\u00E9\/\uD83D\uDE00":1.0,"created":0}]`,
  );
});

test("villas.binary has the source that it is told, and skips those of others", async () => {
  const { codec: seven } = await codec({ type: "villas.binary", source_index: 7 }, "1f");
  const message = seven.encode([sample("1f", [1])]);
  assert.equal(message[1], 7);
  const strict = { type: "villas.binary", source_index: 8, validate_source_index: true };
  const { codec: eight, problems } = await codec(strict, "1f");
  assert.deepEqual(eight.decode(message), []);
  assert.deepEqual(problems, ["Skipped a sample of source 7: expected 8"]);
});

for (
  const [sentence, wire, problem] of [
    [
      "4 bytes too few",
      "20 00 00 01 00 00 00 2a 65 53 f1 00 07 5b cd 15",
      /0 bytes of values: expected 4/,
    ],
    ["a length that is no multiple of 4", "20 00 00", /3 bytes: expected a multiple of 4/],
    [
      "another version",
      "10 00 00 00 00 00 00 2a 65 53 f1 00 07 5b cd 15",
      /0x10 as the first byte/,
    ],
    ["another type", "24 00 00 00 00 00 00 2a 65 53 f1 00 07 5b cd 15", /0x24 as the first byte/],
    ["reserved bits", "21 00 00 00 00 00 00 2a 65 53 f1 00 07 5b cd 15", /0x21 as the first byte/],
  ] as const
) {
  test(`villas.binary refuses ${sentence}`, async () => {
    const { codec: made, problems } = await codec("villas.binary", "1f");
    assert.deepEqual(made.decode(hex(wire)), []);
    assert.match(problems.join(), problem);
  });
}

test("villas.binary takes an empty message, no values, and more values than signals", async () => {
  const { codec: made, problems } = await codec("villas.binary", "1f");
  assert.deepEqual(made.decode(new Uint8Array(0)), []);
  const two = made.encode([sample("2f", [1, 2]), sample("2f", [3, 4]), sample("1f", [])]);
  assert.deepEqual(made.decode(two).map(({ values }) => values), [[1], [3], []]);
  assert.deepEqual(problems, []);
});

test("raw of 8 and 16 bits has integers only, and -1 for a float, as VILLASnode has it", async () => {
  const values: Value[] = [1.5, -7n, true];
  for (const [bits, wire] of [[8, "ff f9 01"], [16, "ff ff f9 ff 01 00"]] as const) {
    const { codec: made } = await codec({ type: "raw", bits }, "1f1i1b");
    const message = made.encode([{ signals: [], values }]);
    assert.deepEqual([...message], [...hex(wire)]);
    assert.deepEqual(made.decode(message)[0]!.values, [-1, -7n, true]);
  }
});

test("raw has room for one sample a message", async () => {
  const { codec: made } = await codec("raw", "1f");
  const one = { signals: [], values: [1] };
  assert.throws(() => made.encode([one, one]), /Cannot write 2 samples in a message/);
});

const READ: readonly [
  sentence: string,
  format: FormatChoice,
  types: string,
  wire: string,
  wanted: Partial<Sample>[],
][] = [
  ["the digits after the point count nanoseconds", "villas.human", "1f", "1700000000.5\t1\n", [{
    values: [1],
    origin: [1_700_000_000, 5],
  }]],
  ["any one character is between values", "villas.human", "3f", "1.000000000(2)F 1,2;3\n", [{
    values: [1, 2, 3],
    sequence: 2n,
    origin: [1, 0],
    newFrame: true,
  }]],
  [
    "comments, blank lines and carriage returns",
    "villas.human",
    "1f",
    "# x\n\r\n1.000000000(2)\t5\r\n",
    [{ values: [5], sequence: 2n, origin: [1, 0] }],
  ],
  ["nan and inf", "villas.human", "3f", "1.0\tnan\t-inf\tinf\n", [{
    values: [NaN, -Infinity, Infinity],
    origin: [1, 0],
  }]],
  ["more values than signals", "villas.human", "1f", "1.0\t1\t2\t3\n", [{
    values: [1],
    origin: [1, 0],
  }]],
  ["fewer values than signals", "villas.human", "3f", "1.0\t1\n", [{
    values: [1],
    origin: [1, 0],
  }]],
  ["a message without its newline", "villas.human", "1f", "1.0\t1", [{
    values: [1],
    origin: [1, 0],
  }]],
  ["an offset", "villas.human", "1f", "1.000000000+5.000000e-01(7)\t1\n", [{
    values: [1],
    origin: [1, 0],
    sequence: 7n,
  }]],
  [
    "other comments and delimiters",
    { type: "villas.human", comment_prefix: "%", delimiter: "|" },
    "1f",
    "% x|1.0\t1|2.0\t2|",
    [{ values: [1], origin: [1, 0] }, { values: [2], origin: [2, 0] }],
  ],
  ["csv without the offset", "csv", "2f", "1,000000002,3,1.5,2.5\n", [{
    values: [1.5, 2.5],
    sequence: 3n,
    origin: [1, 2],
  }]],
  ["csv with an offset that is missing", "csv", "2f", "1,000000002,nan,3,1.5,2.5\n", [{
    values: [1.5, 2.5],
    sequence: 3n,
    origin: [1, 2],
  }]],
  ["csv without offset and sequence", "csv", "2f", "1,000000002,nan,1.5,2.5\n", [{
    values: [1.5, 2.5],
    origin: [1, 2],
  }]],
  [
    "integers of 64 bits in JSON",
    "json",
    "1i",
    '[{"sequence": 18446744073709551615, "data": [-9223372036854775808]}]',
    [{ values: [-(2n ** 63n)], sequence: 2n ** 64n - 1n }],
  ],
  ["an integer where a float is meant", "json", "2f", '[{"data": [1, 9007199254740993]}]', [{
    values: [1, 9007199254740992],
  }]],
  ["a float that is an integer", "json", "1i", '[{"data": [3.0]}]', [{ values: [3n] }]],
  [
    "0 and 1 for booleans, a number for a complex value",
    "json",
    "2b1c",
    '[{"data": [0, 1, 2.5]}]',
    [{ values: [false, true, { real: 2.5, imag: 0 }] }],
  ],
  ["a negative sequence number is none", "json", "1f", '[{"sequence": -1, "data": []}]', [{
    values: [],
  }]],
  ["one sample without an array around it", "json", "1f", '{"data": [1.5]}', [{ values: [1.5] }]],
  [
    "unknown names, and samples without data",
    "json",
    "1f",
    '[{"x": 1, "data": [2.0]}, {"ts": {}}, {}]',
    [{ values: [2] }],
  ],
  ["flags", "json", "1f", '[{"flags": ["new_frame", "x"], "data": []}]', [{
    values: [],
    newFrame: true,
  }]],
  [
    "numbers for names, and setpoints",
    "json.reserve",
    "2f",
    '[{"setpoints": [{"name": "signal_1", "value": 2, "created": 1500.0}]}]',
    [{ values: [0, 2], origin: [1, 500_000_000] }],
  ],
  [
    "any order, and other names",
    "json.edgeflex",
    "2f",
    '[{"signal1": 2.5, "x": 1, "created": 1500, "signal0": 1}]',
    [{ values: [1, 2.5], origin: [1, 500_000_000] }],
  ],
];

for (const [sentence, format, types, wire, wanted] of READ) {
  test(`${typeof format === "string" ? format : format.type} is read with ${sentence}`, async () => {
    const { codec: made, problems } = await codec(format, types);
    const got = made.decode(bytes(wire)).map(essence);
    assert.deepEqual(got, wanted.map((one) => essence(one as Sample)));
    assert.deepEqual(problems, []);
  });
}

const REFUSED: readonly [format: string, types: string, wire: string, problem: RegExp][] = [
  ["json", "1f", '[{"data": [null]}]', /^Received null, expected float$/],
  ["json", "1i", '[{"data": [1.5]}]', /^Received float, expected integer$/],
  ["json", "1b", '[{"data": [2]}]', /^Received integer, expected boolean$/],
  ["json", "1f", '[{"data": {}}]', /wrong "data"/],
  ["json", "1f", '[{"ts": {"origin": [1]}, "data": []}]', /wrong "ts"/],
  ["json", "1f", '[{"sequence": 1.5, "data": []}]', /wrong "sequence"/],
  ["json", "1f", "[5]", /expected an object a sample/],
  ["json", "1f", "[{]", /^Cannot read JSON: /],
  ["villas.human", "1f", "what?\n", /^Cannot read "what\?" as villas\.human$/],
  ["villas.human", "1f", "1.0\tx\n", /^Cannot read "x" as float$/],
  ["csv", "1f", "a,b,c\n", /expected a time/],
  ["csv", "1f", "1,2,0.5,x,1\n", /^Cannot read "x" as a sequence number$/],
  ["value", "1f", "x\n", /as a value/],
  ["raw", "1f", "abc", /3 bytes: expected a multiple of 4/],
  ["opal.asyncip", "1f", "abc", /3 bytes: expected a header of 8/],
  ["json.kafka", "1f", "[{}]", /without "payload"/],
  ["json.reserve", "1f", '[{"measurements": [{}]}]', /without "name" or "value"/],
  ["json.edgeflex", "1f", '[{"signal0": 1.0}]', /without "created"/],
  ["protobuf", "1f", "\x0a\x7f", /^Cannot read protobuf: /],
  ["protobuf", "1i", "\x0a\x0e\x08\x01\xa2\x06\x09\x09", /^Cannot read protobuf: /],
];

for (const [format, types, wire, problem] of REFUSED) {
  test(`${format} refuses ${JSON.stringify(wire)}, and says why`, async () => {
    const { codec: made, problems } = await codec(format, types);
    const input = format === "protobuf"
      ? Uint8Array.from(wire, (c) => c.charCodeAt(0))
      : bytes(wire);
    assert.deepEqual(made.decode(input), []);
    assert.equal(problems.length, 1);
    assert.match(problems[0]!, problem);
  });
}

test("one bad sample does not take the others of its message with it", async () => {
  const { codec: made, problems } = await codec("json", "1f");
  const got = made.decode(bytes('[{"data": [1.0]}, {"data": ["x"]}, {"data": [3.0]}]'));
  assert.deepEqual(got.map(({ values }) => values), [[1], [3]]);
  assert.equal(problems.length, 1);
});

test("protobuf refuses a value of another type, as VILLASnode says it", async () => {
  const { codec: made, problems } = await codec("protobuf", "1i");
  made.decode(made.encode([sample("1f", [1.5])]));
  assert.deepEqual(problems, ["Received float, expected integer"]);
});

for (
  const [choice, message] of [
    ["foo", /^Unknown format: foo; there are: csv, gtnet, json, /],
    ['{"compact": true}', /^the format:1:1: Missing "format\.type"$/],
    ['{"type": 5}', /Invalid "format\.type": expected a string, got 5/],
    ['{"type"}', /^the format:1:8: /],
  ] as const
) {
  test(`a format that is none is an error: ${choice}`, () => {
    assert.throws(() => chooseFormatText(choice), { name: "ConfigError", message });
  });
}

for (
  const [format, message] of [
    [{ type: "raw", bits: 12 }, /Invalid "bits": expected 8, 16, 32 or 64/],
    [
      { type: "json", real_precision: 32 },
      /Invalid "format\.real_precision": expected an integer, at least 0 and at most 31, got 32/,
    ],
    [
      { type: "csv", separator: "::" },
      /Invalid "format\.separator": expected a single character, got "::"/,
    ],
    [{ type: "raw", endianess: "middle" }, /expected one of "little", "big"/],
    [{ type: "villas.binary", source_index: 256 }, /at most 255/],
  ] as const
) {
  test(`an option that is wrong is an error: ${JSON.stringify(format)}`, async () => {
    await assert.rejects(codec(format, "1f"), { name: "ConfigError", message });
  });
}

/** All chunks of a stream. */
async function all<T>(stream: ReadableStream<T>): Promise<T[]> {
  const reader = stream.getReader();
  const chunks: T[] = [];
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return chunks;
    chunks.push(value);
  }
}

function streamOf<T>(chunks: readonly T[]): ReadableStream<T> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
}

for (const { name } of FORMATS) {
  test(`${name} as a stream: however the bytes are cut, the samples are the same`, async () => {
    const count = name === "value" ? 1 : 2;
    const signals = dtypes(`${count}f`);
    const samples = Array.from({ length: 5 }, (_, n): Sample => ({
      signals,
      values: Array.from({ length: count }, (_, at) => n + at / 4),
      sequence: BigInt(n),
      origin: [1_700_000_000, n * 1_000_000],
    }));
    const writer = sampleWriter(name, { signals });
    const written = await all(
      streamOf([samples.slice(0, 2), samples.slice(2)]).pipeThrough(writer),
    );
    const whole = Uint8Array.from(written.flatMap((chunk) => [...chunk]));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(whole.length), { maxLength: 8 }), async (cuts) => {
        const edges = [0, ...cuts.sort((a, b) => a - b), whole.length];
        const pieces = edges.slice(1).map((end, at) => whole.subarray(edges[at]!, end));
        const read = await all(streamOf(pieces).pipeThrough(sampleReader(name, { signals })));
        assert.deepEqual(
          read.flat().map(({ values }) => values),
          samples.map(({ values }) => values),
        );
      }),
      { numRuns: 25 },
    );
  });
}

test("a stream begins with a header, unless there is to be none", async () => {
  const signals = [
    { name: "voltage", unit: "V", type: "float" as const },
    { name: "", unit: "", type: "float" as const },
  ];
  const header = async (format: FormatChoice, offset = true): Promise<string> => {
    const writer = sampleWriter(format, { signals, offset });
    const chunks = await all(streamOf([[{ signals, values: [1, 2] }]]).pipeThrough(writer));
    return text(chunks[0]!).split("\n")[0]!;
  };
  assert.equal(
    await header("villas.human"),
    "# seconds.nanoseconds+offset(sequence)\tvoltage[V]\tsignal1",
  );
  assert.equal(
    await header("villas.human", false),
    "# seconds.nanoseconds(sequence)\tvoltage[V]\tsignal1",
  );
  assert.equal(await header("csv"), "# secs,nsecs,offset,sequence,voltage[V],signal1");
  assert.equal(await header("tsv"), "# secs\tnsecs\toffset\tsequence\tvoltage[V]\tsignal1");
  assert.match(await header({ type: "csv", header: false }), /^nan,nan,nan,nan,1\.0/);
});

test("a stream may skip its first line, and JSON has one sample a line", async () => {
  const signals = dtypes("1f");
  const skipping = sampleReader({ type: "csv", skip_first_line: true }, { signals });
  const input = streamOf([bytes("time,more,and,more\n1,2,nan,3,1.5\n")]);
  assert.deepEqual((await all(input.pipeThrough(skipping))).flat().map(({ values }) => values), [[
    1.5,
  ]]);
  const writer = sampleWriter({ type: "json", compact: true }, { signals });
  const lines = await all(
    streamOf([[{ signals, values: [1] }, { signals, values: [2] }]]).pipeThrough(writer),
  );
  assert.equal(text(lines[0]!), '{"data":[1.0]}\n{"data":[2.0]}\n');
});

test("a reader errors at what it cannot read, unless it is told what to do with it", async () => {
  const signals = dtypes("1f");
  const input = () => streamOf([bytes("1.0\t1\nwhat?\n2.0\t2\n")]);
  await assert.rejects(all(input().pipeThrough(sampleReader("villas.human", { signals }))), {
    name: "FormatError",
  });
  const problems: string[] = [];
  const tolerant = sampleReader("villas.human", {
    signals,
    problem: ({ message }) => problems.push(message),
  });
  const got = (await all(input().pipeThrough(tolerant))).flat();
  assert.deepEqual([got.length, problems.length], [2, 1]);
});

test("as messages, each chunk is one", async () => {
  const signals = dtypes("1f");
  const messages = ['[{"data": [1.0]}]', '[{"data": [2.0]}, {"data": [3.0]}]'].map(bytes);
  const reader = sampleReader("json", { mode: "message", signals });
  const got = await all(streamOf(messages).pipeThrough(reader));
  assert.deepEqual(got.map((samples) => samples.map(({ values }) => values[0])), [[1], [2, 3]]);
});

for (const { name } of FORMATS) {
  test(`${name}: a long message takes no longer than its length`, async () => {
    const { codec: made } = await codec(name, "1f1i1b1c");
    for (
      const piece of ["1", "1.", "+", "(", "\t", "a", "1,", "[", '"', "-1e", "[1,", '{"data":[]},']
    ) {
      for (const start of ["", "1.000000000(1)\t", "1,1,1,", '[{"data":[', "1.0+"]) {
        made.decode(bytes(start + piece.repeat(200_000 / piece.length)));
      }
    }
  });
}
