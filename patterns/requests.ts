import { closedError, SPError } from "../src/errors.ts";
import type { RawMessage } from "../src/message.ts";
import { disown } from "../src/owned.ts";
import type { Pipe } from "../src/pipe.ts";
import { Ring } from "../src/ring.ts";
import { Balance, type Router } from "../src/routing.ts";
import type { TransformController, Transformer } from "../src/transformer.ts";
import { LONGEST_TIMER } from "../src/wait.ts";
import { malformed, readWord } from "./backtrace.ts";

/** A request on its way, until it is answered or given up. */
export interface Exchange {
  /** Its id, with the high bit set. */
  readonly id: number;
  /** The request, behind its id. */
  readonly message: RawMessage;
  /** The answer has come. */
  answer(reply: Uint8Array): void;
  /** No answer will come. */
  fail(reason: unknown): void;
}

interface Sent {
  readonly exchange: Exchange;
  pipe: Pipe;
  at: number;
}

/** How requests are sent, and sent again. */
export interface RequestsOptions {
  /** After how many milliseconds without an answer a request is sent again; Infinity for never. */
  readonly resendInterval: number;
  /** Whether a request fails when there is no peer, and when the last one goes. */
  readonly failWithoutPeers: boolean;
  /** Whether `send` waits until a peer has taken the request. */
  readonly ready: boolean;
}

/**
 * The requester's state machine: any number of requests in flight, told apart by id.
 *
 * Each goes to one peer, in turn. It is sent again, to whoever's turn it is, when its peer is lost and when
 * the resend interval has passed. With no peer it is held.
 */
export class Requests implements Router<Exchange> {
  readonly #options: RequestsOptions;
  readonly #balance: Balance = new Balance();
  readonly #peers: Set<Pipe> = new Set();
  /** By id, in the order in which they were sent last. */
  readonly #sent: Map<number, Sent> = new Map();
  readonly #held: Ring<Exchange> = new Ring();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  /** @param options How requests are sent, and sent again. */
  constructor(options: RequestsOptions) {
    this.#options = options;
  }

  get pending(): number {
    return 0;
  }

  attach(pipe: Pipe): void {
    this.#peers.add(pipe);
    this.#balance.attach(pipe);
  }

  detach(pipe: Pipe): void {
    this.#peers.delete(pipe);
    this.#balance.detach(pipe);
  }

  reclaim(pipe: Pipe): void {
    // What it had not been sent yet is sent again with all the rest that it had not answered.
    while (pipe.takeBack() !== undefined);
    for (const [id, { exchange, pipe: carrier }] of this.#sent) {
      if (carrier !== pipe) continue;
      this.#sent.delete(id);
      this.#begin(exchange);
    }
    if (this.#peers.size === 0 && this.#options.failWithoutPeers) this.#failHeld(noPeers());
  }

  ready(pipe: Pipe): void {
    this.#balance.ready(pipe);
  }

  pump(): void {
    let exchange: Exchange | undefined;
    while ((exchange = this.#held.peek()) !== undefined && this.#dispatch(exchange)) {
      this.#held.shift();
    }
  }

  send(exchange: Exchange): boolean {
    if (this.#peers.size === 0 && this.#options.failWithoutPeers) throw noPeers();
    if (this.#held.size === 0 && this.#dispatch(exchange)) return true;
    if (this.#options.ready) return false;
    this.#held.push(exchange);
    return true;
  }

  /** Sends a request, or holds it: whatever `ready` says. */
  start(exchange: Exchange): void {
    if (this.#closed) throw closedError("send a request");
    this.#begin(exchange);
  }

  /** Forgets a request; an answer to it will be late. */
  cancel(exchange: Exchange): void {
    if (!this.#sent.delete(exchange.id)) this.#held.remove(exchange);
  }

  /** Fails every request. Returns how many no peer had yet. */
  close(reason: unknown): number {
    this.#closed = true;
    const held = this.#held.size;
    clearTimeout(this.#timer);
    for (const { exchange } of this.#sent.values()) exchange.fail(reason);
    this.#sent.clear();
    this.#failHeld(reason);
    return held;
  }

  /** The way in of a pipe: answers find their request. */
  inbound(pipe: Pipe): Transformer<Uint8Array, never> {
    return { transform: (message, controller) => this.#answer(pipe, message, controller) };
  }

  #answer(pipe: Pipe, message: Uint8Array, controller: TransformController<never>): void {
    if (message.length < 4 || message[0]! < 0x80) {
      pipe.drop("malformed");
      return controller.error(malformed("reply"));
    }
    const id = readWord(message, 0);
    const sent = this.#sent.get(id);
    if (sent === undefined) return pipe.drop("late");
    this.#sent.delete(id);
    sent.exchange.answer(message.subarray(4));
  }

  /** Sends a request whose turn has come, or holds it. */
  #begin(exchange: Exchange): void {
    if (this.#peers.size === 0 && this.#options.failWithoutPeers) return exchange.fail(noPeers());
    if (this.#held.size > 0 || !this.#dispatch(exchange)) this.#held.push(exchange);
  }

  #failHeld(reason: unknown): void {
    let exchange: Exchange | undefined;
    while ((exchange = this.#held.shift()) !== undefined) exchange.fail(reason);
  }

  #dispatch(exchange: Exchange): boolean {
    // It is kept, to be sent again.
    disown(exchange.message.body);
    const pipe = this.#balance.pick(exchange.message);
    if (pipe === undefined) return false;
    this.#sent.set(exchange.id, { exchange, pipe, at: performance.now() });
    this.#timer ??= this.#arm(this.#options.resendInterval);
    return true;
  }

  #arm(milliseconds: number): ReturnType<typeof setTimeout> | undefined {
    return milliseconds > LONGEST_TIMER ? undefined : setTimeout(this.#resend, milliseconds);
  }

  /** Sends again what has waited for an interval: the first in the map have waited longest. */
  readonly #resend = (): void => {
    this.#timer = undefined;
    const { resendInterval } = this.#options;
    const now = performance.now();
    const overdue: Exchange[] = [];
    for (const { exchange, at } of this.#sent.values()) {
      // Timers may fire up to a millisecond early.
      if (now - at < resendInterval - 1) {
        this.#timer = this.#arm(resendInterval - (now - at));
        break;
      }
      overdue.push(exchange);
    }
    for (const exchange of overdue) {
      this.#sent.delete(exchange.id);
      this.#begin(exchange);
    }
  };
}

function noPeers(): SPError {
  return new SPError("ENOPEERS", "Cannot send a request: nobody is connected");
}
