import { callContext } from "../../src/socket/call_context.ts";
import { SPError, type SPErrorCode } from "../../src/base/errors.ts";
import { ReceiveQueue } from "../../src/pipes/receive_queue.ts";
import { keepMessage, type MessageLike, type Outgoing, toBytes } from "../../src/memory/message.ts";
import {
  checkOptions,
  FUNCTION,
  integer,
  RECEIVE_RULES,
  type ReceiveOptions,
  type Rules,
  SEND_RULES,
  type SendOptions,
  type SocketOptions,
  socketRules,
} from "../../src/surface/options.ts";
import { SendQueue } from "../../src/pipes/send_queue.ts";
import type { Pipe } from "../../src/pipes/pipe.ts";
import type { ProtocolHost, WireProtocolId } from "../../src/contracts/protocol.ts";
import { ReplyToOrigin } from "../../src/pipes/routing.ts";
import {
  type CloseOptions,
  DEFAULT_RECEIVE_BUFFER,
  DuplexSocket,
} from "../../src/socket/socket.ts";
import type { TransformController, Transformer } from "../../src/contracts/transformer.ts";
import { WAIT_RULES, type WaitOptions } from "../../src/base/wait.ts";
import { DEFAULT_TTL, measureBacktrace, takeHeader } from "../backtrace.ts";
import { Asked, Askers, OpenQuestion, type Question, type ReceivedQuestion } from "./questions.ts";
import { Serving } from "./serving.ts";

/** Options of sockets that answer. */
export interface ReplyOptions extends SocketOptions, SendOptions, ReceiveOptions {
  /** The most steps a question may have come, this one included, 1 to 255; default 8. A longer way drops it. */
  ttl?: number;
}

/**
 * Answers one question: what it returns, or resolves with, is sent back to who asked. `question` tells who that is, and has
 * a signal that is aborted when the asker is gone.
 */
export type Handler = (
  message: Uint8Array<ArrayBuffer>,
  question: ReceivedQuestion,
) => MessageLike | undefined | void | Promise<MessageLike | undefined | void>;

/** Options of `serve`. */
export interface ServeOptions {
  /** How many questions are in hand at once; default 64. */
  concurrency?: number;
  /**
   * Told what a handler threw; what it returns, if anything, is the answer. By default the error goes to `console.error`.
   * Without an answer the asker is told nothing. In any case it is an event, `handler-failed`.
   */
  onError?: (
    error: unknown,
    message: Uint8Array<ArrayBuffer>,
  ) => MessageLike | undefined | void | Promise<MessageLike | undefined | void>;
  /** Stops serving: no further question is taken, and `serve` resolves when those in hand are answered. */
  signal?: AbortSignal;
}

interface Answer {
  /** Undefined if the question is not remembered any more. */
  readonly pipe: Pipe | undefined;
  readonly message: Outgoing;
}

/**
 * What REP and RESPONDENT have in common: questions come in turn from all peers, and each answer goes
 * back the way its question came.
 *
 * A peer that does not take its answers gets no further question of its own handled until it does;
 * it holds up nobody else. Answers to a lost peer are dropped and counted.
 */
export abstract class ReplySocket extends DuplexSocket {
  readonly #receiveQueue: ReceiveQueue<Question, Uint8Array<ArrayBuffer>>;
  readonly #router: ReplyToOrigin;
  readonly #asked: Asked;
  readonly #askers: Askers;
  readonly #serving: Serving;
  readonly #emit: ProtocolHost["emit"];

  /** @internal Made by the patterns. */
  protected constructor(id: WireProtocolId, options: ReplyOptions) {
    checkOptions(`the options of ${id.name}`, options, {
      ...socketRules(),
      ...SEND_RULES,
      ...RECEIVE_RULES,
      ttl: integer(1, 255),
    });
    const { ttl = DEFAULT_TTL, ...rest } = options;
    const askers = new Askers();
    const asked = new Asked(askers);
    const serving = new Serving();
    const router = new ReplyToOrigin();
    const receiveQueue = new ReceiveQueue<Question, Uint8Array<ArrayBuffer>>({
      receiveBuffer: rest.receiveBuffer ?? DEFAULT_RECEIVE_BUFFER,
      receiveTimeout: rest.receiveTimeout ?? Infinity,
      size: (question) => question.header.length + question.body.length,
      take: (question) => {
        asked.receive([question]);
        return question.body;
      },
      takeFromStream: (question) => {
        asked.read(question);
        return question.body;
      },
      // A question handed to the stream ahead of its reader would be answered out of order by calls.
      prefetch: false,
      gated: true,
    });
    const answer = (take: () => Question | null | undefined, reply: MessageLike): Answer => {
      // What is no message leaves the question to be answered.
      const body = toBytes(reply);
      const question = take();
      if (question === null) return { pipe: undefined, message: body };
      if (question !== undefined) {
        return { pipe: question.pipe, message: { header: question.header, body } };
      }
      throw new SPError(
        "ESTATE",
        `Cannot reply on a ${id.name} socket: there is no question to answer`,
      );
    };
    let host: ProtocolHost | undefined;
    const sendQueue = new SendQueue<MessageLike, Answer>({
      router: {
        pending: 0,
        attach: () => {},
        detach: () => {},
        ready: () => {},
        send: ({ pipe, message }) => {
          if (pipe !== undefined) return router.send({ pipe, message });
          host?.lose("late", 1);
          return true;
        },
      },
      prepare: (reply) => answer(() => asked.takeReceived(), reply),
      prepareWrite: (reply) => answer(() => asked.takeRead(), reply),
      keep: ({ pipe, message }) => ({ pipe, message: keepMessage(message) }),
      sendTimeout: rest.sendTimeout ?? Infinity,
    });
    super({
      id,
      receiveQueue,
      sendQueue,
      inbound: (pipe) => new QuestionDecoder(pipe, ttl),
      opened: (given) => host = given,
      detach: (pipe) => askers.left(pipe),
      settle: () => serving.settled(),
      drain: async () => {
        receiveQueue.stop();
        do {
          await receiveQueue.emptied();
          await askers.settled();
        } while (receiveQueue.length > 0);
        await sendQueue.drained();
      },
    }, rest);
    this.#receiveQueue = receiveQueue;
    this.#router = router;
    this.#asked = asked;
    this.#askers = askers;
    this.#serving = serving;
    this.#emit = (event) => host?.emit(event);
  }

  /**
   * Answers questions with a handler, until the socket is closed or the signal aborted; questions in
   * hand are finished even then.
   *
   * @param handler Gets a question, returns the answer; `undefined` for none.
   * @param options How many at once, what to do about errors, a signal.
   * @returns When it has ended: the socket is closed, or the signal was aborted.
   */
  async serve(handler: Handler, options: ServeOptions = {}): Promise<void> {
    checkOptions("serve's options", options, SERVE_RULES);
    const { concurrency = 64, onError = report, signal } = options;
    await Promise.all(
      Array.from({ length: concurrency }, () => this.#work(handler, onError, signal)),
    );
  }

  /**
   * Questions that can each be answered by themselves: in any order, later, or not at all. Leaving the loop leaves the
   * socket open.
   */
  protected questions(): AsyncIterableIterator<ReceivedQuestion> {
    return this.#receiveQueue.iterateAs((question) => this.#open(question));
  }

  /**
   * Takes all questions that have come, in order, up to 4,096; waits for the first. `send` then answers them in their
   * order; those that are not answered when the next are received are given up, and counted.
   *
   * @param options A signal and a time that end the wait.
   * @throws {SPError} As `receive`.
   */
  override receiveBatch(options?: WaitOptions): Promise<Uint8Array<ArrayBuffer>[]> {
    return this.#receiveQueue.receiveBatchAs((question) => question, (questions) => {
      this.#asked.receive([...questions]);
      return questions.map(({ body }) => body);
    }, options);
  }

  /**
   * Closes the socket: lets the handlers of `serve` finish, sends the answers, for `linger` at the longest, and lets go of
   * everything. Called by such a handler, it resolves when all others are finished: the handler's own answer is sent, and
   * the socket closed, once it returns.
   *
   * @param options Another `linger` than the socket's.
   */
  override close(options: CloseOptions = {}): Promise<void> {
    const within = this.#serving.closing();
    const closed = super.close(options);
    return within === undefined ? closed : Promise.race([within, closed]);
  }

  async #work(
    handler: Handler,
    onError: NonNullable<ServeOptions["onError"]>,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    /** A question is in hand from the moment it leaves the queue. */
    const claim = (question: Question): OpenQuestion => {
      const open = this.#open(question);
      this.#serving.begin(open);
      return open;
    };
    const waiting = { signal };
    for (;;) {
      let question: OpenQuestion;
      try {
        question = await this.#receiveQueue.receiveAs(claim, waiting);
      } catch (error) {
        if (signal?.aborted || hasCode(error, "ECLOSED")) return;
        if (hasCode(error, "ETIMEDOUT")) continue;
        throw error;
      }
      try {
        const reply = callContext().run(question, handler, question.message, question);
        // What is there need not be waited for.
        answer(question, reply instanceof Uint8Array ? reply : await reply);
      } catch (error) {
        await this.#failed(question, error, onError);
      } finally {
        question.end();
        this.#serving.end(question);
      }
    }
  }

  /** A handler has thrown: that costs its answer, and no more. */
  async #failed(
    question: OpenQuestion,
    error: unknown,
    onError: NonNullable<ServeOptions["onError"]>,
  ): Promise<void> {
    const { peer, message } = question;
    this.#emit({ type: "handler-failed", peer, error });
    try {
      answer(question, await onError(error, message));
    } catch (second) {
      this.#emit({ type: "handler-failed", peer, error: second });
    }
  }

  #open(question: Question): OpenQuestion {
    return new OpenQuestion(question, this.#router, this.#askers);
  }
}

function answer(question: OpenQuestion, reply: MessageLike | undefined | void): void {
  if (reply !== undefined && reply !== null) question.answer(reply);
}

function report(error: unknown): void {
  console.error("A handler failed, its question stays unanswered:", error);
}

function hasCode(error: unknown, code: SPErrorCode): boolean {
  return error instanceof SPError && error.code === code;
}

const SERVE_RULES: Rules = {
  concurrency: integer(1, 1_000_000),
  onError: FUNCTION,
  signal: WAIT_RULES.signal!,
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
      body: message.subarray(length) as Uint8Array<ArrayBuffer>,
    });
  }
}
