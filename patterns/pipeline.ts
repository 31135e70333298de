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
import type { Codec } from "../src/contracts/codec.ts";
import type { MessageLike } from "../src/memory/message.ts";
import { CODEC } from "../src/surface/codec.ts";
import { plainReceiveQueue, plainSendQueue } from "./plain_queues.ts";
import { PULL, PUSH, SINK, SOURCE } from "./protocols.ts";

/**
 * Options of {@linkcode Push}.
 *
 * @typeParam Chunk What it takes as a message: what the codec encodes.
 */
export interface PushOptions<Chunk = MessageLike> extends SocketOptions, SendOptions {
  /** Makes messages of what is sent; without it, that is text, bytes or a view of bytes. */
  codec?: Codec<unknown, Chunk>;
}

/**
 * Options of {@linkcode Pull}.
 *
 * @typeParam Message What it hands out: what the codec decodes.
 */
export interface PullOptions<Message = Uint8Array<ArrayBuffer>>
  extends SocketOptions, ReceiveOptions {
  /** Makes what is handed out of messages; without it, that is their bytes. What it cannot decode is dropped, as `malformed`. */
  codec?: Codec<Message, never>;
}

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
 *
 * @typeParam Chunk What it takes as a message; with a `codec`, what that encodes.
 */
export class Push<Chunk = MessageLike> extends SendSocket<Chunk> {
  /**
   * Makes a PUSH socket; `bind` and `connect` give it peers.
   *
   * @param options Of the socket and its queue out.
   * @throws {SPError} `EINVAL` if an option is unknown or wrong.
   */
  constructor(options: PushOptions<Chunk> = {}) {
    checkOptions("the options of push", options, { ...socketRules(), ...SEND_RULES, codec: CODEC });
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
 *
 * @typeParam Message What it hands out; with a `codec`, what that decodes.
 */
export class Pull<Message = Uint8Array<ArrayBuffer>> extends ReceiveSocket<Message> {
  /**
   * Makes a PULL socket; `bind` and `connect` give it peers.
   *
   * @param options Of the socket and its queue in.
   * @throws {SPError} `EINVAL` if an option is unknown or wrong.
   */
  constructor(options: PullOptions<Message> = {}) {
    checkOptions("the options of pull", options, {
      ...socketRules(),
      ...RECEIVE_RULES,
      codec: CODEC,
    });
    super({ id: PULL, receiveQueue: plainReceiveQueue(options) }, options);
  }
}

/**
 * Options of {@linkcode Source}.
 *
 * @typeParam Chunk What it takes as a message: what the codec encodes.
 */
export type SourceOptions<Chunk = MessageLike> = PushOptions<Chunk>;

/**
 * Options of {@linkcode Sink}.
 *
 * @typeParam Message What it hands out: what the codec decodes.
 */
export type SinkOptions<Message = Uint8Array<ArrayBuffer>> = PullOptions<Message>;

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
 *
 * @typeParam Chunk What it takes as a message; with a `codec`, what that encodes.
 */
export class Source<Chunk = MessageLike> extends SendSocket<Chunk> {
  /**
   * Makes a SOURCE socket; `bind` and `connect` give it peers.
   *
   * @param options Of the socket and its queue out.
   * @throws {SPError} `EINVAL` if an option is unknown or wrong.
   */
  constructor(options: SourceOptions<Chunk> = {}) {
    checkOptions("the options of source", options, {
      ...socketRules(),
      ...SEND_RULES,
      codec: CODEC,
    });
    super({ id: SOURCE, sendQueue: plainSendQueue(new Balance(), options) }, options);
  }
}

/**
 * SINK: the receiving end of FANIN; in all but its number a {@linkcode Pull}.
 *
 * See {@linkcode Source} for an example.
 *
 * @typeParam Message What it hands out; with a `codec`, what that decodes.
 */
export class Sink<Message = Uint8Array<ArrayBuffer>> extends ReceiveSocket<Message> {
  /**
   * Makes a SINK socket; `bind` and `connect` give it peers.
   *
   * @param options Of the socket and its queue in.
   * @throws {SPError} `EINVAL` if an option is unknown or wrong.
   */
  constructor(options: SinkOptions<Message> = {}) {
    checkOptions("the options of sink", options, {
      ...socketRules(),
      ...RECEIVE_RULES,
      codec: CODEC,
    });
    super({ id: SINK, receiveQueue: plainReceiveQueue(options) }, options);
  }
}
