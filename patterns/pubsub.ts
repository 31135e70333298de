import { SPError } from "../src/base/errors.ts";
import { describe, type MessageLike } from "../src/memory/message.ts";
import {
  checkOptions,
  RECEIVE_RULES,
  type ReceiveOptions,
  SEND_RULES,
  type SendOptions,
  type SocketOptions,
  socketRules,
} from "../src/surface/options.ts";
import type { Codec } from "../src/contracts/codec.ts";
import { CODEC, prefixOf } from "../src/surface/codec.ts";
import { Sieve } from "../src/memory/sieve.ts";
import type { Pipe } from "../src/pipes/pipe.ts";
import type { ProtocolHost } from "../src/contracts/protocol.ts";
import { Broadcast, type Overflow } from "../src/pipes/routing.ts";
import { DEFAULT_BROADCAST_BUFFER, ReceiveSocket, SendSocket } from "../src/socket/socket.ts";
import type { TransformController, Transformer } from "../src/contracts/transformer.ts";
import { OVERFLOW, plainReceiveQueue, plainSendQueue } from "./plain_queues.ts";
import { PrefixTrie } from "../src/base/prefix_trie.ts";
import { orSeveral } from "../src/base/rules.ts";
import { MESSAGE } from "../src/surface/message_rule.ts";
import { PUB, SUB } from "./protocols.ts";

/**
 * Options of {@linkcode Pub}.
 *
 * @typeParam Chunk What it takes as a message: what the codec encodes.
 */
export interface PubOptions<Chunk = MessageLike> extends SocketOptions, SendOptions {
  /** Makes messages of what is sent; without it, that is text, bytes or a view of bytes. */
  codec?: Codec<unknown, Chunk>;
  /** What to do about a subscriber whose queue is full; default `"drop-oldest"`. */
  overflow?: Overflow;
}

/**
 * Options of {@linkcode Sub}.
 *
 * @typeParam Message What it hands out: what the codec decodes.
 */
export interface SubOptions<Message = Uint8Array<ArrayBuffer>>
  extends SocketOptions, ReceiveOptions {
  /** Makes what is handed out of messages; without it, that is their bytes. What it cannot decode is dropped, as `malformed`. */
  codec?: Codec<Message, never>;
  /** Prefixes to begin with, as by `subscribe`: one, or several. `""` is everything. */
  subscribe?: MessageLike | readonly MessageLike[];
}

/**
 * PUB: sends each message to every subscriber.
 *
 * Filtering is the subscribers' part; every message goes to everybody who is connected, and with
 * nobody connected nowhere. Each subscriber has its own queue of `sendBuffer` bytes; what happens to one who is
 * slow is the option `overflow`, and what was dropped is counted for each, and told as events.
 *
 * @example
 * ```ts
 * import { Pub, Sub } from "@nanostreams/nanostreams";
 *
 * await using pub = new Pub();
 * const { address } = await pub.bind("tcp://127.0.0.1:0");
 * await using sub = new Sub({ subscribe: "weather" });
 * sub.connect(address);
 * await pub.peers(1);
 * await pub.send("sport: 2:1");
 * await pub.send("weather: rain");
 * console.log(new TextDecoder().decode(await sub.receive())); // "weather: rain"
 * ```
 *
 * @typeParam Chunk What it takes as a message; with a `codec`, what that encodes.
 */
export class Pub<Chunk = MessageLike> extends SendSocket<Chunk> {
  /**
   * Makes a PUB socket; `bind` and `connect` give it peers.
   *
   * @param options Of the socket, its queues out and their overflow.
   * @throws {SPError} `EINVAL` if an option is unknown or wrong.
   */
  constructor(options: PubOptions<Chunk> = {}) {
    checkOptions("the options of pub", options, {
      ...socketRules(),
      ...SEND_RULES,
      codec: CODEC,
      overflow: OVERFLOW,
    });
    const { overflow = "drop-oldest", sendBuffer = DEFAULT_BROADCAST_BUFFER, ...rest } = options;
    const sendQueue = plainSendQueue(new Broadcast(overflow), rest);
    super({ id: PUB, sendQueue }, { ...rest, sendBuffer });
  }
}

/**
 * SUB: takes what PUB sends, as far as it begins with a prefix that was subscribed to.
 *
 * Without a subscription nothing comes. A message that several prefixes match comes once. When
 * more than `receiveBuffer` bytes wait for the reader, the publishers are pushed back, and then drop by their own policy.
 *
 * See {@linkcode Pub} for an example.
 *
 * @typeParam Message What it hands out; with a `codec`, what that decodes.
 */
export class Sub<Message = Uint8Array<ArrayBuffer>> extends ReceiveSocket<Message> {
  readonly #prefixes: PrefixTrie;
  readonly #codec: Codec<Message, never> | undefined;
  readonly #purge: () => void;

  /**
   * Makes a SUB socket; `bind` and `connect` give it peers.
   *
   * @param options Of the socket and its queue in, and the first subscriptions.
   * @throws {SPError} `EINVAL` if an option is unknown or wrong.
   */
  constructor(options: SubOptions<Message> = {}) {
    checkOptions("the options of sub", options, {
      ...socketRules(),
      ...RECEIVE_RULES,
      codec: CODEC,
      subscribe: orSeveral(MESSAGE),
    });
    const { subscribe = [], ...rest } = options;
    const trie = new PrefixTrie();
    // A message handed to the stream ahead of its reader could not be taken back by `unsubscribe`.
    const receiveQueue = plainReceiveQueue(rest, { prefetch: false });
    let host: ProtocolHost | undefined;
    super({
      id: SUB,
      receiveQueue,
      inbound: (pipe) => new SubscriptionFilter(trie, pipe),
      opened: (given) => host = given,
    }, rest);
    this.#prefixes = trie;
    this.#codec = rest.codec;
    this.#purge = () => {
      const purged = receiveQueue.purge((message) => trie.matches(message));
      host?.lose("unsubscribed", purged);
    };
    for (const prefix of [subscribe].flat()) this.subscribe(prefix);
  }

  /**
   * From now on takes messages that begin with this prefix. The same prefix twice is the same as once.
   *
   * @param prefix Text (as UTF-8) or bytes; `""` for everything. A `codec` may make a whole topic of text.
   * @throws {SPError} `EINVAL` if it is neither.
   */
  subscribe(prefix: MessageLike): void {
    this.#prefixes.add(prefixOf(this.#codec, prefix));
  }

  /**
   * Takes a subscription back, with the messages that wait for the reader and match no other.
   *
   * @param prefix As it was subscribed to.
   * @throws {SPError} `EINVAL` if it was not.
   */
  unsubscribe(prefix: MessageLike): void {
    if (!this.#prefixes.delete(prefixOf(this.#codec, prefix))) {
      throw new SPError("EINVAL", `Cannot unsubscribe from ${describe(prefix)}: not subscribed to`);
    }
    this.#purge();
  }
}

/** Passes on the messages of a peer that begin with one of the prefixes. */
class SubscriptionFilter implements Transformer<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  readonly #prefixes: PrefixTrie;
  readonly #pipe: Pipe;
  readonly #sieve: Sieve = new Sieve();

  constructor(prefixes: PrefixTrie, pipe: Pipe) {
    this.#prefixes = prefixes;
    this.#pipe = pipe;
  }

  transform(
    message: Uint8Array<ArrayBuffer>,
    controller: TransformController<Uint8Array<ArrayBuffer>>,
  ): void {
    if (this.#prefixes.matches(message)) return controller.enqueue(this.#sieve.keep(message));
    this.#sieve.skip(message.length);
    this.#pipe.filtered(message.length);
  }
}
