import { PrefixTrie } from "../../src/base/prefix_trie.ts";
import { SPError } from "../../src/base/errors.ts";
import { oneOf, type Rule, type Rules } from "../../src/base/rules.ts";
import type { TransformController, Transformer } from "../../src/contracts/transformer.ts";
import { describe, type MessageLike, toBytes } from "../../src/memory/message.ts";
import type { Pipe } from "../../src/pipes/pipe.ts";
import type { Overflow } from "../../src/pipes/routing.ts";
import { DEFAULT_BROADCAST_BUFFER, ReceiveSocket, SendSocket } from "../../src/socket/socket.ts";
import {
  checkZmtpOptions,
  LIMIT,
  ZMTP_RECEIVE_RULES,
  ZMTP_SEND_RULES,
  type ZmtpOptions,
  type ZmtpReceiveOptions,
  type ZmtpSendOptions,
} from "../options.ts";
import { coreOptions, zmtpProtocol } from "../protocol.ts";
import { type Frames, type FramesLike, sizeOfFrames } from "../wire/frames.ts";
import { framesIn, framesOut, Teller } from "./queues.ts";
import { Publisher } from "./publisher.ts";
import { keyOf } from "./routing_ids.ts";

/** Options of {@linkcode Pub}. */
export interface PubOptions extends ZmtpOptions, ZmtpSendOptions {
  /**
   * What to do about a subscriber whose queue is full; default `"drop-oldest"`. `"block"` has `send` wait, as ZeroMQ's `noDrop`.
   */
  overflow?: Overflow;
  /**
   * How much memory the subscriptions of one peer may take, in bytes, each counting 128 more; default 16 MiB. A peer that subscribes to more
   * is closed.
   */
  subscriptionBuffer?: number;
}

/** Options of {@linkcode Sub}. */
export interface SubOptions extends ZmtpOptions, ZmtpReceiveOptions {
  /** Prefixes to begin with, as by `subscribe`: one, or several. `""` is everything. */
  subscribe?: MessageLike | readonly MessageLike[];
}

/** Rules of a publisher's options. */
export const PUBLISHER_RULES: Rules = {
  ...ZMTP_SEND_RULES,
  overflow: oneOf("drop-oldest", "drop-newest", "block"),
  subscriptionBuffer: LIMIT,
};

/**
 * PUB: sends each message to those subscribers that want it (RFC 29).
 *
 * A message is for a peer if its first frame begins with something that the peer has subscribed to. What nobody wants is sent to nobody: a
 * subscriber gets what is sent after its subscription has come here, so wait for `peers`, and then for what it says.
 *
 * @example
 * ```ts
 * import { Pub, Sub } from "@nanostreams/nanostreams/zmtp";
 *
 * await using pub = new Pub();
 * const { address } = await pub.bind("tcp://127.0.0.1:0");
 * await using sub = new Sub({ subscribe: "weather" });
 * sub.connect(address);
 * await pub.subscribed("weather");
 * await pub.send(["sport", "2:1"]);
 * await pub.send(["weather", "rain"]);
 * const [topic, news] = await sub.receive();
 * console.log(new TextDecoder().decode(news)); // "rain"
 * ```
 */
export class Pub extends SendSocket<FramesLike> {
  readonly #publisher: Publisher;

  /**
   * Makes a PUB socket; `bind` and `connect` give it peers.
   *
   * @param options Of the socket, its queues out and their overflow.
   * @throws {SPError} `EINVAL` if an option is unknown or wrong.
   */
  constructor(options: PubOptions = {}) {
    checkZmtpOptions("pub", options, PUBLISHER_RULES);
    const publisher = new Publisher(options);
    const { sendBuffer = DEFAULT_BROADCAST_BUFFER } = options;
    const teller = new Teller();
    super({
      id: zmtpProtocol("PUB", options),
      sendQueue: framesOut(publisher, options, () => teller.waits(true)),
      opened: teller.opened,
      inbound: (pipe) => ({
        transform: (message: Frames, controller) => {
          const [first] = message as [Uint8Array<ArrayBuffer>];
          if (message.length > 1 || !publisher.take(pipe, first, controller)) pipe.drop("unwanted");
        },
      }),
      close: (reason) => publisher.close(reason),
    }, { ...coreOptions(options), sendBuffer });
    this.#publisher = publisher;
  }

  /**
   * Resolves once a peer has subscribed to a prefix, or has before: what is sent then reaches it.
   *
   * @param prefix Text (as UTF-8) or bytes, as the peer subscribes to it.
   * @param options A signal and a time that end the wait.
   * @throws {SPError} `ECLOSED`, `ETIMEDOUT` after `timeout`; or the signal's reason.
   */
  subscribed(
    prefix: MessageLike,
    options: { signal?: AbortSignal | undefined; timeout?: number | undefined } = {},
  ): Promise<void> {
    return this.#publisher.subscribed(toBytes(prefix), options);
  }

  /**
   * Resolves once so many peers have subscribed, each to something or other: what is sent before goes to fewer.
   *
   * @param count How many.
   * @param options A signal and a time that end the wait.
   * @throws {SPError} `ECLOSED`, `EINVAL`, `ETIMEDOUT` after `timeout`; or the signal's reason.
   */
  subscribers(
    count: number,
    options: { signal?: AbortSignal | undefined; timeout?: number | undefined } = {},
  ): Promise<void> {
    return this.#publisher.subscribers(count, options);
  }
}

/**
 * SUB: takes what PUB sends, as far as its first frame begins with a prefix that was subscribed to (RFC 29).
 *
 * Publishers are told of subscriptions, also those that come later, and send nothing else. Without a subscription nothing comes. When more
 * than `receiveBuffer` bytes wait for the reader, the publishers are pushed back, and then drop by their own policy.
 *
 * See {@linkcode Pub} for an example.
 */
export class Sub extends ReceiveSocket<Frames> {
  readonly #prefixes: PrefixTrie;
  readonly #counts: Map<string, { readonly prefix: Uint8Array; count: number }>;
  readonly #tell: (type: "cancel" | "subscribe", prefix: Uint8Array) => void;
  readonly #purge: () => void;

  /**
   * Makes a SUB socket; `bind` and `connect` give it peers.
   *
   * @param options Of the socket and its queue in, and the first subscriptions.
   * @throws {SPError} `EINVAL` if an option is unknown or wrong.
   */
  constructor(options: SubOptions = {}) {
    checkZmtpOptions("sub", options, ZMTP_RECEIVE_RULES, { subscribe: PREFIXES });
    const { subscribe = [], ...rest } = options;
    const trie = new PrefixTrie();
    const counts: Map<string, { readonly prefix: Uint8Array; count: number }> = new Map();
    const publishers: Set<Pipe> = new Set();
    // A message handed to the stream ahead of its reader could not be taken back by `unsubscribe`.
    const receiveQueue = framesIn(rest, { prefetch: false });
    const teller = new Teller();
    super({
      id: zmtpProtocol("SUB", rest),
      receiveQueue,
      inbound: (pipe) => new SubscriptionFilter(trie, pipe),
      opened: teller.opened,
      attach: (pipe) => {
        publishers.add(pipe);
        for (const { prefix } of counts.values()) pipe.say({ type: "subscribe", prefix });
      },
      detach: (pipe) => {
        publishers.delete(pipe);
      },
    }, coreOptions(rest));
    this.#prefixes = trie;
    this.#counts = counts;
    this.#tell = (type, prefix) => {
      for (const pipe of publishers) pipe.say({ type, prefix });
    };
    this.#purge = () => {
      teller.lose("unsubscribed", receiveQueue.purge(([first]) => trie.matches(first!)));
    };
    for (const prefix of prefixes(subscribe)) this.subscribe(prefix);
  }

  /**
   * From now on takes messages that begin with this prefix. Each call is to be taken back by one of `unsubscribe`.
   *
   * @param prefix Text (as UTF-8) or bytes; `""` for everything.
   * @throws {SPError} `EINVAL` if it is neither.
   */
  subscribe(prefix: MessageLike): void {
    const bytes = new Uint8Array(toBytes(prefix));
    const key = keyOf(bytes);
    const known = this.#counts.get(key);
    if (known !== undefined) {
      known.count++;
      return;
    }
    this.#counts.set(key, { prefix: bytes, count: 1 });
    this.#prefixes.add(bytes);
    this.#tell("subscribe", bytes);
  }

  /**
   * Takes a subscription back. With the last of a prefix the publishers are told, and the messages are dropped that wait for the reader and
   * match no other.
   *
   * @param prefix As it was subscribed to.
   * @throws {SPError} `EINVAL` if it was not.
   */
  unsubscribe(prefix: MessageLike): void {
    const key = keyOf(toBytes(prefix));
    const known = this.#counts.get(key);
    if (known === undefined) {
      throw new SPError("EINVAL", `Cannot unsubscribe from ${describe(prefix)}: not subscribed to`);
    }
    if (--known.count > 0) return;
    this.#counts.delete(key);
    this.#prefixes.delete(known.prefix);
    this.#tell("cancel", known.prefix);
    this.#purge();
  }
}

/** Passes on the messages of a peer whose first frame begins with one of the prefixes: some are on their way when a subscription ends. */
class SubscriptionFilter implements Transformer<Frames, Frames> {
  readonly #prefixes: PrefixTrie;
  readonly #pipe: Pipe;

  constructor(prefixes: PrefixTrie, pipe: Pipe) {
    this.#prefixes = prefixes;
    this.#pipe = pipe;
  }

  transform(message: Frames, controller: TransformController<Frames>): void {
    if (this.#prefixes.matches(message[0]!)) controller.enqueue(message);
    else this.#pipe.filtered(sizeOfFrames(message));
  }
}

function prefixes(option: MessageLike | readonly MessageLike[]): readonly MessageLike[] {
  return Array.isArray(option) ? option : [option as MessageLike];
}

const PREFIXES: Rule = (value) => {
  try {
    prefixes(value as MessageLike).forEach(toBytes);
    return undefined;
  } catch {
    return "a prefix or an array of prefixes, each a string or bytes";
  }
};
