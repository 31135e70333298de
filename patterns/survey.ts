import { SPError } from "../src/base/errors.ts";
import { MESSAGE_OVERHEAD } from "../src/receiving/fair_queue.ts";
import { ReceiveQueue } from "../src/receiving/receive_queue.ts";
import { type ReceivedMessage, unchanged } from "../src/receiving/receive_options.ts";
import type { AskingCodec } from "../src/contracts/codec.ts";
import {
  askingWays,
  CODEC_PAIR,
  type Decoding,
  Undecodable,
  type Ways,
} from "../src/surface/codec.ts";
import { keepBytes, type MessageLike } from "../src/memory/message.ts";
import {
  checkOptions,
  COUNT,
  MILLISECONDS,
  RECEIVE_RULES,
  type ReceiveOptions,
  type Rules,
  SEND_RULES,
  type SendOptions,
  type SocketOptions,
  socketRules,
} from "../src/surface/options.ts";
import { SendQueue } from "../src/pipes/send_queue.ts";
import {
  DEFAULT_BROADCAST_BUFFER,
  DEFAULT_RECEIVE_BUFFER,
  DuplexSocket,
} from "../src/socket/socket.ts";
import { WAIT_RULES, type WaitOptions } from "../src/base/wait.ts";
import { RESPONDENT, SURVEYOR } from "./protocols.ts";
import type { Pipe } from "../src/pipes/pipe.ts";
import type { ReceivedQuestion } from "../src/answering/questions.ts";
import { ReplySocket } from "../src/answering/replies.ts";
import { type ReplyOptions, withBacktrace } from "./answering.ts";
import { Surveys } from "./asking/surveys.ts";

/** How long a survey lasts, in milliseconds, unless told otherwise: as in nanomsg, nng and mangos. */
const DEFAULT_DEADLINE = 1000;

/**
 * Options of {@linkcode Surveyor}.
 *
 * @typeParam Request What is asked: what the codec encodes.
 * @typeParam Reply What is answered: what the codec decodes.
 */
export interface SurveyorOptions<Request = MessageLike, Reply = Uint8Array<ArrayBuffer>>
  extends SocketOptions, SendOptions, ReceiveOptions {
  /**
   * Makes messages of surveys, and responses of messages: one codec for both, or `{ request, reply }`. Without it, surveys are
   * text, bytes or views of bytes, and responses are bytes. What it cannot decode is dropped, as `malformed`.
   */
  codec?: AskingCodec<Request, Reply>;
  /** How long a survey lasts, in milliseconds; default 1,000. */
  deadline?: number;
  /**
   * How many responses to one survey are taken from one peer; default 1, for a respondent answers once. Behind a device all
   * respondents are one peer: set it to their number then, or to `Infinity`. Further responses are dropped and counted.
   */
  responsesPerPeer?: number;
}

/**
 * Options of {@linkcode Respondent}.
 *
 * @typeParam Request What is asked: what the codec decodes.
 * @typeParam Reply What is answered: what the codec encodes.
 */
export type RespondentOptions<Request = Uint8Array<ArrayBuffer>, Reply = MessageLike> =
  ReplyOptions<Request, Reply>;

/** Options of `survey`. */
export interface SurveyOptions extends WaitOptions {
  /** How long this survey lasts, in milliseconds; the socket's `deadline` if left out. At its end the stream is closed. */
  deadline?: number;
  /** Ends the survey with so many responses, before the deadline; default `Infinity`. */
  expect?: number;
  /** As `deadline`, but an end before the survey has `expect` responses is the stream's error, `ETIMEDOUT`. */
  timeout?: number;
}

/** A response to a survey, and whose it is. */
export type SurveyResponse<Reply = Uint8Array<ArrayBuffer>> = ReceivedMessage<Reply>;

/**
 * SURVEYOR: asks everybody who is connected, and gathers the responses that come in time.
 *
 * `survey` returns each survey's responses as a stream of its own, which ends at the deadline; any number of surveys can
 * run at once. The socket's own faces run one survey at a time: `send` ends the one before, while `writable` lets each have
 * its time before it takes the next. A response that comes too late is dropped and counted. A peer whose queue is full is
 * passed over.
 *
 * @example
 * ```ts
 * import { Respondent, Surveyor } from "@nanostreams/nanostreams";
 *
 * await using surveyor = new Surveyor();
 * const { address } = await surveyor.bind("tcp://127.0.0.1:0");
 * await using respondent = new Respondent();
 * respondent.connect(address);
 * respondent.serve(() => "here");
 *
 * await surveyor.peers(1);
 * for await (const response of surveyor.survey("who is there?", { deadline: 200 })) {
 *   console.log(new TextDecoder().decode(response)); // "here"
 * }
 * ```
 *
 * @typeParam Request What is asked; with a `codec`, what that encodes.
 * @typeParam Reply What is answered; with a `codec`, what that decodes.
 */
export class Surveyor<Request = MessageLike, Reply = Uint8Array<ArrayBuffer>>
  extends DuplexSocket<Request, Reply> {
  readonly #ways: Ways<Request, Reply>;
  readonly #surveys: Surveys;
  readonly #deadline: number;
  readonly #receiveBuffer: number;

  /**
   * Makes a SURVEYOR socket; `bind` and `connect` give it peers.
   *
   * @param options Of the socket and its queues, and how long a survey lasts.
   * @throws {SPError} `EINVAL` if an option is unknown or wrong.
   */
  constructor(options: SurveyorOptions<Request, Reply> = {}) {
    checkOptions("the options of surveyor", options, {
      ...socketRules(),
      ...SEND_RULES,
      ...RECEIVE_RULES,
      codec: CODEC_PAIR,
      deadline: MILLISECONDS,
      responsesPerPeer: COUNT,
    });
    const {
      responsesPerPeer = 1,
      deadline = DEFAULT_DEADLINE,
      sendBuffer = DEFAULT_BROADCAST_BUFFER,
      receiveBuffer = DEFAULT_RECEIVE_BUFFER,
      ...rest
    } = options;
    const ways = askingWays(rest.codec);
    const { encoding, decoding } = ways;
    const surveys: Surveys = new Surveys(deadline, responsesPerPeer, () => receiveQueue);
    const receiveQueue = new ReceiveQueue<Uint8Array<ArrayBuffer>, Reply>({
      receiveBuffer,
      receiveTimeout: rest.receiveTimeout ?? Infinity,
      size: (response) => response.length,
      take: decoding ?? unchanged as (message: unknown) => Reply,
      // A survey takes back what is left of the one before.
      prefetch: false,
      check: () => surveys.checkCurrent(),
    });
    const sendQueue = new SendQueue<Request, Uint8Array>({
      router: surveys,
      ...encoding,
      keep: keepBytes,
      sendTimeout: rest.sendTimeout ?? Infinity,
      afterWrite: (signal) => surveys.currentEnded(signal),
    });
    super({
      id: SURVEYOR,
      receiveQueue,
      sendQueue,
      inbound: (pipe) => surveys.inbound(pipe),
      opened: ({ lose }) => surveys.onLost = lose,
      drain: async () => {
        sendQueue.close();
        surveys.refuse();
        await sendQueue.drained();
        await surveys.ended();
        await receiveQueue.emptied();
      },
      close: () => surveys.close(),
    }, { ...rest, sendBuffer });
    this.#ways = ways;
    this.#surveys = surveys;
    this.#deadline = deadline;
    this.#receiveBuffer = receiveBuffer;
    // A stream of surveys that has ended ends the stream of responses, behind the last survey.
    sendQueue.onEnd((linger) => this.close(linger === undefined ? {} : { linger }));
  }

  /**
   * Asks everybody who is connected now.
   *
   * @param message The survey: text (as UTF-8), bytes, or a view of bytes.
   * @param options How long it lasts, and how many responses are enough; a signal that ends it, with its reason as the
   * stream's error.
   * @returns The responses as they come. It ends at the deadline; cancelling it ends the survey. When more than
   * `receiveBuffer` bytes wait for the reader, further responses are dropped and counted.
   * @throws {SPError} `EINVAL`, `ECLOSED`.
   */
  survey(message: Request, options: SurveyOptions = {}): ReadableStream<Reply> {
    return this.#ask(message, options, unchanged);
  }

  /**
   * As `survey`, and tells whose each response is.
   *
   * @param message The survey: text (as UTF-8), bytes, or a view of bytes.
   * @param options As for `survey`.
   * @returns The responses as they come, each with its peer.
   * @throws {SPError} `EINVAL`, `ECLOSED`.
   *
   * @example
   * ```ts
   * import { Respondent, Surveyor } from "@nanostreams/nanostreams";
   *
   * await using surveyor = new Surveyor();
   * await surveyor.bind("inproc://roll-call");
   * await using respondent = new Respondent();
   * respondent.connect("inproc://roll-call");
   * respondent.serve(() => "here");
   *
   * await surveyor.peers(1);
   * for await (const { message, peer } of surveyor.responses("who is there?", { expect: 1 })) {
   *   console.log(peer.protocol, new TextDecoder().decode(message)); // "respondent" "here"
   * }
   * ```
   */
  responses(message: Request, options: SurveyOptions = {}): ReadableStream<SurveyResponse<Reply>> {
    return this.#ask(message, options, (response, { peer }) => ({ message: response, peer }));
  }

  /** Begins a survey whose responses are handed out as `of` makes them. */
  #ask<Response>(
    message: Request,
    options: SurveyOptions,
    of: (response: Reply, pipe: Pipe) => Response,
  ): ReadableStream<Response> {
    checkOptions("survey's options", options, SURVEY_RULES);
    const { encoding, decoding = unchanged as Decoding<Reply> } = this.#ways;
    const body = encoding.prepare(message);
    const { timeout = Infinity, expect = Infinity, signal } = options;
    const deadline = options.deadline ?? (timeout < Infinity ? Infinity : this.#deadline);
    signal?.throwIfAborted();
    let id: number;
    let left = expect;
    /** The size of what is being handed to the stream. */
    let size = 0;
    const stop = (): void => this.#surveys.end(id, signal?.reason);
    return new ReadableStream<Response>({
      start: (controller) => {
        id = this.#surveys.begin(body, Math.min(deadline, timeout), {
          respond: (response, pipe) => {
            if (controller.desiredSize! <= 0) return pipe.drop("overflow");
            let reply: Reply;
            try {
              reply = decoding(response);
            } catch (error) {
              if (!(error instanceof Undecodable)) throw error;
              return pipe.drop("malformed", 1, error.reason);
            }
            // The codec may have ended the survey meanwhile.
            if (controller.desiredSize! <= 0) return pipe.drop("late");
            size = response.length;
            controller.enqueue(of(reply, pipe));
            if (--left === 0) this.#surveys.end(id);
          },
          end: (reason) => {
            signal?.removeEventListener("abort", stop);
            const error = reason ?? (left > 0 && timeout < deadline ? late(timeout) : undefined);
            if (error === undefined) controller.close();
            else controller.error(error);
          },
        });
        signal?.addEventListener("abort", stop);
      },
      cancel: () => {
        signal?.removeEventListener("abort", stop);
        this.#surveys.forget(id);
      },
    }, {
      highWaterMark: this.#receiveBuffer,
      size: () => size + MESSAGE_OVERHEAD,
    });
  }
}

/**
 * RESPONDENT: answers surveys.
 *
 * Surveys come in turn from all peers, and each response goes back to who asked: by `serve`, or by `receive` and then
 * `send`, or by the streams, where responses are written in the order in which surveys were read. Whether it comes in
 * time is the surveyor's to judge.
 *
 * See {@linkcode Surveyor} for an example.
 *
 * @typeParam Request What is asked; with a `codec`, what that decodes.
 * @typeParam Reply What is answered; with a `codec`, what that encodes.
 */
export class Respondent<Request = Uint8Array<ArrayBuffer>, Reply = MessageLike>
  extends ReplySocket<Reply, Request, Uint8Array<ArrayBuffer>> {
  /**
   * Surveys that can each be answered by themselves: in any order, later, or not at all. Leaving the loop leaves the socket
   * open.
   */
  surveys(): AsyncIterableIterator<ReceivedQuestion<Reply, Request>> {
    return this.questions();
  }

  /**
   * Makes a RESPONDENT socket; `bind` and `connect` give it peers.
   *
   * @param options Of the socket and its queues.
   * @throws {SPError} `EINVAL` if an option is unknown or wrong.
   */
  constructor(options: RespondentOptions<Request, Reply> = {}) {
    const { answering, rest } = withBacktrace(RESPONDENT, options);
    super(RESPONDENT, answering, rest);
  }
}

const SURVEY_RULES: Rules = { ...WAIT_RULES, deadline: MILLISECONDS, expect: COUNT };

function late(timeout: number): SPError {
  return new SPError("ETIMEDOUT", `Cannot get all responses: ${timeout} ms have passed`);
}
