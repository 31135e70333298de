/** A REQ socket as a transform: requests in, replies out, in the order of the requests. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Req, type ReqOptions } from "../../patterns/reqrep.ts";
import { text, utf8 } from "../helpers/bytes.ts";
import { spError } from "../helpers/errors.ts";
import type { MockConnection } from "../helpers/mock_connection.ts";
import { MockPlace } from "../helpers/mock_transport.ts";
import { answer, bodies } from "../helpers/questions.ts";
import { calm, isPending } from "../helpers/turns.ts";

async function withPeer(options: ReqOptions = {}): Promise<[Req, MockConnection, MockPlace]> {
  const req = new Req(options);
  const place = await MockPlace.of(req);
  return [req, await place.peer(), place];
}

async function collect(stream: ReadableStream<Uint8Array>): Promise<string[]> {
  const chunks: string[] = [];
  for await (const chunk of stream) chunks.push(text(chunk));
  return chunks;
}

describe("a REQ socket as a transform", () => {
  test("gives replies in the order of the requests, and ends behind the last, and is closed", async () => {
    const [req, peer] = await withPeer();
    const words = Array.from({ length: 300 }, (_, i) => `w${i}`);
    const replies = collect(ReadableStream.from(words).pipeThrough(req));
    await bodies(peer, words.length);
    for (let n = words.length - 1; n >= 0; n--) await answer(peer, n);
    assert.deepEqual(await replies, words.map((word) => word.toUpperCase()));
    await req.closed;
  });

  test("whose requests wait for others to be answered does not have close wait for that", async () => {
    const [req, peer] = await withPeer({ concurrency: 1 });
    const sent = ["a", "b", "c"].map((word) => req.send(word));
    assert.deepEqual(await bodies(peer, 1), ["a"]);
    await req.close({ linger: Infinity });
    assert.deepEqual(await bodies(peer, 3), ["a", "b", "c"]);
    await Promise.all(sent);
  });

  test("has no more than `concurrency` requests in flight", async () => {
    const [req, peer] = await withPeer({ concurrency: 4 });
    const words = Array.from({ length: 40 }, (_, i) => `${i}`);
    const replies = collect(ReadableStream.from(words).pipeThrough(req));
    for (let n = 0; n < words.length; n++) {
      await bodies(peer, Math.min(n + 4, words.length));
      await calm();
      assert.ok(peer.messages().length <= n + 4, `${peer.messages().length} of ${n + 4}`);
      await answer(peer, n);
    }
    assert.deepEqual(await replies, words);
  });

  test("sends no more while its reader leaves replies lying, and goes on when it reads", async () => {
    const [req, peer] = await withPeer({ receiveBuffer: 1000, concurrency: 2 });
    const writer = req.writable.getWriter();
    const reader = req.readable.getReader();
    const reply = "x".repeat(300);
    let answered = 0;
    let isStuck = false;
    while (!isStuck) {
      const written = writer.write("q");
      isStuck = await isPending(written);
      if (!isStuck) await answer(peer, answered++, () => reply);
    }
    // What the reader has not taken fills the queue.
    assert.ok(answered <= 5, `${answered} were answered`);
    for (let i = 0; i < answered; i++) assert.equal((await reader.read()).value!.length, 300);
    await answer(peer, answered, () => "the last");
    assert.equal(text((await reader.read()).value!), "the last");
    await req.close();
    await writer.closed.catch(() => {});
  });

  test("holds up nothing when requests of its own go beside the stream", async () => {
    const [req, peer] = await withPeer();
    const writer = req.writable.getWriter();
    const reader = req.readable.getReader();
    await writer.write("streamed");
    const asked = req.request("asked");
    await bodies(peer, 2);
    await answer(peer, 1);
    assert.equal(text(await asked), "ASKED");
    await answer(peer, 0);
    assert.equal(text((await reader.read()).value!), "STREAMED");
    await req.close();
  });

  test("closing the writable waits for the replies", async () => {
    const [req, peer] = await withPeer();
    const writer = req.writable.getWriter();
    const read = req.readable.getReader().read();
    await writer.write("a");
    const closed = writer.close();
    assert.equal(await isPending(closed), true);
    await answer(peer, 0);
    assert.equal(text((await read).value!), "A");
    await closed;
    await req.closed;
  });

  test("aborting the writable gives up what is in flight, and closes the socket", async () => {
    const [req, peer] = await withPeer();
    const writer = req.writable.getWriter();
    const reader = req.readable.getReader();
    await writer.write("a");
    await bodies(peer, 1);
    await writer.abort(new Error("enough"));
    assert.equal((await reader.read()).done, true);
    await req.closed;
  });

  test("errors on both sides where nobody is connected any more, if told so, and can still be closed", async () => {
    const [req, peer] = await withPeer({ failWithoutPeers: true });
    const writer = req.writable.getWriter();
    const reader = req.readable.getReader();
    await writer.write("a");
    await bodies(peer, 1);
    const read = assert.rejects(reader.read(), spError("ENOPEERS"));
    peer.break();
    await read;
    await assert.rejects(writer.write("b"), spError("ENOPEERS"));
    await req.close();
  });

  test("that has errored still answers requests of its own", async () => {
    const [req, peer, place] = await withPeer({ failWithoutPeers: true });
    const reader = req.readable.getReader();
    await req.send("a");
    await bodies(peer, 1);
    const read = assert.rejects(reader.read(), spError("ENOPEERS"));
    peer.break();
    await read;
    const next = await place.peer();
    await req.send("sent");
    const asked = req.request("asked");
    await bodies(next, 2);
    await answer(next, 0);
    await answer(next, 1);
    assert.equal(text(await req.receive()), "SENT");
    assert.equal(text(await asked), "ASKED");
    await req.close();
  });

  test("closed from outside ends the replies and errors the requests", async () => {
    const [req, peer] = await withPeer();
    const writer = req.writable.getWriter();
    const reader = req.readable.getReader();
    await writer.write("a");
    await bodies(peer, 1);
    const read = reader.read();
    await req.close();
    assert.equal((await read).done, true);
    await assert.rejects(writer.write("b"), spError("ECLOSED"));
  });

  test("takes chunks that are views, and text", async () => {
    const [req, peer] = await withPeer();
    const chunks = [utf8("a"), "b", new DataView(utf8("c").buffer), utf8("d").buffer];
    const replies = collect(ReadableStream.from(chunks as string[]).pipeThrough(req));
    for (let n = 0; n < 4; n++) await answer(peer, n);
    assert.deepEqual(await replies, ["A", "B", "C", "D"]);
  });
});
