import {
  checkOptions,
  RECEIVE_RULES,
  type ReceiveOptions,
  SEND_RULES,
  type SendOptions,
  type SocketOptions,
  socketRules,
} from "../src/surface/options.ts";
import { Balance } from "../src/pipes/routing.ts";
import { ReceiveSocket, SendSocket } from "../src/socket/socket.ts";
import { plainReceiveQueue, plainSendQueue } from "./plain_queues.ts";
import { PULL, PUSH, SINK, SOURCE } from "./protocols.ts";

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
    checkOptions("the options of push", options, { ...socketRules(), ...SEND_RULES });
    super({ id: PUSH, sendQueue: plainSendQueue(new Balance(), options) }, options);
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
    checkOptions("the options of pull", options, { ...socketRules(), ...RECEIVE_RULES });
    super({ id: PULL, receiveQueue: plainReceiveQueue(options) }, options);
  }
}

/** Options of {@linkcode Source}. */
export type SourceOptions = PushOptions;

/** Options of {@linkcode Sink}. */
export type SinkOptions = PullOptions;

/**
 * SOURCE: the sending end of FANIN, many sources to one sink; in all but its number a {@linkcode Push}.
 *
 * nanomsg had FANIN (family 4) and FANOUT (family 5) before it made them one as PIPELINE. FANOUT is `Push` and `Pull`.
 * Only this library speaks family 4 today: towards nanomsg, nng and mangos use `Push` and `Pull` for both.
 *
 * @example
 * ```ts
 * import { Sink, Source } from "@nanostreams/nanostreams";
 *
 * await using sink = new Sink();
 * await sink.bind("inproc://readings");
 * await using source = new Source();
 * source.connect("inproc://readings");
 * await source.send("21.5");
 * console.log(new TextDecoder().decode(await sink.receive())); // "21.5"
 * ```
 */
export class Source extends SendSocket {
  /**
   * Makes a SOURCE socket; `bind` and `connect` give it peers.
   *
   * @param options Of the socket and its queue out.
   * @throws {SPError} `EINVAL` if an option is unknown or wrong.
   */
  constructor(options: SourceOptions = {}) {
    checkOptions("the options of source", options, { ...socketRules(), ...SEND_RULES });
    super({ id: SOURCE, sendQueue: plainSendQueue(new Balance(), options) }, options);
  }
}

/**
 * SINK: the receiving end of FANIN; in all but its number a {@linkcode Pull}.
 *
 * See {@linkcode Source} for an example.
 */
export class Sink extends ReceiveSocket {
  /**
   * Makes a SINK socket; `bind` and `connect` give it peers.
   *
   * @param options Of the socket and its queue in.
   * @throws {SPError} `EINVAL` if an option is unknown or wrong.
   */
  constructor(options: SinkOptions = {}) {
    checkOptions("the options of sink", options, { ...socketRules(), ...RECEIVE_RULES });
    super({ id: SINK, receiveQueue: plainReceiveQueue(options) }, options);
  }
}
