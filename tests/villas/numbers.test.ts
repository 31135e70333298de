/** Numbers, next to what C's printf makes of them. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { test } from "node:test";
import { exponential, fixed, jsonReal, parseNumber, signed } from "../../villas/model/numbers.ts";
import { fromMilliseconds, later, now, secondsBetween } from "../../villas/model/sample.ts";
import { cast, parseDtypes } from "../../villas/model/signal.ts";

for (
  const [value, digits, wanted] of [
    [1.5, 17, "1.50000000000000000"],
    [-0.1, 17, "-0.10000000000000001"],
    [1e-9, 17, "0.00000000100000000"],
    [0, 17, "0.00000000000000000"],
    [-0, 3, "-0.000"],
    [1e21, 2, "1000000000000000000000.00"],
    [1.7e308, 0, String(BigInt(1.7e308))],
    // Exact halves go to the even digit.
    [0.5, 0, "0"],
    [1.5, 0, "2"],
    [2.5, 0, "2"],
    [0.125, 2, "0.12"],
    [0.375, 2, "0.38"],
    [2 ** -18, 17, "0.00000381469726562"],
    [3 * 2 ** -18, 17, "0.00001144409179688"],
    [Number.NaN, 17, "nan"],
    [Infinity, 17, "inf"],
    [-Infinity, 17, "-inf"],
  ] as const
) {
  test(`%.${digits}f of ${Object.is(value, -0) ? "-0" : value} is ${wanted.slice(0, 30)}`, () => {
    assert.equal(fixed(value, digits), wanted);
  });
}

for (
  const [value, wanted] of [
    [100, "100.0"],
    [1, "1.0"],
    [-0, "-0.0"],
    [0, "0.0"],
    [1.5, "1.5"],
    [-0.1, "-0.10000000000000001"],
    [1e-9, "1.0000000000000001e-9"],
    [1e300, "1.0000000000000001e300"],
    [0.0001, "0.0001"],
    [0.00001, "1.0000000000000001e-5"],
    [1e16, "10000000000000000.0"],
    [1e17, "1e17"],
    [123456789.125, "123456789.125"],
    [5e-324, "4.9406564584124654e-324"],
    // An exact half of the seventeenth digit.
    [1000000000000000.25, "1000000000000000.2"],
    [1000000000000000.75, "1000000000000000.8"],
  ] as const
) {
  test(`a real in JSON: ${wanted}`, () => assert.equal(jsonReal(value, 17), wanted));
}

test("a real in JSON may have fewer digits", () => {
  assert.equal(jsonReal(0.125, 2), "0.12");
  assert.equal(jsonReal(1125, 3), "1.12e3");
  assert.equal(jsonReal(1115, 3), "1.12e3");
  assert.equal(jsonReal(99.99, 3), "100.0");
});

test("any double is the same after 17 digits, and always looks like a real", () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      const text = jsonReal(value, 17);
      assert.match(text, /^-?\d+(\.\d+)?(e-?\d+)?$/);
      assert.match(text, /[.e]/);
      assert.ok(Object.is(Number(text), value), `${value} became ${text}`);
      assert.ok(Object.is(JSON.parse(text), value));
    }),
    { numRuns: 2000 },
  );
});

test("an offset has six digits and an exponent of two", () => {
  assert.equal(exponential(0.02043281), "+2.043281e-02");
  assert.equal(exponential(-1.5e-7), "-1.500000e-07");
  assert.equal(exponential(0), "+0.000000e+00");
  assert.equal(exponential(1e123), "+1.000000e+123");
  assert.equal(signed(2, 1), "+2.0");
});

test("numbers are read as strtod reads them", () => {
  assert.deepEqual(
    ["1.", ".5", "-2e3", " 4 ", "nan", "-inf", "Infinity", "1x", "", "0x10"].map(parseNumber),
    [1, 0.5, -2000, 4, NaN, -Infinity, Infinity, undefined, undefined, undefined],
  );
});

test("times are pairs, and never lose a nanosecond", () => {
  assert.deepEqual(later([1_700_000_000, 999_999_999], 1e-9), [1_700_000_001, 0]);
  assert.deepEqual(later([10, 0], -0.25), [9, 750_000_000]);
  assert.equal(secondsBetween([1_700_000_000, 5], [1_700_000_001, 0]), 1 - 5e-9);
  assert.deepEqual(fromMilliseconds(1_700_000_000_123), [1_700_000_000, 123_000_000]);
  const [seconds] = now();
  assert.ok(Math.abs(seconds - Date.now() / 1000) < 2);
});

test("a dtype string counts letters, and is refused when it is wrong or endless", () => {
  assert.deepEqual(parseDtypes("2f1ib")?.map(({ name, type }) => `${name}:${type}`), [
    "signal0:float",
    "signal1:float",
    "signal2:integer",
    "signal3:boolean",
  ]);
  assert.equal(parseDtypes("64f")?.length, 64);
  for (const wrong of ["", "f2", "2x", "99999999f"]) assert.equal(parseDtypes(wrong), undefined);
});

test("values are cast as VILLASnode does it", () => {
  assert.equal(cast(-1.9, "integer"), -1n);
  assert.equal(cast(7n, "float"), 7);
  assert.equal(cast(0.5, "boolean"), true);
  assert.deepEqual(cast(true, "complex"), { real: 1, imag: 0 });
  assert.equal(cast({ real: 2.5, imag: 1 }, "integer"), 2n);
  assert.equal(cast(Number.NaN, "integer"), 0n);
});
