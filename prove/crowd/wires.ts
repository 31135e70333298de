/**
 * What raw peers say: the bytes of a greeting, and of messages. No library is between them and the one that is tried.
 *
 * @module
 */
import { mark, markSize } from "../../bench/lib/crowd.ts";

/** How messages lie on a connection: SP's over tcp, or over ws, or ZeroMQ's over tcp. */
export type WireName = "sp" | "ws" | "zmtp";

/** The numbers of SP's protocols that raw peers have. */
export const protocols = {
  pub: 0x20,
  sub: 0x21,
  push: 0x50,
  pull: 0x51,
  bus: 0x70,
  rep: 0x31,
} as const;
/** The protocol of a raw peer. */
export type ProtocolName = keyof typeof protocols;

/** What each of them is to say over ws: the protocol that the listener has. */
const listeners = {
  pub: "sub",
  sub: "pub",
  push: "pull",
  pull: "push",
  bus: "bus",
  rep: "req",
} as const;

/** One way to lay out messages. */
export interface RawWire {
  /** What is said first. */
  hello(protocol: ProtocolName): Uint8Array;
  /** How many bytes the other side says before a peer may send; fewer say nothing. For ws, see `isAnswered`. */
  isAnswered(answer: Uint8Array): boolean;
  /** A message as it lies on the connection. */
  frame(body: Uint8Array): Uint8Array;
}

const encoder = new TextEncoder();

const sp: RawWire = {
  hello: (protocol) => Uint8Array.of(0, 0x53, 0x50, 0, 0, protocols[protocol], 0, 0),
  isAnswered: (answer) => answer.length >= 8,
  frame(body) {
    const frame = new Uint8Array(8 + body.length);
    new DataView(frame.buffer).setUint32(4, body.length);
    frame.set(body, 8);
    return frame;
  },
};

const ws: RawWire = {
  hello: (protocol) =>
    encoder.encode(
      "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
        `Sec-WebSocket-Protocol: ${listeners[protocol]}.sp.nanomsg.org\r\n\r\n`,
    ),
  isAnswered: (answer) => String.fromCharCode(...answer.subarray(-4)) === "\r\n\r\n",
  frame(body) {
    // A mask of zeros masks nothing.
    const head = body.length < 126
      ? [0x82, 0x80 | body.length, 0, 0, 0, 0]
      : [0x82, 0x80 | 126, body.length >> 8, body.length & 255, 0, 0, 0, 0];
    return Uint8Array.from([...head, ...body]);
  },
};

const names = {
  pub: "PUB",
  sub: "SUB",
  push: "PUSH",
  pull: "PULL",
  bus: "PAIR",
  rep: "REP",
} as const;

const zmtp: RawWire = {
  hello(protocol) {
    const greeting = new Uint8Array(64);
    greeting.set([0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0x7f, 3, 0, ...encoder.encode("NULL")]);
    const type = encoder.encode(names[protocol]);
    const property = [11, ...encoder.encode("Socket-Type"), 0, 0, 0, type.length, ...type];
    const ready = [5, ...encoder.encode("READY"), ...property];
    return Uint8Array.from([...greeting, 4, ready.length, ...ready]);
  },
  isAnswered: (answer) => answer.length > 64,
  frame: (body) => Uint8Array.from([0, body.length, ...body]), // of 255 bytes at most
};

/** The wires. */
export const wires: Readonly<Record<WireName, RawWire>> = { sp, ws, zmtp };

/** As many whole messages of a loud peer as `bytes` have room for, but at least one. Each says whose it is if it is long enough. */
export function fill(wire: RawWire, peer: number, size: number, bytes: number): Uint8Array {
  const body = new Uint8Array(size);
  if (size >= markSize) mark(body, peer, 0, 0);
  const frame = wire.frame(body);
  const count = Math.max(1, Math.floor(bytes / frame.length));
  const filled = new Uint8Array(count * frame.length);
  for (let at = 0; at < filled.length; at += frame.length) filled.set(frame, at);
  return filled;
}
