import type { Answering } from "../src/answering/replies.ts";
import type { Question } from "../src/answering/questions.ts";
import type { AnsweringCodec } from "../src/contracts/codec.ts";
import type { MessageLike, Outgoing } from "../src/memory/message.ts";
import { unchanged } from "../src/receiving/receive_options.ts";
import { answeringWays, CODEC_PAIR } from "../src/surface/codec.ts";
import {
  checkOptions,
  integer,
  RECEIVE_RULES,
  type ReceiveOptions,
  SEND_RULES,
  type SendOptions,
  type SocketOptions,
  socketRules,
} from "../src/surface/options.ts";
import type { WireProtocolId } from "../src/contracts/protocol.ts";
import type { Pipe } from "../src/pipes/pipe.ts";
import type { TransformController, Transformer } from "../src/contracts/transformer.ts";
import { DEFAULT_TTL, measureBacktrace, takeHeader } from "./backtrace.ts";

/**
 * Options of sockets that answer.
 *
 * @typeParam Request What is asked: what the codec decodes.
 * @typeParam Reply What is answered: what the codec encodes.
 */
export interface ReplyOptions<Request = Uint8Array<ArrayBuffer>, Reply = MessageLike>
  extends SocketOptions, SendOptions, ReceiveOptions {
  /**
   * Makes questions of messages, and messages of answers: one codec for both, or `{ request, reply }`. Without it, questions are
   * bytes, and answers are text, bytes or views of bytes. What it cannot decode is dropped, as `malformed`; `serve` asks its
   * `onError` for the answer first.
   */
  codec?: AnsweringCodec<Request, Reply>;
  /** The most steps a question may have come, this one included, 1 to 255; default 8. A longer way drops it. */
  ttl?: number;
}

/** What SP's sockets that answer are made of: their messages are bytes behind a backtrace. */
export function withBacktrace<Request, Reply>(
  id: WireProtocolId,
  options: ReplyOptions<Request, Reply>,
): {
  readonly answering: Answering<Reply, Request, Uint8Array<ArrayBuffer>>;
  readonly rest: ReplyOptions<Request, Reply>;
} {
  checkOptions(`the options of ${id.name}`, options, {
    ...socketRules(),
    ...SEND_RULES,
    ...RECEIVE_RULES,
    codec: CODEC_PAIR,
    ttl: integer(1, 255),
  });
  const { ttl = DEFAULT_TTL, ...rest } = options;
  const { encoding, decoding } = answeringWays(rest.codec);
  const answering: Answering<Reply, Request, Uint8Array<ArrayBuffer>> = {
    inbound: (pipe) => new QuestionDecoder(pipe, ttl),
    size: ({ header, body }) => (header as Uint8Array).length + body.length,
    open: decoding ?? unchanged as (message: unknown) => Request,
    ...encoding,
    compose: (header, body) => ({ header, body }) as Outgoing,
  };
  return { answering, rest };
}

/** Takes the backtrace off a question, and remembers whose it is. */
class QuestionDecoder
  implements Transformer<Uint8Array<ArrayBuffer>, Question<Uint8Array<ArrayBuffer>>> {
  readonly #pipe: Pipe;
  readonly #ttl: number;

  constructor(pipe: Pipe, ttl: number) {
    this.#pipe = pipe;
    this.#ttl = ttl;
  }

  transform(
    message: Uint8Array<ArrayBuffer>,
    controller: TransformController<Question<Uint8Array<ArrayBuffer>>>,
  ): void {
    const length = measureBacktrace(message, this.#pipe, this.#ttl, controller);
    if (length === 0) return;
    controller.enqueue({
      pipe: this.#pipe,
      header: takeHeader(message, length),
      body: message.subarray(length) as Uint8Array<ArrayBuffer>,
    });
  }
}
