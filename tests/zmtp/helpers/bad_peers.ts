/** What peers by hand say that they should not, or hardly ever do, and what good ones do. */

import assert from "node:assert/strict";
import type { Socket } from "../../../src/socket/socket.ts";
import {
  Dealer,
  Pair,
  Pub,
  Pull,
  Push,
  Rep,
  Req,
  Router,
  Sub,
  XPub,
  XSub,
} from "../../../zmtp/mod.ts";
import { concat, hex, pattern, text, utf8 } from "../../helpers/bytes.ts";
import { command, frame, greeting, message, metadata, ready } from "./frames.ts";
import { settled, takeTexts } from "./link.ts";
import type { ZmtpPeer } from "./raw_peer.ts";

/** Quick to try again, and with little patience. */
export const OPTIONS = {
  handshakeTimeout: 5000,
  maxMessageSize: 100_000,
  reconnectMin: 1,
  reconnectMax: 20,
};

/** One of our sockets, and how a good peer of it is told from a bad one. */
export interface Case {
  readonly name: string;
  readonly peer: string;
  /** A socket type that it does not fit. */
  readonly stranger: string;
  open(options: object): Socket;
  /** Sends or receives something, with a peer that has shaken hands. */
  use(ours: never, raw: ZmtpPeer): Promise<void>;
}

function define<Kind extends Socket>(
  name: string,
  peer: string,
  open: (options: object) => Kind,
  use: (ours: Kind, raw: ZmtpPeer) => Promise<void>,
): Case {
  return { name, peer, stranger: peer === "PAIR" ? "PULL" : "PAIR", open, use };
}

/** The next message of a peer by hand, as texts. */
export async function nextTexts(raw: ZmtpPeer): Promise<string[]> {
  return (await raw.nextMessage()).map(text);
}

/** Each socket type. */
export const CASES: readonly Case[] = [
  define("PUSH", "PULL", (options) => new Push(options), async (ours, raw) => {
    await ours.send(["good", "message"]);
    assert.deepEqual(await nextTexts(raw), ["good", "message"]);
  }),
  define("PULL", "PUSH", (options) => new Pull(options), async (ours, raw) => {
    await raw.say("good", "message");
    assert.deepEqual(await takeTexts(ours), ["good|message"]);
  }),
  define("PAIR", "PAIR", (options) => new Pair(options), async (ours, raw) => {
    await raw.say("good", "message");
    assert.deepEqual(await takeTexts(ours), ["good|message"]);
    await ours.send("answer");
    assert.deepEqual(await nextTexts(raw), ["answer"]);
  }),
  define("PUB", "SUB", (options) => new Pub(options), async (ours, raw) => {
    await raw.command("SUBSCRIBE", "good");
    await settled((topic) => ours.send(topic), async () => (await nextTexts(raw))[0]!, "good");
  }),
  define(
    "SUB",
    "PUB",
    (options) => new Sub({ subscribe: "good", ...options }),
    async (ours, raw) => {
      assert.deepEqual(await raw.nextCommand(), utf8("\x09SUBSCRIBEgood"));
      await raw.say("bad");
      await raw.say("good", "message");
      assert.deepEqual(await takeTexts(ours), ["good|message"]);
    },
  ),
  define("REQ", "REP", (options) => new Req(options), async (ours, raw) => {
    const reply = ours.request("good");
    assert.deepEqual(await nextTexts(raw), ["", "good"]);
    await raw.say("", "answer");
    assert.deepEqual((await reply).map(text), ["answer"]);
  }),
  define("REP", "REQ", (options) => new Rep(options), async (ours, raw) => {
    await raw.say("", "good");
    assert.deepEqual(await takeTexts(ours), ["good"]);
    await ours.send("answer");
    assert.deepEqual(await nextTexts(raw), ["", "answer"]);
  }),
  define("DEALER", "ROUTER", (options) => new Dealer(options), async (ours, raw) => {
    await raw.say("good", "message");
    assert.deepEqual(await takeTexts(ours), ["good|message"]);
    await ours.send("answer");
    assert.deepEqual(await nextTexts(raw), ["answer"]);
  }),
  define("ROUTER", "DEALER", (options) => new Router(options), async (ours, raw) => {
    await raw.say("good", "message");
    const [id, ...frames] = await ours.receive();
    assert.deepEqual(frames.map(text), ["good", "message"]);
    await ours.send([id!, "answer"]);
    assert.deepEqual(await nextTexts(raw), ["answer"]);
  }),
  define("XPUB", "SUB", (options) => new XPub(options), async (ours, raw) => {
    await raw.command("SUBSCRIBE", "good");
    assert.deepEqual(await takeTexts(ours), ["\x01good"]);
    await ours.send("good message");
    assert.deepEqual(await nextTexts(raw), ["good message"]);
    await raw.command("CANCEL", "good");
    assert.deepEqual(await takeTexts(ours), ["\x00good"]);
  }),
  define("XSUB", "PUB", (options) => new XSub(options), async (ours, raw) => {
    await raw.say("good", "message");
    assert.deepEqual(await takeTexts(ours), ["good|message"]);
  }),
];

/** Something bad, said by a peer that has connected; the connection has to end, for a reason of this code. */
export interface Bad {
  readonly name: string;
  readonly code: string;
  say(raw: ZmtpPeer, one: Case): Promise<void> | void;
}

const TOP_BIT = hex("8000000000000000");

/** Before the handshake is over. */
export const BAD_HANDSHAKES: readonly Bad[] = [
  ...["PLAIN", "CURVE", "null", "NULL\0x", "", "GSSAPI"].map((mechanism) => ({
    name: `the mechanism ${JSON.stringify(mechanism)}`,
    code: "EPROTO",
    say: (raw: ZmtpPeer) => raw.send(greeting({ mechanism })),
  })),
  {
    name: "ZMTP 1.0",
    code: "EPROTO",
    say: (raw) => raw.send(hex("01 00"), hex("03 01 7265 02 00 78"), new Uint8Array(64)),
  },
  {
    name: "ZMTP 2.0",
    code: "EPROTO",
    say: (raw) => raw.send(hex("ff 0000000000000001 7f 01 05 00 03 616263")),
  },
  {
    name: "a signature that is none",
    code: "EPROTO",
    say: (raw) => raw.send(hex("ff 0000000000000001 7e 03 01"), new Uint8Array(52)),
  },
  {
    name: "HTTP",
    code: "EPROTO",
    say: (raw) => raw.send(utf8("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")),
  },
  { name: "SP", code: "EPROTO", say: (raw) => raw.send(hex("00 53 50 00 00 50 00 00")) },
  { name: "zeros", code: "EPROTO", say: (raw) => raw.send(new Uint8Array(64)) },
  ...[
    { name: "a message instead of READY", bytes: message("early") },
    { name: "an empty frame instead of READY", bytes: hex("00 00") },
    { name: "an empty command instead of READY", bytes: hex("04 00") },
    { name: "an unknown command instead of READY", bytes: command("HOWDY", "x") },
    { name: "PING instead of READY", bytes: command("PING", hex("0000")) },
    { name: "SUBSCRIBE instead of READY", bytes: command("SUBSCRIBE", "A") },
    { name: "a command whose name is longer than itself", bytes: frame(4, "\x20READY") },
    { name: "a frame of more than 2^63 bytes", bytes: concat([hex("06"), TOP_BIT]) },
    { name: "a READY of 2^32 bytes", bytes: hex("06 0000000100000000") },
    { name: "a READY of 1 MiB", bytes: command("READY", metadata({ X: pattern(1 << 20) })) },
    { name: "an ERROR that is longer than its frame", bytes: command("ERROR", "\x20nope") },
    { name: "an ERROR without a reason", bytes: command("ERROR") },
    { name: "metadata that ends in a name", bytes: command("READY", "\x0bSocket") },
    { name: "metadata that ends in a length", bytes: command("READY", "\x0bSocket-Type\0\0") },
    {
      name: "metadata that ends in a value",
      bytes: command("READY", "\x0bSocket-Type\0\0\0\x09PUSH"),
    },
    {
      name: "metadata with a value of 4 GiB",
      bytes: command("READY", concat([utf8("\x0bSocket-Type"), hex("ffffffff")])),
    },
    { name: "metadata with an empty name", bytes: command("READY", "\0\0\0\0\0") },
    { name: "an unknown socket type", bytes: ready("TOASTER") },
  ].map(({ name, bytes }) => ({
    name,
    code: "EPROTO|EMSGSIZE",
    say: (raw: ZmtpPeer) => raw.send(greeting(), bytes),
  })),
  {
    name: "a socket type that does not fit",
    code: "EPROTO",
    say: (raw, { stranger }) => raw.send(greeting(), ready(stranger)),
  },
  {
    name: "half a greeting and the end",
    code: "EPROTO|ECONNRESET",
    say: async (raw) => {
      await raw.send(greeting().slice(0, 20));
      raw.end();
    },
  },
  {
    name: "a greeting and the end",
    code: "EPROTO|ECONNRESET",
    say: async (raw) => {
      await raw.send(greeting());
      raw.end();
    },
  },
  {
    name: "half a greeting and a reset",
    code: "EPROTO|ECONNRESET",
    say: async (raw) => {
      await raw.send(greeting().slice(0, 20));
      await raw.take(64);
      raw.reset();
    },
  },
];

/** After the handshake. */
export const BAD_TRAFFIC: readonly Bad[] = [
  {
    name: "a frame of more than 2^63 bytes",
    code: "EPROTO|EMSGSIZE",
    say: (raw) => raw.send(concat([hex("02"), TOP_BIT])),
  },
  {
    name: "a frame of 2^63-1 bytes",
    code: "EPROTO|EMSGSIZE",
    say: (raw) => raw.send(hex("02 7fffffffffffffff")),
  },
  {
    name: "a command of 2^40 bytes",
    code: "EPROTO|EMSGSIZE",
    say: (raw) => raw.send(hex("06 0000010000000000")),
  },
  {
    name: "a frame above the limit",
    code: "EMSGSIZE",
    say: (raw) => raw.send(hex("02 00000000000186a1")),
  },
  {
    name: "frames that are together above the limit",
    code: "EMSGSIZE",
    say: (raw) => raw.send(frame(1, pattern(60_000)), frame(0, pattern(60_000))),
  },
];

/** What is to be passed over. */
export const HARMLESS: readonly { name: string; bytes: Uint8Array }[] = [
  { name: "an empty command", bytes: hex("04 00") },
  { name: "an unknown command", bytes: command("HOWDY", "x") },
  { name: "a command whose name is longer than itself", bytes: hex("04 03 20 41 42") },
  { name: "a second READY", bytes: ready("PUSH") },
  { name: "a late ERROR", bytes: command("ERROR", "\x03400") },
  { name: "a PING that is too short", bytes: command("PING") },
  { name: "a PONG that nobody asked for", bytes: command("PONG", "hello") },
  { name: "a JOIN", bytes: command("JOIN", "group") },
  { name: "a LEAVE", bytes: command("LEAVE", "group") },
  { name: "a CANCEL of nothing", bytes: command("CANCEL", "nothing") },
  { name: "an unknown long command", bytes: command("HOWDY", pattern(1000)) },
];

/** Greetings and READYs that are unusual, and right. */
export const UNUSUAL: readonly { name: string; hello(peer: string): Uint8Array }[] = [
  {
    name: "padding, filler and the as-server byte",
    hello: (peer) => {
      const bytes = greeting({ asServer: true });
      bytes.set(pattern(8, 7), 1);
      bytes.fill(0xaa, 33);
      bytes[9] = 0xff;
      return concat([bytes, ready(peer)]);
    },
  },
  {
    name: "a major version of the future",
    hello: (peer) => concat([greeting({ major: 4, minor: 0 }), ready(peer)]),
  },
  { name: "no Socket-Type", hello: () => concat([greeting(), command("READY")]) },
  {
    name: "more metadata",
    hello: (peer) => concat([greeting(), ready(peer, { "X-More": pattern(300), Identity: "" })]),
  },
  {
    name: "property names in capitals",
    hello: (peer) => concat([greeting(), command("READY", metadata({ "SOCKET-TYPE": peer }))]),
  },
];
