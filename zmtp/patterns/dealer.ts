import { Balance } from "../../src/pipes/routing.ts";
import { DuplexSocket } from "../../src/socket/socket.ts";
import {
  BALANCE_RULES,
  checkZmtpOptions,
  IDENTITY_RULES,
  PROBE_RULES,
  ZMTP_RECEIVE_RULES,
  type ZmtpBalanceOptions,
  type ZmtpIdentityOptions,
  type ZmtpOptions,
  type ZmtpProbeOptions,
  type ZmtpReceiveOptions,
} from "../options.ts";
import { coreOptions, zmtpProtocol } from "../protocol.ts";
import type { Frames, FramesLike } from "../wire/frames.ts";
import { prober } from "./probe.ts";
import { balancedOut, framesIn } from "./queues.ts";

/** Options of {@linkcode Dealer}. */
export interface DealerOptions
  extends
    ZmtpOptions,
    ZmtpBalanceOptions,
    ZmtpReceiveOptions,
    ZmtpIdentityOptions,
    ZmtpProbeOptions {}

/**
 * DEALER: sends each message to one peer, in turn, and receives from each in turn (RFC 28). Messages are passed unchanged.
 *
 * A REP needs an empty frame before the body, and its reply has one, too: `dealer.send(["", "question"])`.
 *
 * @example
 * ```ts
 * import { Dealer, Rep } from "@nanostreams/nanostreams/zmtp";
 *
 * await using rep = new Rep();
 * await rep.bind("inproc://zmtp-dealer");
 * rep.serve(([question]) => ["answer to", question!]);
 * await using dealer = new Dealer();
 * dealer.connect("inproc://zmtp-dealer");
 * await dealer.send(["", "question"]);
 * console.log((await dealer.receive()).length); // 3: the empty frame, and two of the answer
 * ```
 */
export class Dealer extends DuplexSocket<FramesLike, Frames> {
  /**
   * Makes a DEALER socket; `bind` and `connect` give it peers.
   *
   * @param options Of the socket and its queues.
   * @throws {SPError} `EINVAL` if an option is unknown or wrong.
   */
  constructor(options: DealerOptions = {}) {
    checkZmtpOptions(
      "dealer",
      options,
      BALANCE_RULES,
      ZMTP_RECEIVE_RULES,
      IDENTITY_RULES,
      PROBE_RULES,
    );
    const id = zmtpProtocol("DEALER", options);
    const receiveQueue = framesIn(options);
    super(
      { id, receiveQueue, ...balancedOut(new Balance(), options), ...prober(options) },
      coreOptions(options),
    );
  }
}
