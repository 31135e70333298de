import { SPError } from "../src/errors.ts";
import { Inlet } from "../src/inlet.ts";
import { type MessageLike, type Outgoing, type RawMessage, toBytes } from "../src/message.ts";
import {
  checkOptions,
  integer,
  RECEIVE_RULES,
  type ReceiveOptions,
  SEND_RULES,
  type SendOptions,
  SOCKET_RULES,
  type SocketOptions,
} from "../src/options.ts";
import { Outlet } from "../src/outlet.ts";
import type { Pipe } from "../src/pipe.ts";
import type { ProtocolId } from "../src/protocol.ts";
import { takeHeader } from "../src/recycle.ts";
import { Ring } from "../src/ring.ts";
import { ReplyToOrigin } from "../src/routing.ts";
import { DEFAULT_RECEIVE_BUFFER, DuplexSocket } from "../src/socket.ts";
import type { TransformController, Transformer } from "../src/transformer.ts";
import type { WaitOptions } from "../src/wait.ts";
import { DEFAULT_TTL, measureBacktrace } from "./backtrace.ts";

/** Options of sockets that answer. */
export interface ReplyOptions extends SocketOptions, SendOptions, ReceiveOptions {
  /** The most steps a question may have come, this one included, 1 to 255; default 8. A longer way drops it. */
  ttl?: number;
}

/** Answers one question; what it returns, or resolves with, is sent back to who asked. */
export type Handler = (
  question: Uint8Array<ArrayBuffer>,
) => MessageLike | undefined | void | Promise<MessageLike | undefined | void>;

/** Options of `serve`. */
export interface ServeOptions extends WaitOptions {
  /** How many questions are in hand at once; default 64. */
  concurrency?: number;
  /**
   * Told what a handler threw; what it returns, if anything, is the answer. By default the error goes
   * to `console.error` and the question stays unanswered.
   */
  onError?: (
    error: unknown,
    question: Uint8Array<ArrayBuffer>,
  ) => MessageLike | undefined | void;
}

/** A question, and the way back to who asked it. */
interface Question extends RawMessage {
  readonly pipe: Pipe;
}

interface Answer {
  readonly pipe: Pipe;
  readonly message: Outgoing;
}

/**
 * What REP and RESPONDENT have in common: questions come in turn from all peers, and each answer goes
 * back the way its question came.
 *
 * A peer that does not take its answers gets no further question of its own handled until it does;
 * it holds up nobody else. An answer to a peer that has gone is dropped and counted.
 */
export abstract class ReplySocket extends DuplexSocket {
  readonly #inlet: Inlet<Question, Uint8Array<ArrayBuffer>>;
  readonly #router: ReplyToOrigin;
  readonly #serving: { count: number; onIdle: () => void };

  /** Made by the patterns. */
  protected constructor(id: ProtocolId, options: ReplyOptions) {
    checkOptions(`the options of ${id.name}`, options, {
      ...SOCKET_RULES,
      ...SEND_RULES,
      ...RECEIVE_RULES,
      ttl: integer(1, 255),
    });
    const { ttl = DEFAULT_TTL, ...rest } = options;
    /** Questions that the faces handed out and that are not answered, the oldest first. */
    const asked: Ring<Question> = new Ring();
    const serving = { count: 0, onIdle: () => {} };
    const router = new ReplyToOrigin();
    const inlet = new Inlet<Question, Uint8Array<ArrayBuffer>>({
      receiveBuffer: rest.receiveBuffer ?? DEFAULT_RECEIVE_BUFFER,
      receiveTimeout: rest.receiveTimeout ?? Infinity,
      size: (question) => question.header.length + question.body.length,
      take: (question) => {
        asked.push(question);
        return question.body;
      },
      gated: true,
    });
    const outlet = new Outlet<MessageLike, Answer>({
      router,
      prepare: (reply) => {
        const body = toBytes(reply);
        const question = asked.shift();
        if (question === undefined) {
          throw new SPError(
            "ESTATE",
            `Cannot reply on a ${id.name} socket: there is no question to answer`,
          );
        }
        return { pipe: question.pipe, message: { header: question.header, body } };
      },
      sendTimeout: rest.sendTimeout ?? Infinity,
    });
    super({
      id,
      inlet,
      outlet,
      inbound: (pipe) => new QuestionDecoder(pipe, ttl),
      settle: () =>
        new Promise((resolve) => {
          if (serving.count === 0) resolve();
          else serving.onIdle = resolve;
        }),
    }, rest);
    this.#inlet = inlet;
    this.#router = router;
    this.#serving = serving;
  }

  /**
   * Answers questions with a handler, until the socket is closed or the signal aborted; questions in
   * hand are finished even then.
   *
   * @param handler Gets a question, returns the answer; `undefined` for none.
   * @param options How many at once, what to do about errors, a signal.
   * @returns When it has ended: the socket is closed.
   * @throws The signal's reason, once it is aborted.
   */
  async serve(handler: Handler, options: ServeOptions = {}): Promise<void> {
    checkOptions("serve's options", options, SERVE_RULES);
    const { concurrency = 64, onError = report, signal } = options;
    const workers = Array.from(
      { length: concurrency },
      () => this.#work(handler, onError, signal),
    );
    for (const ended of await Promise.allSettled(workers)) {
      if (ended.status === "rejected") throw ended.reason;
    }
  }

  async #work(
    handler: Handler,
    onError: NonNullable<ServeOptions["onError"]>,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const serving = this.#serving;
    /** Counts a question as in hand from the moment it leaves the queue. */
    const claim = (question: Question): Question => {
      serving.count++;
      return question;
    };
    const waiting = { signal };
    for (;;) {
      let question: Question;
      try {
        question = await this.#inlet.receiveAs(claim, waiting);
      } catch (error) {
        // The reason may be an error of this library, too.
        if (signal?.aborted) throw signal.reason;
        const { code } = error as SPError;
        if (code === "ECLOSED") return;
        if (code === "ETIMEDOUT") continue;
        throw error;
      }
      const { pipe, header, body } = question;
      try {
        let reply;
        try {
          reply = handler(body);
          // What is there need not be waited for.
          if (!(reply instanceof Uint8Array)) reply = await reply;
          if (reply !== undefined) reply = toBytes(reply);
        } catch (error) {
          reply = await onError(error, body);
        }
        if (reply != null) this.#router.send({ pipe, message: { header, body: toBytes(reply) } });
      } finally {
        if (--serving.count === 0) serving.onIdle();
      }
    }
  }
}

function report(error: unknown): void {
  console.error("A handler failed, its question stays unanswered:", error);
}

const SERVE_RULES = {
  concurrency: integer(1, 1_000_000),
  onError: (value: unknown) => typeof value === "function" ? undefined : "a function",
  signal: (value: unknown) => value instanceof AbortSignal ? undefined : "an AbortSignal",
};

/** Takes the backtrace off a question, and remembers whose it is. */
class QuestionDecoder implements Transformer<Uint8Array<ArrayBuffer>, Question> {
  readonly #pipe: Pipe;
  readonly #ttl: number;

  constructor(pipe: Pipe, ttl: number) {
    this.#pipe = pipe;
    this.#ttl = ttl;
  }

  transform(message: Uint8Array<ArrayBuffer>, controller: TransformController<Question>): void {
    const length = measureBacktrace(message, this.#pipe, this.#ttl, controller);
    if (length === 0) return;
    controller.enqueue({
      pipe: this.#pipe,
      header: takeHeader(message, length),
      body: message.subarray(length),
    });
  }
}
