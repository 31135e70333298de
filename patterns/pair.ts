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
import { plainReceiveQueue, plainSendQueue } from "./plain_queues.ts";
import { PAIR } from "./protocols.ts";

/** Options of {@linkcode Pair}. */
export interface PairOptions extends SocketOptions, SendOptions, ReceiveOptions {}

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
 */
export class Pair extends DuplexSocket {
  /**
   * Makes a PAIR socket; `bind` and `connect` give it peers.
   *
   * @param options Of the socket and its queues.
   * @throws {SPError} `EINVAL` if an option is unknown or wrong.
   */
  constructor(options: PairOptions = {}) {
    checkOptions("the options of pair", options, {
      ...socketRules(),
      ...SEND_RULES,
      ...RECEIVE_RULES,
    });
    const sendQueue = plainSendQueue(new OnePeer(), options);
    super({ id: PAIR, receiveQueue: plainReceiveQueue(options), sendQueue }, options);
  }
}
