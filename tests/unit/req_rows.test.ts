/** REQ, row by row of the tables of semantics (B4, B5, and B6's resend), with mock peers. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Req } from "../../patterns/reqrep.ts";
import { text } from "../helpers/bytes.ts";
import { spError } from "../helpers/errors.ts";
import { MockPlace } from "../helpers/mock_transport.ts";
import { answer, bodies, readQuestion } from "../helpers/questions.ts";
import { isPending } from "../helpers/turns.ts";

describe("B4 REQ, request on the wire", () => {
  test("is an id with its high bit set, one up each time, and the body", async () => {
    await using req = new Req();
    const place = await MockPlace.of(req);
    const peer = await place.peer();
    for (const body of ["a", "b", ""]) await req.send(body);
    await bodies(peer, 3);
    const ids = peer.messages().map((message) => new DataView(message.buffer).getUint32(0));
    assert.ok(ids[0]! >= 0x8000_0000);
    assert.equal(ids[1]! & 0x7fff_ffff, (ids[0]! + 1) & 0x7fff_ffff);
    assert.equal(ids[2]! & 0x7fff_ffff, (ids[0]! + 2) & 0x7fff_ffff);
    assert.deepEqual(await bodies(peer, 3), ["a", "b", ""]);
  });
});

describe("B5 REQ, no peer", () => {
  test("a request is accepted and held, and sent when a peer appears", async () => {
    await using req = new Req();
    const place = await MockPlace.of(req);
    await req.send("sent");
    const asked = req.request("asked");
    const peer = await place.peer();
    assert.deepEqual(await bodies(peer, 2), ["sent", "asked"]);
    await answer(peer, 1);
    assert.equal(text(await asked), "ASKED");
  });

  test("with `ready`, send waits until a peer has taken the request", async () => {
    await using req = new Req({ ready: true });
    const place = await MockPlace.of(req);
    const sent = req.send("a");
    assert.equal(await isPending(sent), true);
    const peer = await place.peer();
    await sent;
    assert.deepEqual(await bodies(peer, 1), ["a"]);
  });

  test("with `failWithoutPeers`, every face fails with ENOPEERS", async () => {
    await using req = new Req({ failWithoutPeers: true });
    await assert.rejects(req.request("a"), spError("ENOPEERS", "nobody is connected"));
    await assert.rejects(req.send("a"), spError("ENOPEERS"));
    const writer = req.writable.getWriter();
    const closed = assert.rejects(writer.closed, spError("ENOPEERS"));
    await assert.rejects(writer.write("a"), spError("ENOPEERS"));
    await closed;
  });
});

describe("B5 REQ, several peers", () => {
  test("requests go to each in turn, many in flight, and answers find theirs", async () => {
    await using req = new Req();
    const place = await MockPlace.of(req);
    const [a, b] = [await place.peer(), await place.peer()];
    const replies = ["1", "2", "3", "4"].map((body) => req.request(body));
    assert.deepEqual(await bodies(a, 2), ["1", "3"]);
    assert.deepEqual(await bodies(b, 2), ["2", "4"]);
    for (const [peer, n] of [[b, 1], [a, 1], [b, 0], [a, 0]] as const) {
      await answer(peer, n, (body) => `reply to ${body}`);
    }
    assert.deepEqual(
      (await Promise.all(replies)).map(text),
      ["reply to 1", "reply to 2", "reply to 3", "reply to 4"],
    );
  });
});

describe("B5 REQ, slow peer", () => {
  test("the next peer with room gets the request", async () => {
    await using req = new Req({ sendBuffer: 1, linger: 0 });
    const place = await MockPlace.of(req);
    const [slow, fast] = [await place.peer({ stuck: true }), await place.peer()];
    for (const body of ["1", "2"]) await req.send(body);
    await bodies(fast, 1);
    await req.send("3");
    assert.deepEqual(await bodies(fast, 2), ["2", "3"]);
    assert.deepEqual(await bodies(slow, 1), ["1"]);
  });
});

describe("B6 REQ, resend", () => {
  test("after each interval without a reply, to whoever's turn it is", async () => {
    await using req = new Req({ resendInterval: 2 });
    const place = await MockPlace.of(req);
    const [a, b] = [await place.peer(), await place.peer()];
    const reply = req.request("again");
    await Promise.all([bodies(a, 2), bodies(b, 2)]);
    const ids = [...a.messages(), ...b.messages()].map(readQuestion);
    assert.equal(new Set(ids).size, 1);
    await answer(b, 0);
    assert.equal(text(await reply), "AGAIN");
  });

  test("at once when the peer that has the request is lost", async () => {
    await using req = new Req({ resendInterval: false });
    const place = await MockPlace.of(req);
    const [a, b] = [await place.peer(), await place.peer()];
    const reply = req.request("again");
    await bodies(a, 1);
    a.break();
    assert.deepEqual(await bodies(b, 1), ["again"]);
    await answer(b, 0);
    assert.equal(text(await reply), "AGAIN");
    assert.deepEqual(req.stats().drops, {});
  });

  test("to the next peer that comes, where the lost one was the only one", async () => {
    await using req = new Req();
    const place = await MockPlace.of(req);
    const first = await place.peer();
    const reply = req.request("again");
    await bodies(first, 1);
    first.break();
    const second = await place.peer();
    await answer(second, 0);
    assert.equal(text(await reply), "AGAIN");
  });

  test("not at all with `failWithoutPeers`, once the last peer is lost: every face fails", async () => {
    await using req = new Req({ failWithoutPeers: true, concurrency: 1 });
    const place = await MockPlace.of(req);
    const peer = await place.peer();
    const asked = assert.rejects(req.request("asked"), spError("ENOPEERS"));
    await req.send("sent");
    const received = assert.rejects(req.receive(), spError("ENOPEERS"));
    // One request of `send` is in flight at the most; the next waits for its reply.
    const waiting = assert.rejects(req.send("waiting"), spError("ENOPEERS"));
    await bodies(peer, 2);
    peer.break();
    await Promise.all([asked, received, waiting]);
    const next = await place.peer();
    const reply = req.request("next");
    await answer(next, 0);
    assert.equal(text(await reply), "NEXT");
    assert.equal(next.messages().length, 1);
  });
});
