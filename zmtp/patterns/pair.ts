import { OnePeer } from "../../src/pipes/routing.ts";
import { DuplexSocket } from "../../src/socket/socket.ts";
import {
  BALANCE_RULES,
  checkZmtpOptions,
  ZMTP_RECEIVE_RULES,
  type ZmtpBalanceOptions,
  type ZmtpOptions,
  type ZmtpReceiveOptions,
} from "../options.ts";
import { coreOptions, zmtpProtocol } from "../protocol.ts";
import type { Frames, FramesLike } from "../wire/frames.ts";
import { balancedOut, framesIn } from "./queues.ts";

/** Options of {@linkcode Pair}. */
export interface PairOptions extends ZmtpOptions, ZmtpBalanceOptions, ZmtpReceiveOptions {}

/**
 * PAIR: two sockets, both sending and receiving (RFC 31).
 *
 * While it has a peer, it refuses others: their connections are closed, and the event `rejected` says `EBUSY`. libzmq leaves such a
 * connection open and never reads it.
 *
 * @example
 * ```ts
 * import { Pair } from "@nanostreams/nanostreams/zmtp";
 *
 * await using left = new Pair();
 * await using right = new Pair();
 * await left.bind("inproc://zmtp-tea");
 * right.connect("inproc://zmtp-tea");
 * await left.send("milk?");
 * console.log(new TextDecoder().decode((await right.receive())[0])); // "milk?"
 * ```
 */
export class Pair extends DuplexSocket<FramesLike, Frames> {
  /**
   * Makes a PAIR socket; `bind` and `connect` give it peers.
   *
   * @param options Of the socket and its queues.
   * @throws {SPError} `EINVAL` if an option is unknown or wrong.
   */
  constructor(options: PairOptions = {}) {
    checkZmtpOptions("pair", options, BALANCE_RULES, ZMTP_RECEIVE_RULES);
    const id = zmtpProtocol("PAIR", options);
    super(
      { id, receiveQueue: framesIn(options), ...balancedOut(new OnePeer(), options) },
      coreOptions(options),
    );
  }
}
