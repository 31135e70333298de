/** REQ's replies, row by row of the tables of semantics (B4, B6), with mock peers. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Req } from "../../patterns/reqrep.ts";
import { hex, text } from "../helpers/bytes.ts";
import { spError } from "../helpers/errors.ts";
import { MockPlace } from "../helpers/mock_transport.ts";
import { nextEvent } from "../helpers/next_event.ts";
import { answer, bodies, question } from "../helpers/questions.ts";
import { SpiedSignal } from "../helpers/signal.ts";
import { isPending } from "../helpers/turns.ts";

describe("B6 REQ, second send while waiting", () => {
  test("both are in flight, and their replies are received in the order of the requests", async () => {
    await using req = new Req();
    const place = await MockPlace.of(req);
    const peer = await place.peer();
    for (const body of ["first", "second", "third"]) await req.send(body);
    await answer(peer, 2);
    await answer(peer, 1);
    const replies = [req.receive(), req.receive(), req.receive()];
    assert.equal(await isPending(replies[0]!), true);
    await answer(peer, 0);
    assert.deepEqual((await Promise.all(replies)).map(text), ["FIRST", "SECOND", "THIRD"]);
  });

  test("at most `concurrency` are in flight; send waits for a reply then", async () => {
    await using req = new Req({ concurrency: 2 });
    const place = await MockPlace.of(req);
    const peer = await place.peer();
    await req.send("1");
    await req.send("2");
    const third = req.send("3");
    assert.equal(await isPending(third), true);
    assert.deepEqual(await bodies(peer, 2), ["1", "2"]);
    await answer(peer, 0);
    await third;
    assert.deepEqual(await bodies(peer, 3), ["1", "2", "3"]);
  });
});

describe("B6 REQ, receive with no request", () => {
  test("is ESTATE, before the first request and after the last reply", async () => {
    await using req = new Req();
    const place = await MockPlace.of(req);
    const peer = await place.peer();
    await assert.rejects(req.receive(), spError("ESTATE", "no request was sent"));
    await req.send("a");
    await answer(peer, 0);
    assert.equal(text(await req.receive()), "A");
    await assert.rejects(req.receive(), spError("ESTATE"));
  });
});

describe("B6 REQ, receive timeout", () => {
  test("leaves the request outstanding: a later receive still gets its reply", async () => {
    await using req = new Req({ receiveTimeout: 1 });
    const place = await MockPlace.of(req);
    const peer = await place.peer();
    await req.send("a");
    await assert.rejects(req.receive(), spError("ETIMEDOUT", "Cannot receive"));
    await answer(peer, 0);
    assert.equal(text(await req.receive()), "A");
  });

  test("gives a request of its own up: its reply is late", async () => {
    await using req = new Req({ receiveTimeout: 1 });
    const place = await MockPlace.of(req);
    const peer = await place.peer();
    await assert.rejects(req.request("a"), spError("ETIMEDOUT", "get a reply"));
    await answer(peer, 0);
    assert.deepEqual(req.stats().drops, { late: 1 });
  });
});

describe("B6 REQ, cancel by signal", () => {
  test("rejects with its reason, sends nothing again, and leaves nothing on the signal", async () => {
    await using req = new Req();
    const place = await MockPlace.of(req);
    const signal = new SpiedSignal();
    const [a, b] = [await place.peer(), await place.peer()];
    const cancelled = req.request("cancelled", { signal: signal.signal });
    await bodies(a, 1);
    signal.abort("enough");
    await assert.rejects(cancelled, (reason) => reason === "enough");
    assert.equal(signal.listeners, 0);
    a.break();
    const other = req.request("other");
    assert.deepEqual(await bodies(b, 1), ["other"]);
    await answer(b, 0);
    await other;
  });

  test("does not send a request at all where it is aborted before, or that is still held", async () => {
    await using req = new Req();
    const place = await MockPlace.of(req);
    const signal = AbortSignal.abort("before");
    await assert.rejects(req.request("a", { signal }), (reason) => reason === "before");
    const later = new SpiedSignal();
    const held = req.request("held", { signal: later.signal });
    later.abort("enough");
    await assert.rejects(held);
    const peer = await place.peer();
    const reply = req.request("sent");
    await answer(peer, 0);
    assert.equal(text(await reply), "SENT");
    assert.deepEqual(await bodies(peer, 1), ["sent"]);
    assert.equal(later.listeners, 0);
  });

  test("leaves nothing on the signal where the socket is closed", async () => {
    const req = new Req();
    await req.close();
    const signal = new SpiedSignal();
    await assert.rejects(req.request("a", { signal: signal.signal }), spError("ECLOSED"));
    assert.equal(signal.listeners, 0);
  });
});

describe("B6 REQ, late or duplicate reply", () => {
  test("is dropped by its id, counted, and told", async () => {
    await using req = new Req();
    const place = await MockPlace.of(req);
    const events = req.events().getReader();
    const peer = await place.peer();
    const reply = req.request("a");
    await answer(peer, 0);
    await answer(peer, 0, () => "duplicate");
    peer.deliver(question("never asked", 12345));
    assert.equal(text(await reply), "A");
    const { reason, count } = await nextEvent(events, "dropped");
    assert.deepEqual([reason, count], ["late", 2]);
    assert.equal(peer.destroyed, false);
  });
});

describe("B4 REQ, malformed reply", () => {
  for (const malformed of ["", "80 00 00", "00 00 00 01 61"]) {
    test(`closes the connection, with the reason, and the request goes elsewhere: "${malformed}"`, async () => {
      await using req = new Req();
      const place = await MockPlace.of(req);
      const events = req.events().getReader();
      const [bad, good] = [await place.peer(), await place.peer()];
      const reply = req.request("a");
      await bodies(bad, 1);
      bad.deliver(hex(malformed));
      const { reason } = await nextEvent(events, "detached");
      assert.equal(reason?.code, "EPROTO");
      await answer(good, 0);
      assert.equal(text(await reply), "A");
      assert.deepEqual(req.stats().drops, { malformed: 1 });
    });
  }
});

describe("REQ, reply to somebody else", () => {
  test("is dropped and counted, and its pipe stays: a device passes on what those behind it make up", async () => {
    await using req = new Req();
    const place = await MockPlace.of(req);
    const peer = await place.peer();
    const reply = req.request("a");
    await bodies(peer, 1);
    peer.deliver(hex("00 00 00 01 80 00 00 02 61"));
    assert.equal(peer.destroyed, false);
    assert.deepEqual(req.stats().drops, { unasked: 1 });
    await answer(peer, 0);
    assert.equal(text(await reply), "A");
  });
});

describe("REQ, when it is closed,", () => {
  test("fails what is not answered with ECLOSED, held or sent, and takes no more", async () => {
    const req = new Req();
    const place = await MockPlace.of(req);
    const held = assert.rejects(req.request("held"), spError("ECLOSED"));
    const peer = await place.peer();
    const sent = assert.rejects(req.request("sent"), spError("ECLOSED"));
    await bodies(peer, 2);
    await req.close();
    await Promise.all([held, sent]);
    await assert.rejects(req.request("more"), spError("ECLOSED"));
    await assert.rejects(req.send("more"), spError("ECLOSED"));
  });
});
