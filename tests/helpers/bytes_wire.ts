/** A wire of bytes: each message behind its length, on every connection, also where that keeps messages apart. */

import { plainReceiveQueue, plainSendQueue } from "../../patterns/plain_queues.ts";
import { SPError } from "../../src/base/errors.ts";
import type { Protocol, ProtocolId, WireProtocolId } from "../../src/contracts/protocol.ts";
import type { Decoder, Encoder, Greeting, Session, Wire } from "../../src/contracts/wire.ts";
import { COPY_LIMIT, type Packer } from "../../src/memory/packer.ts";
import { Balance, Broadcast, type Router } from "../../src/pipes/routing.ts";
import { ReceiveSocket, SendSocket } from "../../src/socket/socket.ts";

/** The length, in two bytes and two more. */
const PREFIX = 4;

/** Lays them out. */
export const BYTES_ENCODER: Encoder = {
  overhead: PREFIX,
  keepsApart: false,
  encode(message: object, packer: Packer): void {
    const bytes = message as Uint8Array;
    packer.payload = bytes.length;
    const isCopied = bytes.length <= COPY_LIMIT;
    const at = packer.reserve(PREFIX + (isCopied ? bytes.length : 0));
    new DataView(packer.slab.buffer, packer.slab.byteOffset + at).setUint32(0, bytes.length);
    if (isCopied) packer.slab.set(bytes, at + PREFIX);
    else packer.borrow(bytes);
  },
  unpack: ([first, body]) => body ?? first!.subarray(PREFIX),
  isGone: () => false,
  share: () => {},
};

/** Messages are views of the chunks that came, where they lie in one. */
function decoder(): Decoder {
  let rest = new Uint8Array(0);
  return {
    transform: (chunk, controller) => {
      if (rest.length > 0) {
        const joined = new Uint8Array(rest.length + chunk.length);
        joined.set(rest);
        joined.set(chunk, rest.length);
        chunk = joined;
      }
      let at = 0;
      while (chunk.length - at >= PREFIX) {
        const length = new DataView(chunk.buffer, chunk.byteOffset + at).getUint32(0);
        if (chunk.length - at < PREFIX + length) break;
        controller.enqueue(chunk.subarray(at + PREFIX, at + PREFIX + length));
        at += PREFIX + length;
      }
      rest = chunk.subarray(at);
    },
  };
}

/** `FF` and a line with the name, from both ends at once; refused at the first byte if it is another. */
function greeting({ name, peerName }: ProtocolId): Greeting {
  const line = (text: string): Uint8Array => new TextEncoder().encode(`${text}\n`);
  return {
    hello: () => new Uint8Array([0xff, ...line(name)]),
    read: (received) => {
      if (received.length > 0 && received[0] !== 0xff) {
        throw new SPError("EPROTO", `The peer does not speak bytes: it began with ${received[0]}`);
      }
      const end = received.indexOf(10);
      if (end < 0) return { used: 0, isDone: false };
      const word = new TextDecoder().decode(received.subarray(1, end));
      if (word !== peerName) throw new SPError("EPROTO", `The peer is ${word}`);
      return { used: end + 1, isDone: true };
    },
    missing: (received) => `The peer sent ${received} bytes of its greeting`,
  };
}

const BYTES: Wire = {
  name: "bytes",
  open: ({ protocol }): Session => ({
    greeting: greeting(protocol),
    encoder: BYTES_ENCODER,
    sizeOf: (message) => (message as Uint8Array).length,
    decoder,
  }),
};

/** Its check leaves it to the greeting who the peer is. */
const id = (name: string, peerName: string): WireProtocolId => ({
  name,
  peerName,
  wire: BYTES,
  checkPeer: () => {},
});

class BytesOut extends SendSocket {
  constructor(router: Router, options: object) {
    const sendQueue: NonNullable<Protocol["sendQueue"]> = plainSendQueue(router, options);
    super({ id: id("push", "pull"), sendQueue }, options);
  }
}

/** Sends to one peer after the other. */
export class BytesPush extends BytesOut {
  /** @param options The socket's. */
  constructor(options: object = {}) {
    super(new Balance(), options);
  }
}

/** Sends to all peers. */
export class BytesPub extends BytesOut {
  constructor() {
    super(new Broadcast("block"), {});
  }
}

/** Receives. */
export class BytesPull extends ReceiveSocket {
  /** @param options The socket's. */
  constructor(options: { readonly receiveBuffer?: number } = {}) {
    super({ id: id("pull", "push"), receiveQueue: plainReceiveQueue(options) }, {});
  }
}
