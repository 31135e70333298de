import {
  checkOptions,
  RECEIVE_RULES,
  type ReceiveOptions,
  SEND_RULES,
  type SendOptions,
  SOCKET_RULES,
  type SocketOptions,
} from "../src/options.ts";
import type { ProtocolId } from "../src/protocol.ts";
import { Balance } from "../src/routing.ts";
import { ReceiveSocket, SendSocket } from "../src/socket.ts";
import { plainInlet, plainOutlet } from "./faces.ts";

/** PIPELINE is protocol family 5 (sp-protocol-ids-01). */
const PUSH: ProtocolId = { name: "push", number: 0x50, peerName: "pull", peerNumber: 0x51 };
const PULL: ProtocolId = { name: "pull", number: 0x51, peerName: "push", peerNumber: 0x50 };

/** Options of {@linkcode Push}. */
export interface PushOptions extends SocketOptions, SendOptions {}

/** Options of {@linkcode Pull}. */
export interface PullOptions extends SocketOptions, ReceiveOptions {}

/**
 * PUSH: deals messages out to workers, each message to one of them.
 *
 * In turn among the peers that have room; those of a higher send priority strictly first. With no peer, or none
 * with room, `send` waits. What a peer had not been sent yet when it left goes to another; what was already on
 * its way to it is lost, for there is no acknowledgement in this pattern.
 *
 * @example
 * ```ts
 * import { Pull, Push } from "@nanostreams/nanostreams";
 *
 * await using pull = new Pull();
 * const { address } = await pull.bind("tcp://127.0.0.1:0");
 * await using push = new Push();
 * push.connect(address);
 * await push.send("work");
 * console.log(new TextDecoder().decode(await pull.receive())); // "work"
 * ```
 */
export class Push extends SendSocket {
  /**
   * Makes a PUSH socket; `bind` and `connect` give it peers.
   *
   * @param options Of the socket and its queue out.
   * @throws {SPError} `EINVAL` if an option is unknown or wrong.
   */
  constructor(options: PushOptions = {}) {
    checkOptions("Push's options", options, { ...SOCKET_RULES, ...SEND_RULES });
    super({ id: PUSH, outlet: plainOutlet(new Balance(), options) }, options);
  }
}

/**
 * PULL: takes what PUSH deals out.
 *
 * In turn from all peers; those of a higher receive priority strictly first. When more than `receiveBuffer` bytes
 * wait for the reader, the peers are pushed back.
 *
 * See {@linkcode Push} for an example.
 */
export class Pull extends ReceiveSocket {
  /**
   * Makes a PULL socket; `bind` and `connect` give it peers.
   *
   * @param options Of the socket and its queue in.
   * @throws {SPError} `EINVAL` if an option is unknown or wrong.
   */
  constructor(options: PullOptions = {}) {
    checkOptions("Pull's options", options, { ...SOCKET_RULES, ...RECEIVE_RULES });
    super({ id: PULL, inlet: plainInlet(options) }, options);
  }
}
