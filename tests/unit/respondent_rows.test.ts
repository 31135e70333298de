/** RESPONDENT, row by row of the tables of semantics (B4, B5, B8), with mock peers. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Respondent } from "../../patterns/survey.ts";
import { hex, text } from "../helpers/bytes.ts";
import { spError } from "../helpers/errors.ts";
import type { MockConnection } from "../helpers/mock_connection.ts";
import { MockPlace } from "../helpers/mock_transport.ts";
import { nextDrops, nextEvent } from "../helpers/next_event.ts";
import { question, readQuestion } from "../helpers/questions.ts";
import { isPending } from "../helpers/turns.ts";

/** Responds to the next surveys, so many, with what they are in capitals. */
async function respond(respondent: Respondent, count: number): Promise<string[]> {
  const asked: string[] = [];
  while (asked.length < count) {
    asked.push(text(await respondent.receive()));
    await respondent.send(asked.at(-1)!.toUpperCase());
  }
  return asked;
}

async function responses(peer: MockConnection, count: number): Promise<string[]> {
  await peer.until(() => peer.messages().length >= count);
  return peer.messages().map(readQuestion);
}

describe("B5 RESPONDENT, no peer", () => {
  test("receive waits", async () => {
    await using respondent = new Respondent();
    const place = await MockPlace.of(respondent);
    const asked = respondent.receive();
    assert.equal(await isPending(asked), true);
    (await place.peer()).deliver(question("a", 1));
    assert.equal(text(await asked), "a");
  });
});

describe("B5 RESPONDENT, several peers", () => {
  test("each has its turn, and each response goes to who asked, behind the id of its survey", async () => {
    await using respondent = new Respondent();
    const place = await MockPlace.of(respondent);
    const [a, b] = [await place.peer(), await place.peer()];
    a.deliver(question("a1", 1), question("a2", 2));
    b.deliver(question("b1", 1));
    assert.deepEqual(await respond(respondent, 3), ["a1", "b1", "a2"]);
    assert.deepEqual(await responses(a, 2), ["1 A1", "2 A2"]);
    assert.deepEqual(await responses(b, 1), ["1 B1"]);
  });

  test("a response to a peer that has gone silently succeeds, and is counted and told", async () => {
    await using respondent = new Respondent();
    const place = await MockPlace.of(respondent);
    const events = respondent.events().getReader();
    const gone = await place.peer();
    gone.deliver(question("a", 1));
    await respondent.receive();
    gone.break();
    await respondent.send("to nobody");
    const { reason, count, peer } = await nextDrops(events, 1);
    assert.deepEqual([reason, count, peer?.remoteAddress], ["peer-gone", 1, gone.remoteAddress]);
    assert.deepEqual(respondent.stats().drops, { "peer-gone": 1 });
  });
});

describe("B5 RESPONDENT, slow peer", () => {
  test("gets none of its further surveys handled until it takes its responses, and holds up nobody", async () => {
    await using respondent = new Respondent({ sendBuffer: 1, linger: 0 });
    const place = await MockPlace.of(respondent);
    const [slow, fast] = [await place.peer({ stuck: true }), await place.peer()];
    slow.deliver(question("s1", 1), question("s2", 2));
    assert.deepEqual(await respond(respondent, 1), ["s1"]);
    await responses(slow, 1);
    const waiting = respond(respondent, 1);
    assert.equal(await isPending(waiting), true);
    fast.deliver(question("f1", 1));
    assert.deepEqual(await waiting, ["f1"]);
    slow.release();
    assert.deepEqual(await respond(respondent, 1), ["s2"]);
    assert.deepEqual(await responses(slow, 2), ["1 S1", "2 S2"]);
  });
});

describe("B8 RESPONDENT, response without survey", () => {
  test("is ESTATE, before the first survey and after its response", async () => {
    await using respondent = new Respondent();
    const place = await MockPlace.of(respondent);
    const peer = await place.peer();
    await assert.rejects(respondent.send("a"), spError("ESTATE", "respondent", "no question"));
    peer.deliver(question("a", 1));
    await respond(respondent, 1);
    await assert.rejects(respondent.send("again"), spError("ESTATE"));
    assert.deepEqual(await responses(peer, 1), ["1 A"]);
  });
});

describe("B4 RESPONDENT, backtrace", () => {
  test("goes back as it came, with all the devices on the way", async () => {
    await using respondent = new Respondent();
    const place = await MockPlace.of(respondent);
    const peer = await place.peer();
    peer.deliver(question("a", 7, 8, 9));
    await respond(respondent, 1);
    assert.deepEqual(await responses(peer, 1), ["7 8 9 A"]);
  });

  for (const ttl of [1, undefined]) {
    const most = ttl ?? 8;
    test(`may have ${most} words with a ttl of ${ttl ?? "8, the default"}, its id included`, async () => {
      await using respondent = new Respondent(ttl === undefined ? {} : { ttl });
      const place = await MockPlace.of(respondent);
      const peer = await place.peer();
      const words = Array.from({ length: most }, (_, i) => i + 1);
      peer.deliver(question("too far", 0, ...words), question("near", ...words));
      assert.deepEqual(await respond(respondent, 1), ["near"]);
      assert.deepEqual(respondent.stats().peers.map(({ drops }) => drops), [{ ttl: 1 }]);
      assert.equal(peer.destroyed, false);
    });
  }

  for (const malformed of ["", "80 00 00", "00 00 00 01"]) {
    test(`that is none closes the connection, counted and told: "${malformed}"`, async () => {
      await using respondent = new Respondent();
      const place = await MockPlace.of(respondent);
      const events = respondent.events().getReader();
      const bad = await place.peer();
      bad.deliver(hex(malformed));
      const { reason } = await nextEvent(events, "detached");
      assert.equal(reason?.code, "EPROTO");
      assert.deepEqual(respondent.stats().drops, { malformed: 1 });
    });
  }
});

describe("a RESPONDENT", () => {
  test("serves: what the handler returns goes to who asked", async () => {
    const respondent = new Respondent();
    const place = await MockPlace.of(respondent);
    const peer = await place.peer();
    const served = respondent.serve((survey) => text(survey) === "a" ? undefined : "present");
    peer.deliver(question("a", 1), question("b", 2));
    assert.deepEqual(await responses(peer, 1), ["2 present"]);
    await respondent.close();
    await served;
  });

  test("responds as a pipe, by a transform between its streams, in the order of the surveys", async () => {
    await using respondent = new Respondent();
    const place = await MockPlace.of(respondent);
    const [a, b] = [await place.peer(), await place.peer()];
    const upper = new TransformStream<Uint8Array, string>({
      transform: (survey, controller) => controller.enqueue(text(survey).toUpperCase()),
    });
    respondent.readable.pipeThrough(upper).pipeTo(respondent.writable).catch(() => {});
    a.deliver(question("a1", 1), question("a2", 2));
    b.deliver(question("b1", 7));
    assert.deepEqual(await responses(a, 2), ["1 A1", "2 A2"]);
    assert.deepEqual(await responses(b, 1), ["7 B1"]);
  });
});
