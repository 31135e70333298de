import { PrefixTrie } from "../../src/base/prefix_trie.ts";
import { SPError } from "../../src/base/errors.ts";
import { checkOptions } from "../../src/surface/options.ts";
import { RESOLVED, WAIT_RULES, Waiter, type WaitOptions } from "../../src/base/wait.ts";
import type { Pipe } from "../../src/pipes/pipe.ts";
import { Broadcast, type Overflow, type Router } from "../../src/pipes/routing.ts";
import type { TransformController } from "../../src/contracts/transformer.ts";
import { firstFrame, type OutgoingFrames } from "../wire/frames.ts";
import { keyOf } from "./routing_ids.ts";

/** What a subscription costs besides its bytes. */
const SUBSCRIPTION_OVERHEAD = 128;

/** How much memory the subscriptions of one peer may take, in bytes, unless told otherwise. */
const DEFAULT_SUBSCRIPTION_BUFFER = 16 * 1024 * 1024;

/** What a publisher is told of its socket. */
export interface PublisherOptions {
  readonly overflow?: Overflow;
  readonly subscriptionBuffer?: number;
}

/** One who waits for subscriptions. */
interface Awaited {
  readonly isMet: () => boolean;
  readonly waiter: Waiter<void>;
}

/** What one peer has subscribed to. */
interface Subscriber {
  readonly prefixes: PrefixTrie;
  /** The same one by one, as they were said: by what can be looked up. */
  readonly said: Map<string, Uint8Array<ArrayBuffer>>;
  /** Bytes that they take. */
  cost: number;
}

/** What PUB and XPUB have in common: each message goes to those peers that have subscribed to what its first frame begins with. */
export class Publisher implements Router<OutgoingFrames> {
  readonly #broadcast: Broadcast;
  readonly #limit: number;
  readonly #subscribers: Map<Pipe, Subscriber> = new Map();
  /** How many peers have subscribed to each prefix. */
  readonly #counts: Map<string, number> = new Map();
  readonly #awaited: Set<Awaited> = new Set();
  /** The first frame of the message that is being sent. */
  #topic: Uint8Array = new Uint8Array(0);

  /** @param options Of the socket. */
  constructor({ overflow, subscriptionBuffer }: PublisherOptions) {
    this.#broadcast = new Broadcast(overflow ?? "drop-oldest");
    this.#limit = subscriptionBuffer ?? DEFAULT_SUBSCRIPTION_BUFFER;
  }

  get pending(): number {
    return 0;
  }

  attach(pipe: Pipe): void {
    this.#broadcast.attach(pipe);
    this.#subscribers.set(pipe, { prefixes: new PrefixTrie(), said: new Map(), cost: 0 });
  }

  detach(pipe: Pipe): void {
    this.#broadcast.detach(pipe);
    for (const key of this.#subscribers.get(pipe)?.said.keys() ?? []) this.#count(key, -1);
    this.#subscribers.delete(pipe);
  }

  ready(_pipe: Pipe): void {}

  send(message: OutgoingFrames): boolean {
    this.#topic = firstFrame(message);
    return this.#broadcast.sendExcept(message, undefined, this.#wants);
  }

  /** The subscriptions of a peer that no other has, each as it was said. */
  onlyOf(pipe: Pipe): Uint8Array<ArrayBuffer>[] {
    const { said } = this.#subscribers.get(pipe) ?? {};
    return [...said ?? []].filter(([key]) => this.#counts.get(key) === 1).map(([, said]) => said);
  }

  /** How many peers have subscribed to a prefix. */
  countOf(prefix: Uint8Array): number {
    return this.#counts.get(keyOf(prefix)) ?? 0;
  }

  /**
   * Takes a subscription, or its end: a byte 1 or 0, then the prefix. The same one twice is the same as once: a peer that has subscribed
   * twice takes it back once, for all (RFC 29 says otherwise, and libzmq does so).
   *
   * @returns Whether it is one.
   */
  take(
    pipe: Pipe,
    said: Uint8Array<ArrayBuffer>,
    controller: TransformController<never>,
  ): boolean {
    if (said.length === 0 || said[0]! > 1) return false;
    const subscriber = this.#subscribers.get(pipe);
    if (subscriber === undefined) return true;
    const key = keyOf(said.subarray(1));
    const known = subscriber.said.get(key);
    if (said[0] === 0) {
      if (known === undefined) return true;
      subscriber.said.delete(key);
      this.#count(key, -1);
      subscriber.prefixes.delete(known.subarray(1));
      subscriber.cost -= known.length + SUBSCRIPTION_OVERHEAD;
    } else if (known === undefined) {
      subscriber.cost += said.length + SUBSCRIPTION_OVERHEAD;
      if (subscriber.cost > this.#limit) {
        controller.error(tooMany(subscriber.said.size, this.#limit));
        return true;
      }
      const kept = new Uint8Array(said);
      subscriber.said.set(key, kept);
      subscriber.prefixes.add(kept.subarray(1));
      this.#count(key, 1);
    }
    return true;
  }

  /** Resolves once a peer has subscribed to a prefix. */
  subscribed(prefix: Uint8Array, options: WaitOptions): Promise<void> {
    const key = keyOf(prefix);
    return this.#wait("subscribed", () => this.#counts.has(key), options);
  }

  /** Resolves once so many peers have subscribed to something. */
  subscribers(count: number, options: WaitOptions): Promise<void> {
    return this.#wait("subscribers", () => this.#subscriberCount() >= count, options);
  }

  #wait(name: string, isMet: () => boolean, options: WaitOptions): Promise<void> {
    try {
      checkOptions(`the options of ${name}`, options, WAIT_RULES);
      options.signal?.throwIfAborted();
    } catch (error) {
      return Promise.reject(error);
    }
    if (isMet()) return RESOLVED;
    const { signal, timeout = Infinity } = options;
    const awaited: Awaited = {
      isMet,
      waiter: new Waiter<void>(signal, () => this.#awaited.delete(awaited)),
    };
    this.#awaited.add(awaited);
    return awaited.waiter.limit(timeout, "wait for a subscription").promise;
  }

  #subscriberCount(): number {
    let count = 0;
    for (const { said } of this.#subscribers.values()) if (said.size > 0) count++;
    return count;
  }

  /** The socket is closed. */
  close(reason: unknown): void {
    for (const { waiter } of this.#awaited) waiter.cancel(reason);
    this.#awaited.clear();
  }

  readonly #wants = (pipe: Pipe): boolean =>
    this.#subscribers.get(pipe)!.prefixes.matches(this.#topic);

  #count(key: string, change: 1 | -1): void {
    const count = (this.#counts.get(key) ?? 0) + change;
    if (count > 0) this.#counts.set(key, count);
    else this.#counts.delete(key);
    if (change < 0) return;
    for (const awaited of this.#awaited) {
      if (!awaited.isMet()) continue;
      this.#awaited.delete(awaited);
      awaited.waiter.resolve();
    }
  }
}

function tooMany(count: number, limit: number): SPError {
  const what = `The peer has subscribed to more than ${count} prefixes`;
  return new SPError(
    "EMSGSIZE",
    `${what}, which take more than subscriptionBuffer, ${limit} bytes`,
  );
}
