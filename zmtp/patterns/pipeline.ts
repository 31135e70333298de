import { Balance } from "../../src/pipes/routing.ts";
import { ReceiveSocket, SendSocket } from "../../src/socket/socket.ts";
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

/** Options of {@linkcode Push}. */
export interface PushOptions extends ZmtpOptions, ZmtpBalanceOptions {}

/** Options of {@linkcode Pull}. */
export interface PullOptions extends ZmtpOptions, ZmtpReceiveOptions {}

/**
 * PUSH: distributes messages among workers: each message goes to one peer, in turn among those that have room (RFC 30).
 *
 * While there is no peer, messages wait in a queue, and the first peer that comes gets them. If no peer has room, `send` waits. When a peer
 * leaves, messages that still waited for it go to another; what was already on the connection is lost, as with libzmq.
 *
 * @example
 * ```ts
 * import { Pull, Push } from "@nanostreams/nanostreams/zmtp";
 *
 * await using pull = new Pull();
 * const { address } = await pull.bind("tcp://127.0.0.1:0");
 * await using push = new Push();
 * push.connect(address);
 * await push.send(["job 1", "of two frames"]);
 * const [job, detail] = await pull.receive();
 * console.log(new TextDecoder().decode(job), new TextDecoder().decode(detail)); // "job 1 of two frames"
 * ```
 */
export class Push extends SendSocket<FramesLike> {
  /**
   * Makes a PUSH socket; `bind` and `connect` give it peers.
   *
   * @param options Of the socket and its queue out.
   * @throws {SPError} `EINVAL` if an option is unknown or wrong.
   */
  constructor(options: PushOptions = {}) {
    checkZmtpOptions("push", options, BALANCE_RULES);
    super(
      { id: zmtpProtocol("PUSH", options), ...balancedOut(new Balance(), options) },
      coreOptions(options),
    );
  }
}

/**
 * PULL: receives messages from PUSH peers, from each in turn (RFC 30). When more than `receiveBuffer` bytes wait for the reader, the peers
 * are pushed back.
 *
 * See {@linkcode Push} for an example.
 */
export class Pull extends ReceiveSocket<Frames> {
  /**
   * Makes a PULL socket; `bind` and `connect` give it peers.
   *
   * @param options Of the socket and its queue in.
   * @throws {SPError} `EINVAL` if an option is unknown or wrong.
   */
  constructor(options: PullOptions = {}) {
    checkZmtpOptions("pull", options, ZMTP_RECEIVE_RULES);
    super(
      { id: zmtpProtocol("PULL", options), receiveQueue: framesIn(options) },
      coreOptions(options),
    );
  }
}
