import { SPError } from "../src/base/errors.ts";
import { keepMessage, type Outgoing, type RawMessage } from "../src/memory/message.ts";
import {
  checkOptions,
  integer,
  RECEIVE_RULES,
  SEND_RULES,
  socketRules,
} from "../src/surface/options.ts";
import { SendQueue } from "../src/pipes/send_queue.ts";
import type { Pipe } from "../src/pipes/pipe.ts";
import { OnePeer } from "../src/pipes/routing.ts";
import { DuplexSocket } from "../src/socket/socket.ts";
import type { TransformController, Transformer } from "../src/contracts/transformer.ts";
import { DEFAULT_TTL, encodeWord, readWord } from "./backtrace.ts";
import type { Sendable } from "../src/contracts/codec.ts";
import { CODEC, encodingOf } from "../src/surface/codec.ts";
import { plainReceiveQueue } from "./plain_queues.ts";
import type { PairOptions } from "./pair.ts";
import { PAIR1 } from "./protocols.ts";

/**
 * Options of {@linkcode Pair1}.
 *
 * @typeParam Message What it hands out: what the codec decodes.
 * @typeParam Chunk What it takes as a message: what the codec encodes.
 */
export interface Pair1Options<Message = Uint8Array<ArrayBuffer>, Chunk = Sendable<Message>>
  extends PairOptions<Message, Chunk> {
  /** The most steps a message may have come, this one included, 1 to 255; default 8. A longer way drops it. */
  ttl?: number;
}

/** Before each body stands a hop count, a 32-bit big-endian word: 1 on the first way, one more behind each device. */
const FIRST_HOP = encodeWord(1);
/** More is no hop count (nng: the upper 24 bits are reserved). */
const MOST_HOPS = 0xff;

/**
 * PAIR, version 1: {@linkcode Pair} with a hop count, so that devices cannot send a message round in circles. nng and
 * mangos speak it, nanomsg does not; it does not talk to version 0.
 *
 * @example
 * ```ts
 * import { Pair1 } from "@nanostreams/nanostreams";
 *
 * await using left = new Pair1();
 * await using right = new Pair1();
 * await left.bind("inproc://pair1");
 * right.connect("inproc://pair1");
 * await right.send("hello");
 * console.log(new TextDecoder().decode(await left.receive())); // "hello"
 * ```
 *
 * @typeParam Message What it hands out; with a `codec`, what that decodes.
 * @typeParam Chunk What it takes as a message; with a `codec`, what that encodes.
 */
export class Pair1<Message = Uint8Array<ArrayBuffer>, Chunk = Sendable<Message>>
  extends DuplexSocket<Chunk, Message> {
  /**
   * Makes a PAIR socket of version 1; `bind` and `connect` give it its peer.
   *
   * @param options Of the socket and its queues.
   * @throws {SPError} `EINVAL` if an option is unknown or wrong.
   */
  constructor(options: Pair1Options<Message, Chunk> = {}) {
    checkOptions("the options of pair1", options, {
      ...socketRules(),
      ...SEND_RULES,
      ...RECEIVE_RULES,
      codec: CODEC,
      ttl: integer(1, 255),
    });
    const { ttl = DEFAULT_TTL, ...rest } = options;
    const encoding = encodingOf(rest.codec);
    const sendQueue = new SendQueue<Chunk, Outgoing>({
      router: new OnePeer(),
      ...encoding,
      prepare: (chunk) => ({ header: FIRST_HOP, body: encoding.prepare(chunk) }),
      keep: keepMessage,
      sendTimeout: rest.sendTimeout ?? Infinity,
    });
    super({
      id: PAIR1,
      receiveQueue: plainReceiveQueue(rest),
      sendQueue,
      inbound: (pipe) => new HopDecoder(pipe, ttl, (message) => message.subarray(4)),
    }, rest);
  }
}

/** Takes the hop count off, and drops what has come too far. */
export class HopDecoder<Out> implements Transformer<Uint8Array<ArrayBuffer>, Out> {
  readonly #pipe: Pipe;
  readonly #ttl: number;
  readonly #take: (message: Uint8Array<ArrayBuffer>) => Out;

  /** @param pipe For the counts. @param ttl The most hops. @param take What is passed on of a message. */
  constructor(pipe: Pipe, ttl: number, take: (message: Uint8Array<ArrayBuffer>) => Out) {
    this.#pipe = pipe;
    this.#ttl = ttl;
    this.#take = take;
  }

  transform(message: Uint8Array<ArrayBuffer>, controller: TransformController<Out>): void {
    const hops = message.length < 4 ? 0 : readWord(message, 0);
    if (hops === 0 || hops > MOST_HOPS) {
      this.#pipe.drop("malformed");
      controller.error(new SPError("EPROTO", "The peer sent a message without its hop count"));
    } else if (hops > this.#ttl) this.#pipe.drop("ttl");
    else controller.enqueue(this.#take(message));
  }
}

/** The message for its next hop. */
export function addHop({ header, body }: RawMessage<Uint8Array>): RawMessage<Uint8Array> {
  const hops = header.length === 4 ? readWord(header, 0) : MOST_HOPS;
  if (hops >= MOST_HOPS) {
    throw new SPError(
      "EINVAL",
      `Cannot send with a header of ${header.length} bytes: expected a hop count, 0 to 254`,
    );
  }
  return { header: encodeWord(hops + 1), body };
}
