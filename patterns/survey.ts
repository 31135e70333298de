import { SPError } from "../src/base/errors.ts";
import { MESSAGE_OVERHEAD } from "../src/pipes/fair_queue.ts";
import { ReceiveQueue } from "../src/pipes/receive_queue.ts";
import { unchanged } from "../src/pipes/receive_options.ts";
import { keepBytes, type MessageLike, toBytes } from "../src/memory/message.ts";
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
import type { PeerInfo } from "../src/surface/peer.ts";
import type { ReceivedQuestion } from "../src/answering/questions.ts";
import { ReplySocket } from "../src/answering/replies.ts";
import { type ReplyOptions, withBacktrace } from "./answering.ts";
import { Surveys } from "./asking/surveys.ts";

/** How long a survey lasts, in milliseconds, unless told otherwise: as in nanomsg, nng and mangos. */
const DEFAULT_DEADLINE = 1000;

/** Options of {@linkcode Surveyor}. */
export interface SurveyorOptions extends SocketOptions, SendOptions, ReceiveOptions {
  /** How long a survey lasts, in milliseconds; default 1,000. */
  deadline?: number;
  /**
   * How many responses to one survey are taken from one peer; default 1, for a respondent answers once. Behind a device all
   * respondents are one peer: set it to their number then, or to `Infinity`. Further responses are dropped and counted.
   */
  responsesPerPeer?: number;
}

/** Options of {@linkcode Respondent}. */
export type RespondentOptions = ReplyOptions;

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
export interface SurveyResponse {
  /** What was answered. */
  readonly message: Uint8Array<ArrayBuffer>;
  /** Who answered; behind a device, that is the device. */
  readonly peer: PeerInfo;
}

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
 */
export class Surveyor extends DuplexSocket {
  readonly #surveys: Surveys;
  readonly #deadline: number;
  readonly #receiveBuffer: number;

  /**
   * Makes a SURVEYOR socket; `bind` and `connect` give it peers.
   *
   * @param options Of the socket and its queues, and how long a survey lasts.
   * @throws {SPError} `EINVAL` if an option is unknown or wrong.
   */
  constructor(options: SurveyorOptions = {}) {
    checkOptions("the options of surveyor", options, {
      ...socketRules(),
      ...SEND_RULES,
      ...RECEIVE_RULES,
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
    const surveys: Surveys = new Surveys(deadline, responsesPerPeer, () => receiveQueue);
    const receiveQueue = new ReceiveQueue<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
      receiveBuffer,
      receiveTimeout: rest.receiveTimeout ?? Infinity,
      size: (response) => response.length,
      take: unchanged,
      // A survey takes back what is left of the one before.
      prefetch: false,
      check: () => surveys.checkCurrent(),
    });
    const sendQueue = new SendQueue<MessageLike, Uint8Array>({
      router: surveys,
      prepare: toBytes,
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
  survey(
    message: MessageLike,
    options: SurveyOptions = {},
  ): ReadableStream<Uint8Array<ArrayBuffer>> {
    return this.#ask(message, options, unchanged, (response) => response.length);
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
  responses(message: MessageLike, options: SurveyOptions = {}): ReadableStream<SurveyResponse> {
    return this.#ask(
      message,
      options,
      (response, { peer }) => ({ message: response, peer }),
      (response) => response.message.length,
    );
  }

  /** Begins a survey whose responses are handed out as `of` makes them. */
  #ask<Response>(
    message: MessageLike,
    options: SurveyOptions,
    of: (response: Uint8Array<ArrayBuffer>, pipe: Pipe) => Response,
    size: (response: Response) => number,
  ): ReadableStream<Response> {
    checkOptions("survey's options", options, SURVEY_RULES);
    const body = toBytes(message);
    const { timeout = Infinity, expect = Infinity, signal } = options;
    const deadline = options.deadline ?? (timeout < Infinity ? Infinity : this.#deadline);
    signal?.throwIfAborted();
    let id: number;
    let left = expect;
    const stop = (): void => this.#surveys.end(id, signal?.reason);
    return new ReadableStream<Response>({
      start: (controller) => {
        id = this.#surveys.begin(body, Math.min(deadline, timeout), {
          respond: (response, pipe) => {
            if (controller.desiredSize! <= 0) return pipe.drop("overflow");
            controller.enqueue(of(response, pipe));
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
      size: (response) => size(response) + MESSAGE_OVERHEAD,
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
 */
export class Respondent extends ReplySocket {
  /**
   * Surveys that can each be answered by themselves: in any order, later, or not at all. Leaving the loop leaves the socket
   * open.
   */
  surveys(): AsyncIterableIterator<ReceivedQuestion> {
    return this.questions();
  }

  /**
   * Makes a RESPONDENT socket; `bind` and `connect` give it peers.
   *
   * @param options Of the socket and its queues.
   * @throws {SPError} `EINVAL` if an option is unknown or wrong.
   */
  constructor(options: RespondentOptions = {}) {
    const [id, answering, rest] = withBacktrace(RESPONDENT, options);
    super(id, answering, rest); // not spread: `deno publish` refuses that
  }
}

const SURVEY_RULES: Rules = { ...WAIT_RULES, deadline: MILLISECONDS, expect: COUNT };

function late(timeout: number): SPError {
  return new SPError("ETIMEDOUT", `Cannot get all responses: ${timeout} ms have passed`);
}
