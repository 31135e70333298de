/** The judge of *fuzz*: what it must notice. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Judge, type Lane } from "../../prove/fuzz/judge.ts";

const cases:
  readonly (readonly [name: string, faults: number, (lane: Lane, judge: Judge) => void])[] = [
    ["messages in order", 0, (lane) => {
      for (let i = 0; i < 100; i++) lane.hear(lane.say());
    }],
    ["a message that comes twice", 1, (lane) => {
      const message = lane.say();
      lane.hear(message);
      lane.hear(message);
    }],
    ["a message that is left out", 1, (lane) => {
      lane.say();
      lane.hear(lane.say());
    }],
    ["a message with a bit changed", 1, (lane) => {
      const message = lane.say();
      message[message.length - 1]! ^= 1;
      lane.hear(message);
    }],
    ["a message with something before it", 1, (lane) => {
      lane.hear(Uint8Array.of(1, ...lane.say()));
    }],
    ["a message of another lane", 1, (lane, judge) => {
      lane.say();
      lane.hear(judge.lane("other").say());
    }],
    ["a mutated message where none may come", 1, (lane) => lane.hear(new Uint8Array(30))],
    ["a message whose memory is used again later", 1, (lane) => {
      const first = lane.say();
      lane.hear(first);
      first.fill(0);
      for (let i = 0; i < 8; i++) lane.hear(lane.say());
    }],
    ["an answer to another question", 1, (lane) => {
      const [one, other] = [lane.say(), lane.say()];
      lane.isAnswer(lane.answer(one), other);
    }],
  ];

for (const [name, faults, happen] of cases) {
  test(`the judge finds ${faults === 0 ? "no" : "a"} fault with ${name}`, () => {
    const judge = new Judge();
    happen(judge.lane("one"), judge);
    assert.equal(judge.counts.wrong, faults, JSON.stringify(judge.faults));
  });
}
