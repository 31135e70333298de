/** The formats: the bytes of a real VILLASnode, both ways; what is written is read back; no bytes make a reader throw. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { test } from "node:test";
import { FORMATS } from "../../villas/formats/table.ts";
import type { FormatChoice } from "../../villas/formats/streams.ts";
import type { Sample } from "../../villas/model/sample.ts";
import type { Value } from "../../villas/model/signal.ts";
import {
  bytes,
  codec,
  DOUBLES,
  dtypes,
  essence,
  hex,
  type Holds,
  PLAIN_FLOATS,
  PLAIN_PARTS,
  sample,
  samplesFor,
  text,
  TIMES,
} from "./samples.ts";

const FIRST: Value[] = [1.5, -0.1, -7n];
const F32 = Math.fround(-0.1);

/** Bytes or text of one message, and what it is read as; `read` if that is not what was written. */
const CASES: readonly {
  readonly name: string;
  readonly format: FormatChoice;
  readonly types: string;
  readonly samples: Sample[];
  readonly wire: string | Uint8Array;
  readonly read?: readonly Partial<Sample>[];
}[] = [
  {
    name: "json",
    format: "json",
    types: "2f1i1b1c",
    samples: [sample("2f1i1b1c", [...FIRST, true, { real: 1.5, imag: -2.5 }])],
    wire: '[{"ts": {"origin": [1700000000, 123456789]}, "sequence": 42, "data": ' +
      '[1.5, -0.10000000000000001, -7, true, {"real": 1.5, "imag": -2.5}]}]',
  },
  {
    name: "json with a flag",
    format: "json",
    types: "2f1i",
    samples: [
      sample("2f1i", [3.5, 1e-9, 0n], {
        sequence: 44n,
        origin: [1_700_000_000, 323_456_789],
        newFrame: true,
      }),
    ],
    wire: '[{"ts": {"origin": [1700000000, 323456789]}, "flags": ["new_frame"], "sequence": 44, ' +
      '"data": [3.5, 1.0000000000000001e-9, 0]}]',
  },
  {
    name: "json, compact and sorted",
    format: { type: "json", compact: true, sort_keys: true },
    types: "1f",
    samples: [sample("1f", [100])],
    wire: '[{"data":[100.0],"sequence":42,"ts":{"origin":[1700000000,123456789]}}]',
  },
  {
    name: "villas.human",
    format: "villas.human",
    types: "2f1i1b1c",
    samples: [
      sample("2f1i1b1c", [3.5, 1e-9, 0n, true, { real: -3, imag: Math.fround(0.1) }], {
        sequence: 44n,
        origin: [1_700_000_000, 323_456_789],
        newFrame: true,
      }),
    ],
    wire: "1700000000.323456789(44)F\t3.50000000000000000\t0.00000000100000000\t0\t1\t" +
      "-3.00000000000000000+0.10000000149011612i\n",
  },
  {
    name: "villas.binary",
    format: "villas.binary",
    types: "2f1i",
    samples: [sample("2f1i", FIRST)],
    wire: hex(
      "20 00 00 03 00 00 00 2a 65 53 f1 00 07 5b cd 15  3f c0 00 00 bd cc cc cd ff ff ff f9",
    ),
    read: [sample("2f1i", [1.5, F32, 4_294_967_289n])],
  },
  {
    name: "villas.web",
    format: "villas.web",
    types: "2f1i",
    samples: [sample("2f1i", FIRST)],
    wire: hex(
      "20 00 03 00 2a 00 00 00 00 f1 53 65 15 cd 5b 07  00 00 c0 3f cd cc cc bd f9 ff ff ff",
    ),
    read: [sample("2f1i", [1.5, F32, 4_294_967_289n])],
  },
  {
    name: "csv",
    format: "csv",
    types: "3f",
    samples: [
      sample("3f", [1.5, 2.5, 3.5], {
        sequence: 43n,
        origin: [1_700_000_000, 223_456_789],
        received: [1_700_000_000, 224_456_789],
      }),
    ],
    wire: "1700000000,223456789,0.001000000,43,1.50000000000000000,2.50000000000000000," +
      "3.50000000000000000\n",
  },
  {
    name: "tsv",
    format: "tsv",
    types: "1f1i",
    samples: [sample("1f1i", [1.5, -7n])],
    wire: "1700000000\t123456789\tnan\t42\t1.50000000000000000\t-7\n",
  },
  {
    name: "raw",
    format: "raw",
    types: "2f1i",
    samples: [{ signals: [], values: FIRST }],
    wire: hex("00 00 c0 3f cd cc cc bd f9 ff ff ff"),
    read: [{ values: [1.5, F32, -7n] }],
  },
  {
    name: "raw of 64 bits with a head",
    format: { type: "raw", bits: 64, fake: true, endianess: "big" },
    types: "1f",
    samples: [sample("1f", [1.5])],
    wire: hex(
      "00 00 00 00 00 00 00 2a 00 00 00 00 65 53 f1 00 00 00 00 00 07 5b cd 15 3f f8 00 00 00 00 00 00",
    ),
  },
  {
    name: "gtnet",
    format: "gtnet",
    types: "2f1i",
    samples: [{ signals: [], values: FIRST }],
    wire: hex("3f c0 00 00 bd cc cc cd ff ff ff f9"),
    read: [{ values: [1.5, F32, -7n] }],
  },
  {
    name: "protobuf",
    format: "protobuf",
    types: "2f1i",
    samples: [sample("2f1i", FIRST)],
    wire: hex(
      "0a 37 08 01 10 2a 1a 0b 08 80 e2 cf aa 06 10 95 9a ef 3a" +
        "a2 06 09 09 00 00 00 00 00 00 f8 3f a2 06 09 09 9a 99 99 99 99 99 b9 bf" +
        "a2 06 0b 10 f9 ff ff ff ff ff ff ff ff 01",
    ),
  },
  {
    name: "value",
    format: "value",
    types: "1f",
    samples: [{ signals: [], values: [1.5] }],
    wire: "1.500000\n",
  },
  {
    name: "opal.asyncip",
    format: { type: "opal.asyncip", dev_id: 3 },
    types: "2f",
    samples: [{ signals: [], values: [1.5, -1], sequence: 42n }],
    wire: hex("03 00 2a 00 00 00 10 00 00 00 00 00 00 00 f8 3f 00 00 00 00 00 00 f0 bf"),
  },
  {
    name: "json.reserve",
    format: "json.reserve",
    types: "1f",
    samples: [sample("1f", [1.5])],
    wire: '[{"measurements": [{"name": "signal0", "value": 1.5, "created": 1700000000123, ' +
      '"sequence": 42}]}]',
    read: [sample("1f", [1.5], { origin: [1_700_000_000, 123_000_000] })],
  },
  {
    name: "json.edgeflex",
    format: "json.edgeflex",
    types: "1f1i",
    samples: [sample("1f1i", [1.5, 3n])],
    wire: '[{"signal0": 1.5, "signal1": 3, "created": 1700000000123}]',
    read: [{ values: [1.5, 3n], origin: [1_700_000_000, 123_000_000] }],
  },
  {
    name: "json.kafka",
    format: "json.kafka",
    types: "1f",
    samples: [sample("1f", [1.5])],
    wire: '[{"schema": {"type": "struct", "name": "villas-node.Value", "fields": [' +
      '{"type": "int64", "optional": false, "field": "timestamp"}, ' +
      '{"type": "int64", "optional": false, "field": "sequence"}, ' +
      '{"type": "double", "optional": false, "field": "signal0"}]}, ' +
      '"payload": {"timestamp": 1700000000123, "sequence": 42, "signal0": 1.5}}]',
    read: [sample("1f", [1.5], { origin: [1_700_000_000, 123_000_000] })],
  },
];

for (const { name, format, types, samples, wire, read } of CASES) {
  test(`${name} is written and read as VILLASnode has it`, async () => {
    const { codec: made, problems } = await codec(format, types);
    const message = made.encode(samples);
    if (typeof wire === "string") assert.equal(text(message), wire);
    else assert.deepEqual([...message], [...wire]);
    const again = made.decode(typeof wire === "string" ? bytes(wire) : wire);
    const wanted = (read ?? samples) as Sample[];
    assert.deepEqual(again.map(essence), wanted.map(essence));
    assert.deepEqual(problems, []);
  });
}

const ALL = { types: "fibc", origin: TIMES };
const HOLDS: Readonly<Record<string, Holds>> = {
  "json": { ...ALL, floats: DOUBLES },
  "villas.human": { ...ALL, floats: PLAIN_FLOATS, parts: PLAIN_PARTS },
  "villas.binary": {
    ...ALL,
    types: "fi",
    floats: fc.float(),
    integers: fc.bigInt(0n, 0xffff_ffffn),
    sequence: 32,
  },
  "villas.web": {
    ...ALL,
    types: "fi",
    floats: fc.float(),
    integers: fc.bigInt(0n, 0xffff_ffffn),
    sequence: 32,
  },
  "csv": { ...ALL, floats: PLAIN_FLOATS, parts: PLAIN_PARTS },
  "tsv": { ...ALL, floats: PLAIN_FLOATS, parts: PLAIN_PARTS },
  "protobuf": { ...ALL, floats: fc.double() },
  "raw": {
    types: "fibc",
    floats: fc.float(),
    integers: fc.bigInt(-(2n ** 31n), 2n ** 31n - 1n),
    sequence: 0,
    most: 1,
  },
  "gtnet": {
    types: "fibc",
    floats: fc.float(),
    integers: fc.bigInt(-(2n ** 31n), 2n ** 31n - 1n),
    sequence: 0,
    most: 1,
  },
  "json.edgeflex": { types: "fibc", floats: DOUBLES, sequence: 0, origin: undefined },
  "json.kafka": { types: "fibc", floats: DOUBLES },
  "json.reserve": { types: "f", floats: DOUBLES },
  "opal.asyncip": { types: "f", floats: fc.double(), sequence: 32 },
};

for (const [name, holds] of Object.entries(HOLDS)) {
  for (const mode of ["message", "stream"] as const) {
    test(`${name}: what is written is read back, as a ${mode}`, async () => {
      await fc.assert(
        fc.asyncProperty(samplesFor(holds), async (samples) => {
          const { signals } = samples[0]!;
          const { codec: made, problems } = await codec(name, "1f", { signals, mode });
          const again = made.decode(made.encode(samples));
          const strip = name === "json.edgeflex"
            ? (one: Sample) => one.values
            : (one: Sample) => essence(one);
          assert.deepEqual(again.map(strip), samples.map(strip));
          assert.deepEqual(problems, []);
        }),
        { numRuns: 60 },
      );
    });
  }
}

/** Bytes that look like the format, so that a reader gets further than the first of them. */
async function broken(name: string, types: string): Promise<fc.Arbitrary<Uint8Array>> {
  const { codec: made } = await codec(name, types);
  const good = made.encode([
    sample(types, dtypes(types).map(({ type }) => type === "integer" ? 7n : 1.5)),
  ]);
  return fc.tuple(
    fc.array(fc.tuple(fc.nat(good.length - 1), fc.integer({ min: 0, max: 255 })), { maxLength: 6 }),
    fc.nat(good.length),
  ).map(([changes, length]) => {
    const copy = good.slice();
    for (const [at, byte] of changes) copy[at] = byte;
    return copy.subarray(0, length);
  });
}

for (const { name } of FORMATS) {
  test(`${name}: no bytes make the reader throw, and each sample fits the signals`, async () => {
    const types = name === "value" ? "1f" : name.startsWith("villas.") ? "2f1i" : "2f";
    const likely = await broken(name, types);
    for (const mode of ["message", "stream"] as const) {
      const { codec: made } = await codec(name, types, { mode });
      fc.assert(
        fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), likely), (input) => {
          for (const one of made.decode(input)) {
            assert.ok(one.values.length <= one.signals.length);
            for (const [at, value] of one.values.entries()) {
              const wanted = {
                float: "number",
                integer: "bigint",
                boolean: "boolean",
                complex: "object",
              };
              assert.equal(typeof value, wanted[one.signals[at]!.type]);
            }
          }
          const whole = made.measure(input, false);
          assert.ok(whole >= 0 && whole <= input.length);
        }),
        { numRuns: 300 },
      );
    }
  });
}
