/** A PAIR that speaks just enough of ZWS 2.0 (RFC 45) to show what the transports do for it. */

import { plainReceiveQueue, plainSendQueue } from "../../../patterns/plain_queues.ts";
import type { Outgoing } from "../../../src/memory/message.ts";
import type { Packer } from "../../../src/memory/packer.ts";
import { SPError } from "../../../src/base/errors.ts";
import type { Encoder, Session, WireContext } from "../../../src/contracts/wire.ts";
import { Balance } from "../../../src/pipes/routing.ts";
import { DuplexSocket } from "../../../src/socket/socket.ts";

/** Without a mechanism. */
export const BARE = "ZWS2.0";
/** With the mechanism NULL. */
export const NULL = "ZWS2.0/NULL";

/** `02`, the command's name behind its length, and the property `Socket-Type`. */
const READY = Uint8Array.from([
  ...[2, 5, ...ascii("READY")],
  ...[11, ...ascii("Socket-Type"), 0, 0, 0, 4, ...ascii("PAIR")],
]);

/** `00` and an empty routing id. */
const NO_ID = new Uint8Array(1);

function ascii(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Each frame is a message: `00`, and what the user sends. */
const FRAMES: Encoder = {
  overhead: 1,
  keepsApart: true,
  encode(message: object, packer: Packer): void {
    const bytes = message as Uint8Array;
    packer.payload = bytes.length;
    const at = packer.reserve(bytes.length + 1);
    packer.slab[at] = 0;
    packer.slab.set(bytes, at + 1);
  },
  unpack: ([piece]) => piece!.subarray(1),
  isGone: () => false,
  share: () => {},
};

/** Opens ZWS where the transport says which. */
function open({ connection: { subprotocol } }: WireContext): Session {
  const hello = subprotocol === NULL ? READY : NO_ID;
  return {
    greeting: {
      hello: () => hello,
      read: (received) => {
        if (received.length === 0) return { used: 0, isDone: false };
        if (received[0] !== hello[0]) throw new SPError("EPROTO", `It began with ${received[0]}`);
        return { used: received.length, isDone: true };
      },
      missing: () => "The peer sent no greeting",
    },
    encoder: FRAMES,
    sizeOf: (message) => (message as Outgoing as Uint8Array).length,
    decoder: () => ({
      transform: (chunk, controller) => controller.enqueue(chunk.subarray(1)),
    }),
  };
}

/** What its protocol says of WebSockets. */
export interface Names {
  readonly connect: readonly string[];
  readonly bind: readonly string[];
  readonly missing?: string;
}

/** The socket. */
export class ZwsPair extends DuplexSocket {
  /** What was agreed on with each peer. */
  readonly agreed: (string | undefined)[];

  /** @param names Its subprotocols. @param options The socket's. */
  constructor({ connect, bind, missing = "" }: Names, options: object = {}) {
    const agreed: (string | undefined)[] = [];
    const wire = {
      name: "zws",
      open: (context: WireContext): Session => {
        agreed.push(context.connection.subprotocol);
        return open(context);
      },
    };
    const subprotocols = { connect, bind, missing };
    const id = { name: "pair", peerName: "pair", subprotocols, wire, checkPeer: () => {} };
    const [receiveQueue, sendQueue] = [plainReceiveQueue({}), plainSendQueue(new Balance(), {})];
    super({ id, receiveQueue, sendQueue }, options);
    this.agreed = agreed;
  }
}
