import { SPError } from "../src/base/errors.ts";
import { ReceiveQueue } from "../src/receiving/receive_queue.ts";
import { type ReceivedMessage, unchanged } from "../src/receiving/receive_options.ts";
import {
  describe,
  keepRaw,
  type MessageLike,
  type RawMessage,
  toBytes,
} from "../src/memory/message.ts";
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
import { SendQueue } from "../src/pipes/send_queue.ts";
import type { SPProtocolId } from "../src/sp/wire.ts";
import type { Overflow } from "../src/pipes/routing.ts";
import { DEFAULT_BROADCAST_BUFFER, DEFAULT_RECEIVE_BUFFER, Socket } from "../src/socket/socket.ts";
import type { WaitOptions } from "../src/base/wait.ts";
import { DEFAULT_TTL } from "./backtrace.ts";
import { OVERFLOW } from "./plain_queues.ts";
import { RAW_PROTOCOLS, type RawProtocolName } from "./raw/protocols.ts";

/** Options of {@linkcode RawSocket}; those that its protocol has no use for change nothing. */
export interface RawOptions extends SocketOptions, SendOptions, ReceiveOptions {
  /**
   * What protocols that answer, or send to everybody, do about a peer whose queue is full; default `"drop-oldest"`.
   * With `"block"` one peer that does not read can hold up all the others.
   */
  overflow?: Overflow;
  /** The most steps a message may have come, this one included, 1 to 255; default 8. A longer way drops it. */
  ttl?: number;
}

/** What a raw socket takes: `header` may be left out where the protocol has none. */
export interface RawMessageLike {
  /** The protocol's header. */
  header?: Uint8Array;
  /** What is sent: text (as UTF-8), bytes, or a view of bytes. */
  body: MessageLike;
}

/**
 * A socket in raw mode: its protocol's routing without its state machine. Devices are made of these.
 *
 * A message is `{ header, body }`, and nothing is matched, filtered or sent again:
 *
 * | protocol | header of a message that came | what sending does with the header |
 * | --- | --- | --- |
 * | `req`, `surveyor` | the answer's whole backtrace, id last | sends it: the backtrace with its id |
 * | `rep`, `respondent` | the id of the pipe it came by, then the question's backtrace | takes the pipe's id off and answers there |
 * | `pair1` | the hop count | sends it, one more |
 * | `bus` | the id of the pipe it came by | sends to everybody but that pipe |
 * | all others | empty | sends it |
 *
 * The directions are those of the protocol: `new RawSocket("push").readable` is a type error, and throws.
 *
 * @example
 * ```ts
 * import { RawSocket, Rep } from "@nanostreams/nanostreams";
 *
 * await using rep = new Rep();
 * await rep.bind("inproc://raw");
 * rep.serve((question) => question);
 * await using req = new RawSocket("req");
 * req.connect("inproc://raw");
 * await req.send({ header: new Uint8Array([0x80, 0, 0, 1]), body: "hello" });
 * const { header, body } = await req.receive();
 * console.log(header[0], new TextDecoder().decode(body)); // 128 "hello"
 * ```
 */
export class RawSocket<Name extends RawProtocolName = RawProtocolName> extends Socket {
  /** Its protocol's names and numbers. */
  readonly protocol: SPProtocolId;
  readonly #receiveQueue: ReceiveQueue<RawMessage, RawMessage> | undefined;
  readonly #sendQueue: SendQueue<RawMessageLike, RawMessage<Uint8Array>> | undefined;

  /**
   * Makes a raw socket; `bind` and `connect` give it peers.
   *
   * @param name The protocol: `"req"`, `"rep"`, `"pair1"`.
   * @param options Of the socket and its queues.
   * @throws {SPError} `EINVAL` if there is no such protocol, or an option is unknown or wrong.
   */
  constructor(name: Name, options: RawOptions = {}) {
    if (!Object.hasOwn(RAW_PROTOCOLS, name)) {
      const known = Object.keys(RAW_PROTOCOLS).join(", ");
      throw new SPError("EINVAL", `Unknown protocol ${describe(name)}; there are: ${known}`);
    }
    checkOptions(`the options of a raw ${name}`, options, {
      ...socketRules(),
      ...SEND_RULES,
      ...RECEIVE_RULES,
      overflow: OVERFLOW,
      ttl: integer(1, 255),
    });
    const { overflow = "drop-oldest", ttl = DEFAULT_TTL, ...rest } = options;
    const { id, inbound, routing, overflows, gated = false } = RAW_PROTOCOLS[name];
    const receiveQueue = inbound === undefined
      ? undefined
      : new ReceiveQueue<RawMessage, RawMessage>({
        receiveBuffer: rest.receiveBuffer ?? DEFAULT_RECEIVE_BUFFER,
        receiveTimeout: rest.receiveTimeout ?? Infinity,
        size: ({ header, body }) => header.length + body.length,
        take: unchanged,
        gated,
      });
    const route = routing?.(overflow);
    const onSend = route?.onSend ?? unchanged;
    const sendQueue = route === undefined
      ? undefined
      : new SendQueue<RawMessageLike, RawMessage<Uint8Array>>({
        router: route.router,
        prepare: (message) => onSend(toRawMessage(message)),
        keep: keepRaw,
        sendTimeout: rest.sendTimeout ?? Infinity,
      });
    super({
      id,
      ...(receiveQueue && { receiveQueue }),
      ...(sendQueue && { sendQueue }),
      ...(inbound && { inbound: (pipe) => inbound(pipe, ttl) }),
      // Answers are still to be sent when all questions are handed out.
      ...(gated && { drain: () => drainQuestions(receiveQueue!, sendQueue!) }),
      ...(route?.onOpen && { opened: ({ lose }) => route.onOpen?.(lose) }),
    }, {
      ...rest,
      ...(overflows && { sendBuffer: rest.sendBuffer ?? DEFAULT_BROADCAST_BUFFER }),
    });
    this.protocol = id;
    this.#receiveQueue = receiveQueue;
    this.#sendQueue = sendQueue;
    this.#closeWithFaces();
  }

  /** The messages that come, as a stream. */
  get readable(): Name extends "pub" | "push" | "source" ? never : ReadableStream<RawMessage> {
    return this.#in().readable as ReturnType<() => typeof this.readable>;
  }

  /** Messages to send, as a stream. */
  get writable(): Name extends "pull" | "sink" | "sub" ? never : WritableStream<RawMessageLike> {
    return this.#out().writable as ReturnType<() => typeof this.writable>;
  }

  /**
   * Takes the next message.
   *
   * @param options A signal that ends the wait.
   * @throws {SPError} `ECLOSED`, `ENOTSUP` for a protocol that only sends, `ETIMEDOUT`; or the signal's reason.
   */
  receive(options?: WaitOptions): Promise<RawMessage> {
    return this.#in().receive(options);
  }

  /**
   * Takes all messages that have come, in order, up to 4,096; waits for the first.
   *
   * @param options A signal that ends the wait.
   * @throws {SPError} As `receive`.
   */
  receiveBatch(options?: WaitOptions): Promise<RawMessage[]> {
    return this.#in().receiveBatch(options);
  }

  /** Takes message after message, each with who has sent it. */
  messages(): AsyncIterableIterator<ReceivedMessage<RawMessage>> {
    return this.#in().messages();
  }

  /** Takes message after message until the socket is closed. Leaving the loop leaves the socket open. */
  [Symbol.asyncIterator](): AsyncIterableIterator<RawMessage> {
    return this.#in().iterate();
  }

  /**
   * Sends one message. Resolves when it has a place in a queue.
   *
   * @param message Body and header; the header as its protocol wants it.
   * @param options A signal that ends the wait for a place.
   * @throws {SPError} `ECLOSED`, `EINVAL`, `ENOTSUP` for a protocol that only receives, `ETIMEDOUT`; or the signal's
   * reason.
   */
  send(message: RawMessageLike, options?: WaitOptions): Promise<void> {
    return this.#out().send(message, options);
  }

  #in(): ReceiveQueue<RawMessage, RawMessage> {
    if (this.#receiveQueue !== undefined) return this.#receiveQueue;
    throw new SPError("ENOTSUP", `A ${this.protocol.name} socket only sends`);
  }

  #out(): SendQueue<RawMessageLike, RawMessage<Uint8Array>> {
    if (this.#sendQueue !== undefined) return this.#sendQueue;
    throw new SPError("ENOTSUP", `A ${this.protocol.name} socket only receives`);
  }

  /** When every stream that it has was ended, so is the socket. */
  #closeWithFaces(): void {
    let left = (this.#receiveQueue ? 1 : 0) + (this.#sendQueue ? 1 : 0);
    const end = (): unknown => --left > 0 ? undefined : this.close();
    this.#receiveQueue?.onCancel(end);
    this.#sendQueue?.onEnd(end);
  }
}

async function drainQuestions(
  receiveQueue: ReceiveQueue<RawMessage, RawMessage>,
  sendQueue: SendQueue<RawMessageLike, RawMessage<Uint8Array>>,
): Promise<void> {
  receiveQueue.stop();
  await receiveQueue.emptied();
  await sendQueue.drained();
}

function toRawMessage(message: RawMessageLike): RawMessage<Uint8Array> {
  if (typeof message !== "object" || message === null || !("body" in message)) {
    const expected = "expected { header, body } on a raw socket";
    throw new SPError("EINVAL", `Cannot send ${describe(message)}: ${expected}`);
  }
  const { header = EMPTY, body } = message;
  return { header: toBytes(header), body: toBytes(body) };
}

const EMPTY = new Uint8Array(0);
