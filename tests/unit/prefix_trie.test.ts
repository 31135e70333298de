import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { PrefixTrie } from "../../src/base/prefix_trie.ts";
import { concat, hex, pattern, utf8 } from "../helpers/bytes.ts";

function begins(message: Uint8Array, prefix: Uint8Array): boolean {
  return prefix.every((byte, i) => message[i] === byte);
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && begins(a, b);
}

describe("a prefix trie", () => {
  function trie(...prefixes: string[]): PrefixTrie {
    const trie = new PrefixTrie();
    for (const prefix of prefixes) trie.add(utf8(prefix));
    return trie;
  }

  test("matches nothing while it is empty", () => {
    assert.equal(trie().matches(utf8("")), false);
    assert.equal(trie().matches(utf8("a")), false);
  });

  test("matches everything with the empty prefix", () => {
    assert.equal(trie("").matches(utf8("")), true);
    assert.equal(trie("").matches(utf8("anything")), true);
  });

  test("matches what begins with a prefix, and no part of one", () => {
    const weather = trie("weather", "wet");
    for (const message of ["weather", "weather: rain", "wet", "wetter"]) {
      assert.equal(weather.matches(utf8(message)), true, message);
    }
    for (const message of ["", "we", "weathe", "Weather", "sweater"]) {
      assert.equal(weather.matches(utf8(message)), false, message);
    }
  });

  test("compares bytes, not characters", () => {
    const trie = new PrefixTrie();
    trie.add(hex("00 ff"));
    assert.equal(trie.matches(hex("00 ff 80")), true);
    assert.equal(trie.matches(hex("00 fe")), false);
  });

  test("is a set: the same prefix twice is there once", () => {
    const set = trie("a");
    assert.equal(set.add(utf8("a")), false);
    assert.equal(set.size, 1);
    assert.equal(set.delete(utf8("a")), true);
    assert.equal(set.matches(utf8("a")), false);
    assert.equal(set.delete(utf8("a")), false);
    assert.equal(set.size, 0);
  });

  test("keeps the longer prefix when the shorter goes, and the other way round", () => {
    const both = trie("a", "abc");
    both.delete(utf8("a"));
    assert.equal(both.matches(utf8("ab")), false);
    assert.equal(both.matches(utf8("abc")), true);
    both.add(utf8("a"));
    both.delete(utf8("abc"));
    assert.equal(both.matches(utf8("ab")), true);
  });

  test("does not delete what only begins, or goes on behind, a prefix", () => {
    const one = trie("abc");
    for (const other of ["", "ab", "abcd", "abx"]) {
      assert.equal(one.delete(utf8(other)), false, other);
    }
    assert.equal(one.size, 1);
  });

  test("keeps its own copy of a prefix", () => {
    const prefix = utf8("ab");
    const trie = new PrefixTrie();
    trie.add(prefix);
    prefix.fill(0);
    assert.equal(trie.matches(utf8("abc")), true);
  });

  const STRINGS = {
    // Few different bytes, so that prefixes have much in common: short ones, and long ones that differ in few places.
    "short strings": fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 6 }),
    "long strings": fc.array(fc.constantFrom("aaaa", "aaab", "baaa", "a", "ab"), { maxLength: 5 })
      .map((pieces) => [...utf8(pieces.join(""))]),
    "strings of any bytes": fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 12 }),
  };
  for (const [name, arrays] of Object.entries(STRINGS)) {
    test(`of ${name} answers as a list of them does, whatever was added and deleted`, () => {
      const strings = arrays.map((bytes) => Uint8Array.from(bytes));
      const steps = fc.array(fc.record({ add: fc.boolean(), prefix: strings }), {
        maxLength: 60,
      });
      fc.assert(fc.property(steps, fc.array(strings, { minLength: 1 }), (steps, messages) => {
        const trie = new PrefixTrie();
        const model: Uint8Array[] = [];
        const compare = (): void => {
          assert.equal(trie.size, model.length);
          for (const message of messages) {
            assert.equal(trie.matches(message), model.some((prefix) => begins(message, prefix)));
          }
        };
        const remove = (prefix: Uint8Array): void => {
          const at = model.findIndex((other) => isSame(other, prefix));
          if (at >= 0) model.splice(at, 1);
          assert.equal(trie.delete(prefix), at >= 0);
          compare();
        };
        for (const { add, prefix } of steps) {
          if (!add) remove(prefix);
          else {
            const isNew = !model.some((other) => isSame(other, prefix));
            const lent = prefix.slice();
            assert.equal(trie.add(lent), isNew);
            lent.fill(0x61);
            if (isNew) model.push(prefix);
            compare();
          }
        }
        for (const prefix of [...model]) remove(prefix);
      }));
    });
  }
});

describe("a prefix trie of very many prefixes", () => {
  const COUNT = 100_000;
  const topic = (i: number): Uint8Array => utf8(`t/${String(i).padStart(7, "0")}/`);

  /** How many bytes of a message are looked at until it is known whether it is wanted. */
  function cost(trie: PrefixTrie, bytes: Uint8Array, isWanted: boolean): number {
    let reads = 0;
    const message = new Proxy(bytes, {
      get: (target, key) => {
        if (typeof key === "string" && /^\d+$/.test(key)) reads++;
        return Reflect.get(target, key);
      },
    });
    assert.equal(trie.matches(message), isWanted);
    return reads;
  }

  test("looks at each byte of a message once, whether there are 10 or 100,000", () => {
    const trie = new PrefixTrie();
    let count = 0;
    for (const many of [10, 1000, COUNT]) {
      for (; count < many; count++) trie.add(topic(count));
      assert.equal(trie.size, many);
      for (let i = 0; i < many; i += many / 10) {
        const message = concat([topic(i), utf8("and what is said")]);
        assert.equal(cost(trie, message, true), topic(i).length);
      }
    }
    assert.equal(trie.matches(topic(COUNT)), false);
    for (let i = 0; i < COUNT; i++) {
      if (i % 1000 !== 7) assert.equal(trie.delete(topic(i)), true);
    }
    assert.equal(trie.size, COUNT / 1000);
    assert.equal(trie.matches(topic(8)), false);
    assert.equal(trie.matches(topic(7007)), true);
  });

  test("keeps nothing of prefixes that have come and gone", () => {
    const trie = new PrefixTrie();
    for (let i = 0; i < COUNT; i++) {
      trie.add(topic(i));
      if (i >= 10) trie.delete(topic(i - 10));
    }
    assert.equal(trie.size, 10);
    // What is left begins with "t/009999", which a message of another topic does not.
    assert.equal(cost(trie, topic(42), false), "t/00".length + 1);
  });
});

test("a prefix may be as long as a message, and part with another one anywhere", () => {
  const trie = new PrefixTrie();
  const long = pattern(1024 * 1024);
  for (const length of [long.length, 500_000, 4096, 4097]) trie.add(long.subarray(0, length));
  const other = long.slice();
  other[500_000]! ^= 1;
  trie.add(other);
  for (const length of [4096, 4097, 500_000]) trie.delete(long.subarray(0, length));
  assert.equal(trie.matches(long), true);
  assert.equal(trie.matches(other), true);
  assert.equal(trie.matches(long.subarray(0, long.length - 1)), false);
  assert.equal(trie.delete(long), true);
  assert.equal(trie.matches(long), false);
  assert.equal(trie.matches(other), true);
});
