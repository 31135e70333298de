/** A wire of lines of text, by the contract alone: PUSH and PULL, REQ and REP over tcp know nothing of it. */

import assert from "node:assert/strict";
import { connect, type Socket as NetSocket } from "node:net";
import { test } from "node:test";
import { plainReceiveQueue, plainSendQueue } from "../../patterns/plain_queues.ts";
import { IdSequence } from "../../patterns/backtrace.ts";
import { withBacktrace } from "../../patterns/answering.ts";
import { ReplySocket } from "../../src/answering/replies.ts";
import { RequestStream } from "../../patterns/asking/request_stream.ts";
import { Requests } from "../../patterns/asking/requests.ts";
import "../../mod.ts";
import { SPError } from "../../src/base/errors.ts";
import { askingWays } from "../../src/surface/codec.ts";
import type { MessageLike, Outgoing } from "../../src/memory/message.ts";
import type { Packer } from "../../src/memory/packer.ts";
import type { Protocol, ProtocolId, WireProtocolId } from "../../src/contracts/protocol.ts";
import { Balance } from "../../src/pipes/routing.ts";
import { DuplexSocket, ReceiveSocket, SendSocket } from "../../src/socket/socket.ts";
import type {
  Encoder,
  Greeting,
  Session,
  SessionHost,
  Wire,
  WireMessage,
} from "../../src/contracts/wire.ts";
import { toText } from "../conformance/stage.ts";

// The wire: a line of base64 is a message, "!WORD" a control frame, and both ends greet in two steps, by name and "ok".
const utf8 = new TextEncoder();
const line = (text: string): Uint8Array => utf8.encode(`${text}\n`);
const whole = (message: Outgoing): Uint8Array =>
  "body" in message ? new Uint8Array([...message.header, ...message.body]) : message;
const base64 = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes));
const bytes = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(text), (character) => character.charCodeAt(0));

const LINE_ENCODER: Encoder = {
  overhead: 1,
  keepsApart: false,
  encode(message: WireMessage, packer: Packer): void {
    const text = line(base64(whole(message as Outgoing)));
    packer.payload = text.length - 1;
    const at = packer.reserve(text.length);
    packer.slab.set(text, at);
  },
  unpack: ([piece]) => bytes(new TextDecoder().decode(piece).trim()),
  isGone: () => false,
  share: () => {},
};

function greeting({ name, peerName }: ProtocolId): Greeting {
  return {
    hello: () => line(name),
    read: (received) => {
      const end = received.indexOf(10);
      if (end < 0) return { used: 0, isDone: false };
      const word = new TextDecoder().decode(received.subarray(0, end));
      if (word === "ok") return { used: end + 1, isDone: true };
      if (word !== peerName) throw new Error(`The peer is ${word}, expected ${peerName}`);
      return { used: end + 1, say: line("ok"), isDone: false };
    },
    missing: (received) => `The peer sent ${received} bytes of its greeting`,
  };
}

const LINES: Wire = {
  name: "lines",
  open: ({ protocol }): Session => ({
    greeting: greeting(protocol),
    encoder: LINE_ENCODER,
    sizeOf: (message) => (message as Uint8Array).length,
    encodeControl: (frame) => line(`!${(frame as { word: string }).word}`),
    decoder: (host: SessionHost) => {
      let partial = "";
      return {
        transform: (chunk, controller) => {
          const lines = (partial + new TextDecoder().decode(chunk)).split("\n");
          partial = lines.pop()!;
          for (const text of lines) {
            if (text === "!ping") host.reply(line("!pong"));
            else if (text.startsWith("!")) host.control({ word: text.slice(1) });
            else controller.enqueue(bytes(text));
          }
        },
      };
    },
  }),
};

const id = (name: string, peerName: string): WireProtocolId => ({
  name,
  peerName,
  wire: LINES,
  checkPeer: () => {},
});

class LinePush extends SendSocket {
  constructor() {
    super({ id: id("push", "pull"), sendQueue: plainSendQueue(new Balance(), {}) }, {});
  }
}

class LinePull extends ReceiveSocket {
  readonly words: string[] = [];

  constructor() {
    const words: string[] = [];
    const control: Protocol["control"] = (_pipe, frame) => {
      words.push((frame as { word: string }).word);
    };
    super({ id: id("pull", "push"), receiveQueue: plainReceiveQueue({}), control }, {});
    this.words = words;
  }
}

class LineReq extends DuplexSocket {
  constructor() {
    const requests = new Requests({ resendInterval: 1000, failWithoutPeers: false, ready: false });
    const most = { concurrency: 100, attempts: Infinity };
    const ways = askingWays<MessageLike, Uint8Array<ArrayBuffer>>(undefined);
    const ids = new IdSequence();
    const { receiveQueue, sendQueue } = new RequestStream(requests, ids, most, {}, ways);
    const inbound: Protocol["inbound"] = (pipe) => requests.inbound(pipe);
    super({ id: id("req", "rep"), receiveQueue, sendQueue, inbound }, {});
  }
}

class LineRep extends ReplySocket<MessageLike, Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  constructor() {
    const rep = id("rep", "req");
    const { answering, rest } = withBacktrace<Uint8Array<ArrayBuffer>, MessageLike>(rep, {});
    super(rep, answering, rest);
  }
}

/** One whose users give and get text, and whose header is the pattern's own. */
class TextRep extends ReplySocket<string, string> {
  constructor() {
    super(id("rep", "req"), {
      inbound: (pipe) => ({
        transform: (message: Uint8Array<ArrayBuffer>, controller) => {
          const header = { first: message.slice(0, 4) };
          controller.enqueue({ pipe, header, body: toText(message.subarray(4)) });
        },
      }),
      size: ({ body }) => body.length,
      open: (body) => body,
      prepare: (answer) => {
        if (typeof answer !== "string") throw new SPError("EINVAL", "Wanted text");
        return utf8.encode(answer);
      },
      compose: (header, body) =>
        new Uint8Array([...(header as { first: Uint8Array }).first, ...body as Uint8Array]),
    }, {});
  }
}

test("PUSH and PULL speak a wire of lines over tcp", async () => {
  await using pull = new LinePull();
  const { address } = await pull.bind("tcp://127.0.0.1:0");
  await using push = new LinePush();
  push.connect(address);
  for (const text of ["one", "", "three"]) await push.send(text);
  const received = [await pull.receive(), await pull.receive(), await pull.receive()];
  assert.deepEqual(received.map(toText), ["one", "", "three"]);
  assert.equal(push.stats().messagesSent, 3);
});

test("what a lost peer had not been sent goes to the next, unpacked by the wire", async () => {
  await using push = new LinePush();
  const { address } = await push.bind("tcp://127.0.0.1:0");
  const pull = new LinePull();
  pull.connect(address);
  await push.peers(1);
  await push.send("first");
  assert.equal(toText(await pull.receive()), "first");
  const events = push.events().getReader();
  await pull.close();
  while ((await events.read()).value?.type !== "detached");
  await using second = new LinePull();
  const sent = push.send("second");
  second.connect(address);
  await sent;
  assert.equal(toText(await second.receive()), "second");
});

test("REQ and REP speak it, many requests at once", async () => {
  await using rep = new LineRep();
  const { address } = await rep.bind("tcp://127.0.0.1:0");
  const serving = rep.serve((question) => `${toText(question)}!`);
  await using req = new LineReq();
  req.connect(address);
  const questions = ["one", "", "three"];
  for (const question of questions) await req.send(question);
  const replies = [await req.receive(), await req.receive(), await req.receive()];
  assert.deepEqual(replies.map(toText), ["one!", "!", "three!"]);
  await rep.close();
  await serving;
});

test("a REP has messages of its own kind: served, received, and as streams", async () => {
  await using rep = new TextRep();
  const { address } = await rep.bind("tcp://127.0.0.1:0");
  await using req = new LineReq();
  req.connect(address);
  const stop = new AbortController();
  const serving = rep.serve((question) => `${question}, served`, { signal: stop.signal });
  await req.send("one");
  assert.equal(toText(await req.receive()), "one, served");
  stop.abort();
  await serving;
  await req.send("two");
  assert.deepEqual(await rep.receiveBatch(), ["two"]);
  await assert.rejects(rep.send(2 as unknown as string), { code: "EINVAL" });
  await rep.send("received");
  assert.equal(toText(await req.receive()), "received");
  await req.send("three");
  assert.equal((await rep.readable.getReader().read()).value, "three");
  await rep.writable.getWriter().write("read");
  assert.equal(toText(await req.receive()), "read");
});

/** A peer that writes lines by hand. */
async function byHand(
  port: number,
  hello: string,
): Promise<{ socket: NetSocket; lines: string[] }> {
  const socket = connect(port, "127.0.0.1");
  const lines: string[] = [];
  socket.on("data", (chunk) => lines.push(...chunk.toString().trim().split("\n")));
  socket.on("error", () => {});
  socket.write(`${hello}\n`);
  await new Promise((resolve) => socket.once("data", resolve));
  return { socket, lines };
}

test("a REQ asks over lines, its replies find their requests, and a resend is the same line", async () => {
  await using req = new LineReq();
  const { address } = await req.bind("tcp://127.0.0.1:0");
  const { socket, lines } = await byHand(Number(address.split(":").at(-1)), "rep");
  socket.write("ok\n");
  await req.peers(1);
  await req.send("question");
  while (lines.length < 3) await new Promise((resolve) => socket.once("data", resolve));
  const [greeted, agreed, question] = lines;
  assert.deepEqual([greeted, agreed], ["req", "ok"]);
  assert.equal(toText(bytes(question!).subarray(4)), "question");
  socket.write(`${base64(new Uint8Array([...bytes(question!).subarray(0, 4), 33]))}\n`);
  assert.equal(toText(await req.receive()), "!");
  socket.destroy();
});

test("control frames are answered, passed on and sent between messages", async () => {
  await using pull = new LinePull();
  const { address } = await pull.bind("tcp://127.0.0.1:0");
  const { socket, lines } = await byHand(Number(address.split(":").at(-1)), "push");
  socket.write(`ok\n!ping\n${base64(line("a"))}\n!subscribe\n`);
  assert.equal(toText(await pull.receive()), "a\n");
  while (!lines.includes("!pong")) await new Promise((resolve) => socket.once("data", resolve));
  assert.deepEqual(pull.words, ["subscribe"]);
  socket.destroy();
});

test("a peer that greets wrongly is refused for the wire's reason", async () => {
  await using pull = new LinePull();
  const { address } = await pull.bind("tcp://127.0.0.1:0");
  const events = pull.events().getReader();
  const { socket } = await byHand(Number(address.split(":").at(-1)), "pub");
  const { value } = await events.read();
  assert.ok(value?.type === "rejected");
  assert.match(value.reason.message, /The peer is pub, expected push/);
  socket.destroy();
});
