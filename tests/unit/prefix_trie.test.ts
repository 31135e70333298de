import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { PrefixTrie } from "../../patterns/prefix_trie.ts";
import { concat, hex, utf8 } from "../helpers/bytes.ts";
import { spError } from "../helpers/errors.ts";

const SETS = { "a prefix trie": PrefixTrie };

for (const [name, Prefixes] of Object.entries(SETS)) {
  describe(name, () => {
    function trie(...prefixes: string[]): PrefixTrie {
      const trie = new Prefixes();
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
      const trie = new Prefixes();
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
      const trie = new Prefixes();
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
          const trie = new Prefixes();
          const model = new Map<string, Uint8Array>();
          const compare = () => {
            assert.equal(trie.size, model.size);
            for (const message of messages) {
              const isWanted = Array.from({ length: message.length + 1 }, (_, length) => length)
                .some((length) => model.has(message.subarray(0, length).join()));
              assert.equal(trie.matches(message), isWanted);
            }
          };
          for (const { add, prefix } of steps) {
            const key = prefix.join();
            if (add) {
              assert.equal(trie.add(prefix), !model.has(key));
              model.set(key, prefix);
            } else assert.equal(trie.delete(prefix), model.delete(key));
            compare();
          }
          for (const [key, prefix] of model) {
            assert.equal(trie.delete(prefix), true);
            model.delete(key);
            compare();
          }
        }));
      });
    }
  });
}

describe("a prefix trie of very many prefixes", () => {
  const COUNT = 1_000_000;
  const topic = (i: number): Uint8Array => utf8(`t/${String(i).padStart(7, "0")}/`);

  /** A message that counts how often one of its bytes is read. */
  function watched(bytes: Uint8Array): { message: Uint8Array; reads: () => number } {
    let reads = 0;
    const message = new Proxy(bytes, {
      get: (target, key) => {
        if (typeof key === "string" && /^\d+$/.test(key)) reads++;
        return Reflect.get(target, key);
      },
    });
    return { message, reads: () => reads };
  }

  /** How many bytes of a message are looked at until it is known that it is wanted. */
  function cost(trie: PrefixTrie, i: number): number {
    const { message, reads } = watched(concat([topic(i), utf8("and what is said")]));
    assert.equal(trie.matches(message), true);
    return reads();
  }

  test("looks at as much of a message, each byte once, whether there are 10 or 1,000,000", () => {
    const trie = new PrefixTrie();
    // Words of four bytes, as many as the prefix has a part in.
    const covered = Math.ceil(topic(0).length / 4) * 4;
    let count = 0;
    for (const many of [10, 1000, COUNT]) {
      for (; count < many; count++) trie.add(topic(count));
      assert.equal(trie.size, many);
      assert.ok(trie.bytes < many * 100 + 10_000, `${trie.bytes} bytes for ${many}`);
      for (let i = 0; i < many; i += many / 10) assert.equal(cost(trie, i), covered);
    }
    assert.equal(trie.matches(topic(COUNT)), false);
    for (let i = 0; i < COUNT; i++) {
      if (i % 1000 !== 7) trie.delete(topic(i));
    }
    assert.equal(trie.size, COUNT / 1000);
    assert.equal(trie.matches(topic(8)), false);
    assert.equal(cost(trie, 7007), covered);
  });

  test("is as small as before where a branch has come and gone", () => {
    const [straight, branched] = [new PrefixTrie(), new PrefixTrie()];
    for (let i = 0; i < 5000; i++) {
      const stem = i.toString(16).padStart(4, "0");
      for (const trie of [straight, branched]) trie.add(utf8(`${stem}leaves`));
      branched.add(utf8(`${stem}left`));
      branched.delete(utf8(`${stem}left`));
    }
    assert.ok(branched.bytes < 1.5 * straight.bytes, `${branched.bytes}, ${straight.bytes}`);
  });

  test("cannot hold a prefix of 64 MiB", () => {
    const trie = new PrefixTrie();
    const prefix = new Uint8Array(64 * 1024 * 1024);
    assert.throws(() => trie.add(prefix), spError("EINVAL", "67108864 bytes"));
    assert.equal(trie.size, 0);
  });

  test("keeps no more than it needs when prefixes come and go", () => {
    const trie = new PrefixTrie();
    for (let i = 0; i < 100_000; i++) {
      trie.add(topic(i));
      if (i >= 10) trie.delete(topic(i - 10));
    }
    assert.equal(trie.size, 10);
    assert.ok(trie.bytes < 20_000, `${trie.bytes} bytes`);
  });
});
