import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { PrefixTrie } from "../../patterns/prefix_trie.ts";
import { hex, utf8 } from "../helpers/bytes.ts";

function trie(...prefixes: string[]): PrefixTrie {
  const trie = new PrefixTrie();
  for (const prefix of prefixes) trie.add(utf8(prefix));
  return trie;
}

describe("a prefix trie", () => {
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

  test("answers as a list of prefixes does, whatever was added and deleted", () => {
    // Few different bytes, so that prefixes have much in common.
    const strings = fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 6 })
      .map((bytes) => Uint8Array.from(bytes));
    const steps = fc.array(fc.record({ add: fc.boolean(), prefix: strings }), { maxLength: 60 });
    fc.assert(fc.property(steps, fc.array(strings, { minLength: 1 }), (steps, messages) => {
      const trie = new PrefixTrie();
      const model = new Set<string>();
      for (const { add, prefix } of steps) {
        const key = prefix.join();
        if (add) {
          assert.equal(trie.add(prefix), !model.has(key));
          model.add(key);
        } else assert.equal(trie.delete(prefix), model.delete(key));
        assert.equal(trie.size, model.size);
        for (const message of messages) {
          const isWanted = Array.from({ length: message.length + 1 }, (_, length) => length)
            .some((length) => model.has(message.subarray(0, length).join()));
          assert.equal(trie.matches(message), isWanted);
        }
      }
    }));
  });
});
