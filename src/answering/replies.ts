import type { CoreOptions } from "../socket/core.ts";
import { callContext } from "../socket/call_context.ts";
import { SPError, type SPErrorCode } from "../base/errors.ts";
import { ReceiveQueue } from "../receiving/receive_queue.ts";
import { unchanged } from "../receiving/receive_options.ts";
import type { MessageLike } from "../memory/message.ts";
import {
  checkOptions,
  FUNCTION,
  integer,
  type ReceiveOptions,
  type Rules,
  type SendOptions,
} from "../surface/options.ts";
import { SendQueue } from "../pipes/send_queue.ts";
import type { Pipe } from "../pipes/pipe.ts";
import type { ProtocolHost, WireProtocolId } from "../contracts/protocol.ts";
import { ReplyToOrigin } from "../pipes/routing.ts";
import { type CloseOptions, DEFAULT_RECEIVE_BUFFER, DuplexSocket } from "../socket/socket.ts";
import { Undecodable } from "../surface/codec.ts";
import type { Transformer } from "../contracts/transformer.ts";
import { WAIT_RULES, type WaitOptions } from "../base/wait.ts";
import type { WireMessage } from "../contracts/wire.ts";
import { Asked, Askers, OpenQuestion, type Question, type ReceivedQuestion } from "./questions.ts";
import { Serving } from "./serving.ts";

/** How a pattern that answers has its messages: of peers, and of users. */
export interface Answering<Chunk, Message, Body> {
  /** Makes what takes the questions out of a peer's messages. */
  inbound(pipe: Pipe): Transformer<never, Question<Body>>;
  /** A question's size in bytes. */
  size(question: Question<Body>): number;
  /** Makes of a question's body what the user gets; throws `Undecodable` if it cannot. */
  open(body: Body): Message;
  /** Makes the body of what the user gives as an answer; throws if it is none. */
  readonly prepare: (answer: Chunk) => object;
  /** What the stream's own queue keeps of an answer; as of bytes if left out. */
  readonly keepChunk?: (answer: Chunk) => unknown;
  /** What an answer counts in that queue, in bytes; as of bytes if left out. */
  readonly chunkBytes?: (answer: Chunk) => number;
  /** Puts what `prepare` has made behind the header of its question. */
  compose(header: object, body: object): WireMessage;
}

/** What a handler may return. */
type Reply<Chunk> = Chunk | undefined | void;

/**
 * Answers one question: what it returns, or resolves with, is sent back to who asked. `question` tells who that is, and has
 * a signal that is aborted when the asker is gone.
 *
 * @typeParam Chunk What the socket takes as a message.
 * @typeParam Message What it hands out.
 */
export type Handler<Chunk = MessageLike, Message = Uint8Array<ArrayBuffer>> = (
  message: Message,
  question: ReceivedQuestion<Chunk, Message>,
) => Chunk | undefined | void | Promise<Chunk | undefined | void>;

/**
 * Options of `serve`.
 *
 * @typeParam Chunk What the socket takes as a message.
 * @typeParam Message What it hands out.
 * @typeParam Body What a question is that its codec cannot decode.
 */
export interface ServeOptions<
  Chunk = MessageLike,
  Message = Uint8Array<ArrayBuffer>,
  Body = Message,
> {
  /** How many questions are in hand at once; default 64. */
  concurrency?: number;
  /**
   * Told what a handler threw; what it returns, if anything, is the answer. By default the error goes to `console.error`.
   * Without an answer the asker is told nothing. In any case it is an event, `handler-failed`.
   *
   * It is told of questions too that the codec cannot decode, with the codec's error and the message as it came. These are
   * dropped as `malformed` in any case, and go to no console.
   */
  onError?: (
    error: unknown,
    message: Message | Body,
  ) => Chunk | undefined | void | Promise<Chunk | undefined | void>;
  /** Stops serving: no further question is taken, and `serve` resolves when those in hand are answered. */
  signal?: AbortSignal;
}

/** What an answer is for; null if that is not remembered any more. */
interface Answer {
  readonly question: Question | null;
  readonly body: object;
}

/**
 * What REP and RESPONDENT have in common: questions come in turn from all peers, and each answer goes
 * back the way its question came.
 *
 * A peer that does not take its answers gets no further question of its own handled until it does;
 * it holds up nobody else. Answers to a lost peer are dropped and counted.
 *
 * @typeParam Chunk What it takes as a message.
 * @typeParam Message What it hands out.
 * @typeParam Body What that is made of.
 */
export abstract class ReplySocket<
  Chunk = MessageLike,
  Message = Uint8Array<ArrayBuffer>,
  Body = Message,
> extends DuplexSocket<Chunk, Message> {
  readonly #receiveQueue: ReceiveQueue<Question<Body>, Message>;
  readonly #decode: (body: Body) => Message;
  readonly #reply: (question: Question, answer: Chunk) => void;
  readonly #asked: Asked;
  readonly #askers: Askers;
  readonly #serving: Serving;
  readonly #emit: ProtocolHost["emit"];

  /** @internal Made by the patterns. */
  protected constructor(
    id: WireProtocolId,
    answering: Answering<Chunk, Message, Body>,
    options: Partial<CoreOptions> & SendOptions & ReceiveOptions,
  ) {
    const askers = new Askers();
    const asked = new Asked(askers);
    const serving = new Serving();
    const router = new ReplyToOrigin();
    const receiveQueue = new ReceiveQueue<Question<Body>, Message>({
      receiveBuffer: options.receiveBuffer ?? DEFAULT_RECEIVE_BUFFER,
      receiveTimeout: options.receiveTimeout ?? Infinity,
      size: answering.size,
      take: (question) => {
        const message = answering.open(question.body);
        asked.receive([question]);
        return message;
      },
      takeFromStream: (question) => {
        const message = answering.open(question.body);
        asked.read(question);
        return message;
      },
      // A question handed to the stream ahead of its reader would be answered out of order by calls.
      prefetch: false,
      gated: true,
    });
    const send = ({ pipe, header }: Question, body: object): boolean =>
      router.send({ pipe, message: answering.compose(header, body) });
    const answer = (take: () => Question | null | undefined, reply: Chunk): Answer => {
      // What is no message leaves the question to be answered.
      const body = answering.prepare(reply);
      const question = take();
      if (question !== undefined) return { question, body };
      throw new SPError(
        "ESTATE",
        `Cannot reply on a ${id.name} socket: no question to answer`,
      );
    };
    let host: ProtocolHost | undefined;
    const sendQueue = new SendQueue<Chunk, Answer>({
      router: {
        pending: 0,
        attach: () => {},
        detach: () => {},
        ready: () => {},
        send: ({ question, body }) => {
          if (question !== null) return send(question, body);
          host?.lose("late", 1);
          return true;
        },
      },
      ...answering,
      prepare: (reply) => answer(() => asked.takeReceived(), reply),
      prepareWrite: (reply) => answer(() => asked.takeRead(), reply),
      // The router takes every answer at once: none waits.
      keep: unchanged,
      sendTimeout: options.sendTimeout ?? Infinity,
    });
    super({
      id,
      receiveQueue,
      sendQueue,
      inbound: answering.inbound,
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
    }, options);
    this.#receiveQueue = receiveQueue;
    this.#decode = (body) => answering.open(body);
    this.#reply = (question, reply) => send(question, answering.prepare(reply));
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
  async serve(
    handler: Handler<Chunk, Message>,
    options: ServeOptions<Chunk, Message, Body> = {},
  ): Promise<void> {
    checkOptions("serve's options", options, SERVE_RULES);
    const { concurrency = 64, onError, signal } = options;
    await Promise.all(
      Array.from({ length: concurrency }, () => this.#work(handler, onError, signal)),
    );
  }

  /**
   * Questions that can each be answered by themselves: in any order, later, or not at all. Leaving the loop leaves the
   * socket open.
   */
  protected questions(): AsyncIterableIterator<ReceivedQuestion<Chunk, Message>> {
    return this.#receiveQueue.iterateAs((question) =>
      this.#open(question, this.#decode(question.body))
    );
  }

  /**
   * Takes all questions that have come, in order, up to 4,096; waits for the first. `send` then answers them in their
   * order; those that are not answered when the next are received are given up, and counted.
   *
   * @param options A signal and a time that end the wait.
   * @throws {SPError} As `receive`.
   */
  override receiveBatch(options?: WaitOptions): Promise<Message[]> {
    const questions: Question[] = [];
    return this.#receiveQueue.receiveBatchAs((question) => {
      const message = this.#decode(question.body);
      questions.push(question);
      return message;
    }, (messages) => {
      this.#asked.receive(questions);
      return messages;
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
    handler: Handler<Chunk, Message>,
    onError: ServeOptions<Chunk, Message, Body>["onError"],
    signal: AbortSignal | undefined,
  ): Promise<void> {
    /** A question is in hand from the moment it leaves the queue. */
    const claim = (question: Question<Body>): OpenQuestion<Chunk, Message | Body> => {
      const open = this.#open(question, read(question));
      this.#serving.begin(open);
      return open;
    };
    /** Why the question in hand could not be decoded, if it could not. */
    let fault: Undecodable | undefined;
    const read = ({ body, pipe }: Question<Body>): Message | Body => {
      try {
        fault = undefined;
        return this.#decode(body);
      } catch (error) {
        if (!(error instanceof Undecodable) || onError === undefined) throw error;
        this.#receiveQueue.undecoded.drop(pipe, error);
        fault = error;
        return body;
      }
    };
    const waiting = { signal };
    for (;;) {
      let question: OpenQuestion<Chunk, Message | Body>;
      try {
        question = await this.#receiveQueue.receiveAs(claim, waiting);
      } catch (error) {
        if (signal?.aborted || hasCode(error, "ECLOSED")) return;
        if (hasCode(error, "ETIMEDOUT")) continue;
        throw error;
      }
      try {
        if (fault !== undefined) {
          await this.#ask(onError!, fault.reason, question);
          continue;
        }
        const decoded = question as OpenQuestion<Chunk, Message>;
        const reply = callContext().run(decoded, handler, decoded.message, decoded);
        // What is there need not be waited for.
        answer(decoded, (reply instanceof Uint8Array ? reply : await reply) as Reply<Chunk>);
      } catch (error) {
        this.#emit({ type: "handler-failed", peer: question.peer, error });
        await this.#ask(onError ?? report, error, question);
      } finally {
        question.end();
        this.#serving.end(question);
      }
    }
  }

  /** Asks what to answer where no handler has an answer. If that throws too, it costs the answer, and no more. */
  async #ask(
    onError: NonNullable<ServeOptions<Chunk, Message, Body>["onError"]>,
    error: unknown,
    question: OpenQuestion<Chunk, Message | Body>,
  ): Promise<void> {
    try {
      answer(question, await onError(error, question.message));
    } catch (second) {
      this.#emit({ type: "handler-failed", peer: question.peer, error: second });
    }
  }

  #open<Opened>(question: Question, message: Opened): OpenQuestion<Chunk, Opened> {
    return new OpenQuestion(question, message, this.#reply, this.#askers);
  }
}

function answer<Chunk>(question: OpenQuestion<Chunk, unknown>, reply: Reply<Chunk>): void {
  // Null may be an answer, with a codec.
  if (reply !== undefined) question.answer(reply as Chunk);
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
