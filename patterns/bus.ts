import {
  checkOptions,
  RECEIVE_RULES,
  type ReceiveOptions,
  SEND_RULES,
  type SendOptions,
  type SocketOptions,
  socketRules,
} from "../src/surface/options.ts";
import { Broadcast, type Overflow } from "../src/pipes/routing.ts";
import { DEFAULT_BROADCAST_BUFFER, DuplexSocket } from "../src/socket/socket.ts";
import type { Codec, Sendable } from "../src/contracts/codec.ts";
import { CODEC } from "../src/surface/codec.ts";
import { OVERFLOW, plainReceiveQueue, plainSendQueue } from "./plain_queues.ts";
import { BUS } from "./protocols.ts";

/**
 * Options of {@linkcode Bus}.
 *
 * @typeParam Message What it hands out: what the codec decodes.
 * @typeParam Chunk What it takes as a message: what the codec encodes.
 */
export interface BusOptions<Message = Uint8Array<ArrayBuffer>, Chunk = Sendable<Message>>
  extends SocketOptions, SendOptions, ReceiveOptions {
  /** Makes messages of what is sent, and what is handed out of messages. What it cannot decode is dropped, as `malformed`. */
  codec?: Codec<Message, Chunk>;
  /** What to do about a peer whose queue is full; default `"drop-oldest"`. */
  overflow?: Overflow;
}

/**
 * BUS: sends each message to every socket that it is directly connected to, and gets what those send.
 *
 * A message goes one step: nobody passes it on, but a `device`, which does not send it back to where it came from.
 * With nobody connected it goes nowhere. Each peer has its own queue of `sendBuffer` bytes; what happens to one who is
 * slow is the option `overflow`.
 *
 * @example
 * ```ts
 * import { Bus } from "@nanostreams/nanostreams";
 *
 * await using hub = new Bus();
 * await hub.bind("inproc://bus");
 * await using one = new Bus();
 * await using two = new Bus();
 * one.connect("inproc://bus");
 * two.connect("inproc://bus");
 * await hub.peers(2);
 * await hub.send("to both");
 * console.log(new TextDecoder().decode(await two.receive())); // "to both"
 * ```
 *
 * @typeParam Message What it hands out; with a `codec`, what that decodes.
 * @typeParam Chunk What it takes as a message; with a `codec`, what that encodes.
 */
export class Bus<Message = Uint8Array<ArrayBuffer>, Chunk = Sendable<Message>>
  extends DuplexSocket<Chunk, Message> {
  /**
   * Makes a BUS socket; `bind` and `connect` give it peers.
   *
   * @param options Of the socket, its queues and their overflow.
   * @throws {SPError} `EINVAL` if an option is unknown or wrong.
   */
  constructor(options: BusOptions<Message, Chunk> = {}) {
    checkOptions("the options of bus", options, {
      ...socketRules(),
      ...SEND_RULES,
      ...RECEIVE_RULES,
      codec: CODEC,
      overflow: OVERFLOW,
    });
    const { overflow = "drop-oldest", sendBuffer = DEFAULT_BROADCAST_BUFFER, ...rest } = options;
    const sendQueue = plainSendQueue(new Broadcast(overflow), rest);
    super({ id: BUS, receiveQueue: plainReceiveQueue(rest), sendQueue }, { ...rest, sendBuffer });
  }
}
