import { PrefixTrie } from "../../src/base/prefix_trie.ts";
import { SPError } from "../../src/base/errors.ts";
import { BYTES, oneOf, orSeveral, type Rules } from "../../src/base/rules.ts";
import type { TransformController, Transformer } from "../../src/contracts/transformer.ts";
import { describe, type MessageLike, toBytes } from "../../src/memory/message.ts";
import { Sieve } from "../../src/memory/sieve.ts";
import type { Pipe } from "../../src/pipes/pipe.ts";
import type { Overflow } from "../../src/pipes/routing.ts";
import { DEFAULT_BROADCAST_BUFFER, ReceiveSocket, SendSocket } from "../../src/socket/socket.ts";
import {
  checkZmtpOptions,
  ZMTP_RECEIVE_RULES,
  ZMTP_SEND_RULES,
  type ZmtpOptions,
  type ZmtpReceiveOptions,
  type ZmtpSendOptions,
} from "../options.ts";
import { MESSAGE } from "../../src/surface/message_rule.ts";
import { coreOptions, zmtpProtocol } from "../protocol.ts";
import { type Frames, type FramesLike, sizeOfFrames } from "../wire/frames.ts";
import { framesIn, framesOut, Teller } from "./queues.ts";
import { Publisher } from "./publisher.ts";
import { keyOf } from "./routing_ids.ts";

/** Options of {@linkcode Pub}. */
export interface PubOptions extends ZmtpOptions, ZmtpSendOptions {
  /**
   * What happens when a subscriber's queue is full. `"drop-oldest"` (the default) and `"drop-newest"` drop a message for that subscriber,
   * and count it; with `"block"`, ZeroMQ's `noDrop`, `send` waits.
   */
  overflow?: Overflow;
  /**
   * How much memory the subscriptions of one peer may take, in bytes; default 16 MiB. Each counts twice its bytes (the prefix and one more), and 256. A peer that
   * subscribes to more is disconnected, with `EMSGSIZE`.
   */
  subscriptionBuffer?: number;
}

/** Options of {@linkcode Sub}. */
export interface SubOptions extends ZmtpOptions, ZmtpReceiveOptions {
  /** Prefixes to subscribe to from the start, one or several; default none. `""` is everything. */
  subscribe?: MessageLike | readonly MessageLike[];
}

/** Rules of a publisher's options. */
export const PUBLISHER_RULES: Rules = {
  ...ZMTP_SEND_RULES,
  overflow: oneOf("drop-oldest", "drop-newest", "block"),
  subscriptionBuffer: BYTES,
};

/**
 * PUB: sends each message to the subscribers that want it (RFC 29).
 *
 * A subscriber wants a message if the first frame begins with a prefix that it has subscribed to. A message that nobody wants goes nowhere.
 * A new subscriber gets what is sent after its subscription has arrived here; `subscribed` waits for that.
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
    const sendQueue = framesOut(publisher, options, () => teller.waits(true));
    super({
      id: zmtpProtocol("PUB", options),
      sendQueue,
      opened: teller.opened,
      inbound: (pipe) => ({
        transform: (message: Frames, controller) => {
          const [first] = message as [Uint8Array<ArrayBuffer>];
          const change = publisher.take(pipe, first, controller);
          if (change === undefined || message.length > 1) pipe.drop("unwanted");
          // What waits for this peer may have been for nobody else.
          if (change !== undefined && first[0] === 0) sendQueue.pump();
        },
      }),
      close: (reason) => publisher.close(reason),
    }, { ...coreOptions(options), sendBuffer });
    this.#publisher = publisher;
  }

  /**
   * Resolves once a peer has subscribed to exactly this prefix; at once if one has already. What is sent then reaches that peer.
   *
   * @param prefix Text (as UTF-8) or bytes.
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
 * SUB: receives the messages of publishers whose first frame begins with a prefix that it has subscribed to (RFC 29).
 *
 * All publishers, also those that come later, are told of the subscriptions, and send nothing else. Without a subscription nothing comes.
 * When more than `receiveBuffer` bytes wait for the reader, the publishers are pushed back; they drop or wait, as their own `overflow` says.
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
    checkZmtpOptions("sub", options, ZMTP_RECEIVE_RULES, { subscribe: orSeveral(MESSAGE) });
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
    this.subscribe(...[subscribe].flat());
  }

  /**
   * From now on takes messages that begin with one of these prefixes. Each is to be taken back by `unsubscribe` as often as it was given.
   *
   * @param prefixes Text (as UTF-8) or bytes; `""` for everything.
   * @throws {SPError} `EINVAL` if one is neither; then none is subscribed to.
   */
  subscribe(...prefixes: MessageLike[]): void {
    for (const prefix of prefixes.map((prefix) => new Uint8Array(toBytes(prefix)))) {
      const key = keyOf(prefix);
      const known = this.#counts.get(key);
      if (known !== undefined) known.count++;
      else {
        this.#counts.set(key, { prefix, count: 1 });
        this.#prefixes.add(prefix);
        this.#tell("subscribe", prefix);
      }
    }
  }

  /**
   * Takes subscriptions back. With the last of a prefix the publishers are told, and the messages are dropped that wait for the reader and
   * match no other.
   *
   * @param prefixes As they were subscribed to.
   * @throws {SPError} `EINVAL` at one that was not; those before it are taken back.
   */
  unsubscribe(...prefixes: MessageLike[]): void {
    for (const prefix of prefixes) this.#unsubscribe(prefix);
  }

  #unsubscribe(prefix: MessageLike): void {
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
  readonly #sieve: Sieve = new Sieve();

  constructor(prefixes: PrefixTrie, pipe: Pipe) {
    this.#prefixes = prefixes;
    this.#pipe = pipe;
  }

  transform(message: Frames, controller: TransformController<Frames>): void {
    if (this.#prefixes.matches(message[0]!)) {
      for (let i = 0; i < message.length; i++) message[i] = this.#sieve.keep(message[i]!);
      return controller.enqueue(message);
    }
    const size = sizeOfFrames(message);
    this.#sieve.skip(size);
    this.#pipe.filtered(size);
  }
}
