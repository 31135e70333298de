import type { AskingCodec } from "../src/contracts/codec.ts";
import {
  askingWays,
  CODEC_PAIR,
  type Decoding,
  Undecodable,
  type Ways,
} from "../src/surface/codec.ts";
import type { MessageLike } from "../src/memory/message.ts";
import {
  BOOLEAN,
  checkOptions,
  COUNT,
  integer,
  MILLISECONDS,
  orFalse,
  RECEIVE_RULES,
  type ReceiveOptions,
  type Rules,
  SEND_RULES,
  type SendOptions,
  type SocketOptions,
  socketRules,
} from "../src/surface/options.ts";
import { giveBack } from "../src/memory/owned.ts";
import { DuplexSocket } from "../src/socket/socket.ts";
import { WAIT_RULES, Waiter, type WaitOptions } from "../src/base/wait.ts";
import { IdSequence } from "./backtrace.ts";
import { REP, REQ } from "./protocols.ts";
import type { ReceivedQuestion } from "../src/answering/questions.ts";
import { ReplySocket } from "../src/answering/replies.ts";
import { type ReplyOptions, withBacktrace } from "./answering.ts";
import { replyError, RequestStream } from "./asking/request_stream.ts";
import { Exchange } from "./asking/exchange.ts";
import { Requests } from "./asking/requests.ts";

/**
 * Options of {@linkcode Req}.
 *
 * @typeParam Request What is asked: what the codec encodes.
 * @typeParam Reply What is answered: what the codec decodes.
 */
export interface ReqOptions<Request = MessageLike, Reply = Uint8Array<ArrayBuffer>>
  extends SocketOptions, SendOptions, ReceiveOptions {
  /**
   * Makes messages of requests, and replies of messages: one codec for both, or `{ request, reply }`. Without it, requests are
   * text, bytes or views of bytes, and replies are bytes. A reply that it cannot decode is dropped, as `malformed`:
   * its `request` rejects with `EPROTO`; `receive` and `readable` take the next one. A `receive` that has none left rejects
   * with `EPROTO`, too.
   */
  codec?: AskingCodec<Request, Reply>;
  /** Requests that `send` and `writable` have in flight at the most, before they wait; default 1,024. */
  concurrency?: number;
  /**
   * How often a request is sent at the most, before it fails with `EATTEMPTS`; default `Infinity`. It counts as a failed attempt
   * when its peer is lost, and when no reply comes within `resendInterval`.
   */
  attempts?: number;
  /** Whether a request fails with `ENOPEERS` when nobody is connected, or the last peer goes; default false. */
  failWithoutPeers?: boolean;
  /** Whether `send` resolves only once a peer has taken the request; default false: it is held. */
  ready?: boolean;
  /**
   * After how many milliseconds without a reply, or a hundredth more, a request is sent again; default
   * 60,000, `false` for never. When its peer is lost it is sent again in any case.
   */
  resendInterval?: number | false;
}

/** Options of `request`. */
export interface RequestOptions extends WaitOptions {
  /** How often this request is sent at the most; the socket's `attempts` if left out. */
  attempts?: number;
}

/**
 * Options of {@linkcode Rep}.
 *
 * @typeParam Request What is asked: what the codec decodes.
 * @typeParam Reply What is answered: what the codec encodes.
 */
export type RepOptions<Request = Uint8Array<ArrayBuffer>, Reply = MessageLike> = ReplyOptions<
  Request,
  Reply
>;

/**
 * REQ: asks, and gets an answer to each question.
 *
 * Any number of requests can be in flight; each goes to one peer, in turn, and is sent again if that
 * peer is lost or does not answer within `resendInterval`. A peer that lets requests run out is asked after the others, until it
 * answers. With no peer a request is held until there is one. The same
 * bytes are on the wire as from a socket that has one request at a time.
 *
 * @example
 * ```ts
 * import { Rep, Req } from "@nanostreams/nanostreams";
 *
 * await using rep = new Rep();
 * const { address } = await rep.bind("tcp://127.0.0.1:0");
 * rep.serve((question) => question.toReversed());
 *
 * await using req = new Req();
 * req.connect(address);
 * const answers = await Promise.all([req.request("abc"), req.request("xyz")]);
 * console.log(answers.map((answer) => new TextDecoder().decode(answer))); // ["cba", "zyx"]
 * ```
 *
 * @typeParam Request What is asked; with a `codec`, what that encodes.
 * @typeParam Reply What is answered; with a `codec`, what that decodes.
 */
export class Req<Request = MessageLike, Reply = Uint8Array<ArrayBuffer>>
  extends DuplexSocket<Request, Reply> {
  readonly #ways: Ways<Request, Reply>;
  readonly #requests: Requests;
  readonly #ids: IdSequence;
  readonly #receiveTimeout: number;
  readonly #attempts: number;

  /**
   * Makes a REQ socket; `bind` and `connect` give it peers.
   *
   * @param options Of the socket, its queues, and when requests are sent again.
   * @throws {SPError} `EINVAL` if an option is unknown or wrong.
   */
  constructor(options: ReqOptions<Request, Reply> = {}) {
    checkOptions("the options of req", options, {
      ...socketRules(),
      ...SEND_RULES,
      ...RECEIVE_RULES,
      attempts: COUNT,
      codec: CODEC_PAIR,
      concurrency: integer(1, 1_000_000),
      failWithoutPeers: BOOLEAN,
      ready: BOOLEAN,
      resendInterval: orFalse(MILLISECONDS),
    });
    const {
      attempts = Infinity,
      concurrency = 1024,
      failWithoutPeers = false,
      ready = false,
      resendInterval = 60_000,
      ...rest
    } = options;
    const requests = new Requests({
      failWithoutPeers,
      ready,
      resendInterval: resendInterval === false ? Infinity : resendInterval,
    });
    const ids = new IdSequence();
    const ways = askingWays(rest.codec);
    const stream = new RequestStream(requests, ids, { concurrency, attempts }, rest, ways);
    super({
      id: REQ,
      receiveQueue: stream.receiveQueue,
      sendQueue: stream.sendQueue,
      inbound: (pipe) => requests.inbound(pipe),
      opened: (host) => requests.opened(host),
      drain: async () => {
        stream.sendQueue.close();
        requests.refuse();
        await stream.sendQueue.drained();
        await requests.answered();
        await stream.receiveQueue.emptied();
      },
      close: (reason) => requests.close(reason),
    }, rest);
    this.#ways = ways;
    this.#requests = requests;
    this.#ids = ids;
    this.#receiveTimeout = rest.receiveTimeout ?? Infinity;
    this.#attempts = attempts;
    // A stream of requests that has ended ends the stream of replies, behind the last of them.
    stream.sendQueue.onEnd(async (linger) => {
      if (linger === undefined) await stream.answered();
      await this.close(linger === undefined ? {} : { linger });
    });
  }

  /**
   * Asks, and resolves with the answer. Requests made at the same time are in flight together.
   *
   * @param message The request: text (as UTF-8), bytes, or a view of bytes; or what the `codec` encodes.
   * @param options A signal and a time that end the wait; the reply, should it come, is dropped. How often it is sent.
   * @throws {SPError} `EATTEMPTS`, `ECLOSED`, `EINVAL`, `ENOPEERS` with `failWithoutPeers`, `EPROTO` if the `codec` cannot decode
   * the reply, `ETIMEDOUT` after `timeout`, or else `receiveTimeout`; or the signal's reason.
   */
  request(message: Request, options?: RequestOptions): Promise<Reply> {
    try {
      if (options !== undefined) checkOptions("request's options", options, REQUEST_RULES);
      const { signal, timeout = this.#receiveTimeout, attempts = this.#attempts } = options ?? {};
      signal?.throwIfAborted();
      const { encoding, decoding } = this.#ways;
      const body = encoding.prepare(message);
      const waiter: Waiter<Reply> = new Waiter(signal, () => {
        if (isCancelled(signal)) this.#requests.forget(request);
        else this.#requests.expire(request);
        if (request.attempts === 0) giveBack(message);
      });
      const request = new Question(this.#ids.next(), body, attempts, waiter, decoding);
      this.#requests.start(request);
      return waiter.limit(timeout, "get a reply").promise;
    } catch (error) {
      return Promise.reject(error);
    }
  }
}

/** Whether a wait that was given up was cancelled by its user, and no time of theirs has passed: `AbortSignal.timeout` is one. */
function isCancelled(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true && signal.reason?.name !== "TimeoutError";
}

/** A request that somebody waits to have answered. */
class Question<Reply> extends Exchange {
  readonly #waiter: Waiter<Reply>;
  readonly #decoding: Decoding<Reply> | undefined;

  constructor(
    id: number,
    body: Uint8Array,
    attempts: number,
    waiter: Waiter<Reply>,
    decoding: Decoding<Reply> | undefined,
  ) {
    super(id, body, attempts);
    this.#waiter = waiter;
    this.#decoding = decoding;
  }

  answer(reply: Uint8Array<ArrayBuffer>): void {
    try {
      this.#waiter.resolve(this.#decoding === undefined ? reply as Reply : this.#decoding(reply));
    } catch (error) {
      if (!(error instanceof Undecodable)) throw error;
      this.pipe?.drop("malformed", 1, error.reason);
      this.#waiter.reject(replyError(error));
    }
  }

  fail(reason: unknown): void {
    this.#waiter.reject(reason);
  }

  cancel(reason: unknown): void {
    this.#waiter.cancel(reason);
  }
}

const REQUEST_RULES: Rules = { ...WAIT_RULES, attempts: COUNT };

/**
 * REP: answers.
 *
 * Requests come in turn from all peers, and each reply goes back to who asked: by `serve`, or by `receive` and then
 * `send`, or by the streams, where replies are written in the order in which requests were read. A peer that does not
 * take its replies gets none of its further requests handled until it does, and holds up nobody else. A reply to a peer
 * that has gone is dropped and counted.
 *
 * @example
 * ```ts
 * import { Rep, Req } from "@nanostreams/nanostreams";
 *
 * await using rep = new Rep();
 * await rep.bind("inproc://upper");
 * const upper = new TransformStream<Uint8Array, string>({
 *   transform: (question, controller) =>
 *     controller.enqueue(new TextDecoder().decode(question).toUpperCase()),
 * });
 * rep.readable.pipeThrough(upper).pipeTo(rep.writable);
 *
 * await using req = new Req();
 * req.connect("inproc://upper");
 * console.log(new TextDecoder().decode(await req.request("hello"))); // "HELLO"
 * ```
 *
 * @typeParam Request What is asked; with a `codec`, what that decodes.
 * @typeParam Reply What is answered; with a `codec`, what that encodes.
 */
export class Rep<Request = Uint8Array<ArrayBuffer>, Reply = MessageLike>
  extends ReplySocket<Reply, Request, Uint8Array<ArrayBuffer>> {
  /**
   * Requests that can each be answered by themselves: in any order, later, or not at all. A request that nobody answers is
   * sent again by its asker, in time. Leaving the loop leaves the socket open.
   *
   * @example
   * ```ts
   * import { Rep, Req } from "@nanostreams/nanostreams";
   *
   * await using rep = new Rep();
   * await rep.bind("inproc://orders");
   * await using req = new Req();
   * req.connect("inproc://orders");
   * const answers = Promise.all([req.request("tea"), req.request("coffee")]);
   *
   * const orders = [];
   * for await (const order of rep.requests()) {
   *   if (orders.unshift(order) === 2) break;
   * }
   * for (const order of orders) await order.reply(order.message);
   * console.log((await answers).map((answer) => answer.length)); // [3, 6]
   * ```
   */
  requests(): AsyncIterableIterator<ReceivedQuestion<Reply, Request>> {
    return this.questions();
  }

  /**
   * Makes a REP socket; `bind` and `connect` give it peers.
   *
   * @param options Of the socket and its queues.
   * @throws {SPError} `EINVAL` if an option is unknown or wrong.
   */
  constructor(options: RepOptions<Request, Reply> = {}) {
    const { answering, rest } = withBacktrace(REP, options);
    super(REP, answering, rest);
  }
}
