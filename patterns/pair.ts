import {
  checkOptions,
  RECEIVE_RULES,
  type ReceiveOptions,
  SEND_RULES,
  type SendOptions,
  type SocketOptions,
  socketRules,
} from "../src/surface/options.ts";
import { OnePeer } from "../src/pipes/routing.ts";
import { DuplexSocket } from "../src/socket/socket.ts";
import type { Codec, Sendable } from "../src/contracts/codec.ts";
import { CODEC } from "../src/surface/codec.ts";
import { plainReceiveQueue, plainSendQueue } from "./plain_queues.ts";
import { PAIR } from "./protocols.ts";

/**
 * Options of {@linkcode Pair}.
 *
 * @typeParam Message What it hands out: what the codec decodes.
 * @typeParam Chunk What it takes as a message: what the codec encodes.
 */
export interface PairOptions<Message = Uint8Array<ArrayBuffer>, Chunk = Sendable<Message>>
  extends SocketOptions, SendOptions, ReceiveOptions {
  /** Makes messages of what is sent, and what is handed out of messages. What it cannot decode is dropped, as `malformed`. */
  codec?: Codec<Message, Chunk>;
}

/**
 * PAIR: two sockets, both sending and receiving.
 *
 * A second peer is refused as long as there is one, with an event; on its own side it is never attached, and a dialer
 * keeps trying. With no peer, or while the peer does not read, `send` waits. What a lost peer had not been sent yet goes
 * to the next.
 *
 * @example
 * ```ts
 * import { Pair } from "@nanostreams/nanostreams";
 *
 * await using left = new Pair();
 * await using right = new Pair();
 * await left.bind("inproc://tea");
 * right.connect("inproc://tea");
 * await left.send("milk?");
 * console.log(new TextDecoder().decode(await right.receive())); // "milk?"
 * ```
 *
 * @typeParam Message What it hands out; with a `codec`, what that decodes.
 * @typeParam Chunk What it takes as a message; with a `codec`, what that encodes.
 */
export class Pair<Message = Uint8Array<ArrayBuffer>, Chunk = Sendable<Message>>
  extends DuplexSocket<Chunk, Message> {
  /**
   * Makes a PAIR socket; `bind` and `connect` give it peers.
   *
   * @param options Of the socket and its queues.
   * @throws {SPError} `EINVAL` if an option is unknown or wrong.
   */
  constructor(options: PairOptions<Message, Chunk> = {}) {
    checkOptions("the options of pair", options, {
      ...socketRules(),
      ...SEND_RULES,
      ...RECEIVE_RULES,
      codec: CODEC,
    });
    const sendQueue = plainSendQueue(new OnePeer(), options);
    super({ id: PAIR, receiveQueue: plainReceiveQueue(options), sendQueue }, options);
  }
}
