import { unchanged } from "../../src/receiving/receive_options.ts";
import { ReplySocket } from "../../src/answering/replies.ts";
import type { Question, ReceivedQuestion } from "../../src/answering/questions.ts";
import { BOOLEAN, integer, type Rules } from "../../src/base/rules.ts";
import { WAIT_RULES, Waiter, type WaitOptions } from "../../src/base/wait.ts";
import type { TransformController } from "../../src/contracts/transformer.ts";
import { giveBack } from "../../src/memory/owned.ts";
import type { Pipe } from "../../src/pipes/pipe.ts";
import { DuplexSocket } from "../../src/socket/socket.ts";
import { checkOptions } from "../../src/surface/options.ts";
import {
  checkZmtpOptions,
  IDENTITY_RULES,
  PROBE_RULES,
  ZMTP_RECEIVE_RULES,
  ZMTP_SEND_RULES,
  type ZmtpIdentityOptions,
  type ZmtpOptions,
  type ZmtpProbeOptions,
  type ZmtpReceiveOptions,
  type ZmtpSendOptions,
} from "../options.ts";
import { coreOptions, zmtpProtocol } from "../protocol.ts";
import {
  costOfFrames,
  frameList,
  type Frames,
  type FramesLike,
  keepFrames,
  type OutgoingFrames,
  toFrames,
} from "../wire/frames.ts";
import { prober } from "./probe.ts";
import { Request, Requests } from "./requests.ts";
import { RequestStream } from "./request_stream.ts";

/** Options of {@linkcode Req}. */
export interface ReqOptions
  extends ZmtpOptions, ZmtpSendOptions, ZmtpReceiveOptions, ZmtpIdentityOptions, ZmtpProbeOptions {
  /** How many requests of `send` and `writable` may be without a reply before further ones wait: 1 to 1,000,000; default 1,024. */
  concurrency?: number;
  /**
   * Whether each request carries a number, which its reply repeats. Then any number of requests may be under way at one peer, and giving one
   * up does not close the connection. Every REP repeats the number by itself; a program with a ROUTER must send back all frames before
   * the body unchanged. Default false: each peer has one request at a time, and others wait.
   */
  correlate?: boolean;
}

/** Options of {@linkcode Rep}. */
export interface RepOptions
  extends ZmtpOptions, ZmtpSendOptions, ZmtpReceiveOptions, ZmtpIdentityOptions {}

const REQUEST_RULES: Rules = { ...WAIT_RULES };

/**
 * REQ: sends each request to one peer, in turn, and receives its reply (RFC 28).
 *
 * A request waits while there is no peer. It is sent once: if its peer is lost, it fails with `ECONNRESET`. The socket stays usable after a
 * request is given up by its `timeout` or `signal`. Without `correlate` that closes the connection, which connects again: the reply may
 * still come, and would be taken for the next one. (A REP of libzmq's that has connected brings it even by its next connection.)
 *
 * @example
 * ```ts
 * import { Rep, Req } from "@nanostreams/nanostreams/zmtp";
 *
 * await using rep = new Rep();
 * const { address } = await rep.bind("tcp://127.0.0.1:0");
 * rep.serve(([question]) => `${new TextDecoder().decode(question)}!`);
 * await using req = new Req();
 * req.connect(address);
 * const [reply] = await req.request("hello", { timeout: 1000 });
 * console.log(new TextDecoder().decode(reply)); // "hello!"
 * ```
 */
export class Req extends DuplexSocket<FramesLike, Frames> {
  readonly #requests: Requests;
  readonly #receiveTimeout: number;

  /**
   * Makes a REQ socket; `bind` and `connect` give it peers.
   *
   * @param options Of the socket and its queues.
   * @throws {SPError} `EINVAL` if an option is unknown or wrong.
   */
  constructor(options: ReqOptions = {}) {
    checkZmtpOptions(
      "req",
      options,
      ZMTP_SEND_RULES,
      ZMTP_RECEIVE_RULES,
      IDENTITY_RULES,
      PROBE_RULES,
      { concurrency: integer(1, 1_000_000), correlate: BOOLEAN },
    );
    const requests = new Requests(options.correlate === true);
    const stream = new RequestStream(requests, options);
    const { receiveQueue, sendQueue } = stream;
    super({
      id: zmtpProtocol("REQ", options),
      receiveQueue,
      sendQueue,
      opened: (host) => requests.opened(host),
      inbound: (pipe) => requests.inbound(pipe),
      drain: async () => {
        sendQueue.close();
        requests.refuse();
        await sendQueue.drained();
        await requests.answered();
      },
      close: (reason) => requests.close(reason),
      ...prober(options),
    }, coreOptions(options));
    this.#requests = requests;
    this.#receiveTimeout = options.receiveTimeout ?? Infinity;
    // A stream of requests that has ended ends the stream of replies, behind the last of them.
    sendQueue.onEnd(async (linger) => {
      if (linger === undefined) await stream.answered();
      await this.close(linger === undefined ? {} : { linger });
    });
  }

  /**
   * Sends a request and waits for its reply. Any number of calls may wait at once.
   *
   * @param message One frame, or an array of frames.
   * @param options A time and a signal that end the wait.
   * @returns The reply's frames.
   * @throws {SPError} `ECLOSED`, `EINVAL`, `ECONNRESET` if its peer is lost, `ETIMEDOUT` after `timeout`, or else
   * `receiveTimeout`; or the signal's reason.
   */
  request(message: FramesLike, options: WaitOptions = {}): Promise<Frames> {
    try {
      checkOptions("request's options", options, REQUEST_RULES);
      const { signal, timeout = this.#receiveTimeout } = options;
      signal?.throwIfAborted();
      const frames = keepFrames(toFrames(message));
      const waiter: Waiter<Frames> = new Waiter(signal, () => {
        this.#requests.giveUp(request);
        if (request.pipe === undefined) giveBack(message);
      });
      const request = new Request(frames, waiter);
      this.#requests.ask(request);
      return waiter.limit(timeout, "get a reply").promise;
    } catch (error) {
      return Promise.reject(error);
    }
  }
}

/**
 * REP: receives requests and answers them (RFC 28).
 *
 * Requests come from each peer in turn, and each reply goes back to its asker, through any routers on the way. Answer by `serve`, by
 * `receive` and then `send`, by `requests`, or by the streams, where replies are written in the order in which requests were read. Several
 * requests may be in work at once. A reply to a peer that has left is dropped and counted (`peer-gone`), and so is a request without the
 * empty frame before its body (`unwanted`).
 *
 * See {@linkcode Req} for an example.
 */
export class Rep extends ReplySocket<FramesLike, Frames> {
  /**
   * Makes a REP socket; `bind` and `connect` give it peers.
   *
   * @param options Of the socket and its queues.
   * @throws {SPError} `EINVAL` if an option is unknown or wrong.
   */
  constructor(options: RepOptions = {}) {
    checkZmtpOptions("rep", options, ZMTP_SEND_RULES, ZMTP_RECEIVE_RULES, IDENTITY_RULES);
    super(zmtpProtocol("REP", options), {
      inbound: (pipe) => ({
        transform: (message: Frames, controller: TransformController<Question<Frames>>) =>
          takeQuestion(pipe, message, controller),
      }),
      size: ({ header, body }) => costOfFrames(header as Frames) + costOfFrames(body),
      open: unchanged,
      prepare: toFrames,
      compose: (header, body) => [
        ...header as Frames,
        ...frameList(body as OutgoingFrames),
      ],
    }, coreOptions(options));
  }

  /**
   * Requests that can be answered one by one: in any order, later, or not at all. Leaving the loop leaves the socket open.
   *
   * @example
   * ```ts
   * import { Rep, Req } from "@nanostreams/nanostreams/zmtp";
   *
   * await using rep = new Rep();
   * await rep.bind("inproc://zmtp-orders");
   * await using req = new Req();
   * req.connect("inproc://zmtp-orders");
   * const answer = req.request(["tea", "with milk"]);
   * for await (const order of rep.requests()) {
   *   await order.reply(`${order.message.length} frames`);
   *   break;
   * }
   * console.log(new TextDecoder().decode((await answer)[0])); // "2 frames"
   * ```
   */
  requests(): AsyncIterableIterator<ReceivedQuestion<FramesLike, Frames>> {
    return this.questions();
  }
}

/** The envelope of a request that has passed no router. */
const DELIMITER: Frames = [new Uint8Array(0)];

/** Takes the envelope off: all frames up to the first empty one. */
function takeQuestion(
  pipe: Pipe,
  message: Frames,
  controller: TransformController<Question<Frames>>,
): void {
  const end = message.findIndex(({ length }) => length === 0) + 1;
  if (end === 0 || end === message.length) return pipe.drop("unwanted");
  // A view would keep the whole chunk alive as long as its answer takes.
  const header = end === 1
    ? DELIMITER
    : message.slice(0, end).map((frame) => new Uint8Array(frame));
  controller.enqueue({ pipe, header, body: message.slice(end) });
}
