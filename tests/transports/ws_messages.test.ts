/** What messages are as frames, and frames as messages. */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { Pair, Push, Rep } from "../../mod.ts";
import { text } from "../helpers/bytes.ts";
import { OPCODE, rawFrame, RawWebSocket } from "../helpers/raw_web_socket.ts";

const ANYWHERE = "ws://127.0.0.1:0";
const PAIR = "pair.sp.nanomsg.org";

test("messages are taken as text and as binary, whole and in fragments, and sent as binary", async () => {
  await using pair = new Pair();
  const { address } = await pair.bind(ANYWHERE);
  const { peer } = await RawWebSocket.open(address, { protocol: PAIR });
  using _ = peer;
  peer.send(rawFrame(OPCODE.text, "žluť"));
  assert.equal(text(await pair.receive()), "žluť");
  peer.send(Buffer.concat([
    rawFrame(OPCODE.binary, "frag", { fin: false }),
    rawFrame(OPCODE.ping, "between"),
    rawFrame(0, "", { fin: false }),
    rawFrame(0, "ments"),
  ]));
  const received = await pair.receive();
  assert.equal(text(received), "fragments");
  assert.equal(received.constructor, Uint8Array);
  assert.deepEqual(await peer.frame(), {
    opcode: OPCODE.pong,
    fin: true,
    masked: false,
    payload: Buffer.from("between"),
  });
  await pair.send("ok");
  assert.deepEqual(await peer.frame(), {
    opcode: OPCODE.binary,
    fin: true,
    masked: false,
    payload: Buffer.from("ok"),
  });
});

test("messages are sent as text where that is wanted", async () => {
  await using pair = new Pair({ webSocket: { sendText: true } });
  const { address } = await pair.bind(ANYWHERE);
  const { peer } = await RawWebSocket.open(address, { protocol: PAIR });
  using _ = peer;
  await pair.send("žluť");
  assert.deepEqual(await peer.frame(), {
    opcode: OPCODE.text,
    fin: true,
    masked: false,
    payload: Buffer.from("žluť"),
  });
});

test("messages have no header of their own, and an empty one is one", async () => {
  await using pair = new Pair();
  const { address } = await pair.bind(ANYWHERE);
  const { peer } = await RawWebSocket.open(address, { protocol: PAIR });
  using _ = peer;
  peer.send(Buffer.concat([rawFrame(OPCODE.binary), rawFrame(OPCODE.binary, "x")]));
  assert.equal((await pair.receive()).length, 0);
  assert.equal(text(await pair.receive()), "x");
  await pair.send("");
  await pair.send("y");
  assert.equal((await peer.frame()).payload.length, 0);
  assert.equal((await peer.frame()).payload.toString(), "y");
});

test("messages carry the pattern's own header", async () => {
  await using rep = new Rep();
  const { address } = await rep.bind(ANYWHERE);
  rep.serve((request) => request);
  const { peer } = await RawWebSocket.open(address, { protocol: "rep.sp.nanomsg.org" });
  using _ = peer;
  const asked = Buffer.of(0x80, 1, 2, 3, 65);
  peer.send(rawFrame(OPCODE.binary, asked));
  assert.deepEqual((await peer.frame()).payload, asked);
});

test("messages come in order, thousands of them, and nobody is pinged", async () => {
  await using push = new Push();
  const { address } = await push.bind(ANYWHERE);
  const { peer } = await RawWebSocket.open(address, { protocol: "push.sp.nanomsg.org" });
  using _ = peer;
  const sent = (async () => {
    for (let i = 0; i < 5000; i++) await push.send(`${i}`);
  })();
  for (let i = 0; i < 5000; i++) {
    const { opcode, payload } = await peer.frame();
    assert.equal(opcode, OPCODE.binary);
    assert.equal(payload.toString(), `${i}`);
  }
  await sent;
});
