import type { Answering } from "../src/answering/replies.ts";
import type { Question } from "../src/answering/questions.ts";
import { type MessageLike, type Outgoing, toBytes } from "../src/memory/message.ts";
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

/** Options of sockets that answer. */
export interface ReplyOptions extends SocketOptions, SendOptions, ReceiveOptions {
  /** The most steps a question may have come, this one included, 1 to 255; default 8. A longer way drops it. */
  ttl?: number;
}

/** What SP's sockets that answer are made of: their messages are bytes behind a backtrace. */
export function withBacktrace(
  id: WireProtocolId,
  options: ReplyOptions,
): [WireProtocolId, Answering<MessageLike, Uint8Array<ArrayBuffer>>, ReplyOptions] {
  checkOptions(`the options of ${id.name}`, options, {
    ...socketRules(),
    ...SEND_RULES,
    ...RECEIVE_RULES,
    ttl: integer(1, 255),
  });
  const { ttl = DEFAULT_TTL, ...rest } = options;
  return [id, {
    inbound: (pipe) => new QuestionDecoder(pipe, ttl),
    size: ({ header, body }) => (header as Uint8Array).length + body.length,
    view: toBytes,
    compose: (header, body) => ({ header, body }) as Outgoing,
  }, rest];
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
