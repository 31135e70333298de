import { closedError, SPError } from "../src/errors.ts";
import type { RawMessage } from "../src/message.ts";
import { disown } from "../src/owned.ts";
import type { Pipe } from "../src/pipe.ts";
import { Ring } from "../src/ring.ts";
import { Balance, type Router } from "../src/routing.ts";
import type { TransformController, Transformer } from "../src/transformer.ts";
import { LONGEST_TIMER } from "../src/wait.ts";
import { encodeWord, malformed, readWord } from "./backtrace.ts";
import { InFlight } from "./in_flight.ts";

/** A request on its way, until it is answered or given up. */
export abstract class Exchange {
  /** Its id, with the high bit set. */
  readonly id: number;
  /** The request, behind its id; undefined once nobody will ask for it again. */
  message: RawMessage<Uint8Array> | undefined;
  /** Who it was sent to last. */
  pipe: Pipe | undefined;
  /** When that was, as `performance.now` says. */
  sentAt = 0;
  /** Kept by the table of those in flight. */
  next: Exchange | undefined;

  /** @param id With the high bit set. @param body The request. */
  constructor(id: number, body: Uint8Array) {
    this.id = id;
    this.message = { header: encodeWord(id), body };
  }

  /** The answer has come. */
  abstract answer(reply: Uint8Array<ArrayBuffer>): void;
  /** No answer will come. */
  abstract fail(reason: unknown): void;
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
  readonly #inFlight: InFlight<Exchange> = new InFlight();
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
    this.#sendAgain(this.#inFlight.toArray().filter((exchange) => exchange.pipe === pipe));
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

  /** Sends a request whose turn has come, or holds it: whatever `ready` says. */
  start(exchange: Exchange): void {
    if (this.#closed) return exchange.fail(closedError("send a request"));
    if (this.#peers.size === 0 && this.#options.failWithoutPeers) return exchange.fail(noPeers());
    if (this.#held.size > 0 || !this.#dispatch(exchange)) this.#held.push(exchange);
  }

  /** Forgets a request; an answer to it will be late. */
  cancel(exchange: Exchange): void {
    if (this.#inFlight.take(exchange.id) === undefined) this.#held.remove(exchange);
  }

  /** Fails every request. Returns how many no peer had yet. */
  close(reason: unknown): number {
    this.#closed = true;
    const held = this.#held.size;
    clearTimeout(this.#timer);
    // In the place of one that has failed, the next of a stream's may begin.
    for (let all; (all = this.#inFlight.toArray()).length > 0;) {
      for (const { id } of all.sort(byId)) this.#inFlight.take(id)?.fail(reason);
    }
    this.#failHeld(reason);
    return held;
  }

  /** The way in of a pipe: answers find their request. */
  inbound(pipe: Pipe): Transformer<Uint8Array<ArrayBuffer>, never> {
    return { transform: (message, controller) => this.#answer(pipe, message, controller) };
  }

  #answer(
    pipe: Pipe,
    message: Uint8Array<ArrayBuffer>,
    controller: TransformController<never>,
  ): void {
    if (message.length < 4 || message[0]! < 0x80) {
      pipe.drop("malformed");
      return controller.error(malformed("reply"));
    }
    const exchange = this.#inFlight.take(readWord(message, 0));
    if (exchange === undefined) return pipe.drop("late");
    exchange.answer(message.subarray(4));
  }

  #failHeld(reason: unknown): void {
    let exchange: Exchange | undefined;
    while ((exchange = this.#held.shift()) !== undefined) exchange.fail(reason);
  }

  #dispatch(exchange: Exchange): boolean {
    // It is kept, to be sent again.
    const message = exchange.message!;
    disown(message.body);
    const pipe = this.#balance.pick(message);
    if (pipe === undefined) return false;
    exchange.pipe = pipe;
    exchange.sentAt = performance.now();
    this.#inFlight.add(exchange);
    this.#timer ??= this.#arm(this.#options.resendInterval);
    return true;
  }

  #arm(milliseconds: number): ReturnType<typeof setTimeout> | undefined {
    return milliseconds > LONGEST_TIMER ? undefined : setTimeout(this.#resend, milliseconds);
  }

  /** Sends again what has waited for an interval. */
  readonly #resend = (): void => {
    this.#timer = undefined;
    const due = performance.now() - this.#options.resendInterval;
    const overdue: Exchange[] = [];
    let next = Infinity;
    for (const exchange of this.#inFlight.toArray()) {
      const left = exchange.sentAt - due;
      // Timers may fire up to a millisecond early.
      if (left > 1) next = Math.min(next, left);
      else overdue.push(exchange);
    }
    // What is due one after the other is sent together, up to a hundredth late.
    this.#timer = this.#arm(Math.max(next, this.#options.resendInterval / 100));
    this.#sendAgain(overdue);
  };

  /** Sends requests another time, as far as they are still in flight. */
  #sendAgain(exchanges: Exchange[]): void {
    for (const exchange of exchanges.sort(byId)) {
      if (this.#inFlight.take(exchange.id) !== undefined) this.start(exchange);
    }
  }
}

/** The order in which requests began; the number behind an id's high bit wraps around. */
function byId(a: Exchange, b: Exchange): number {
  return (a.id - b.id) << 1;
}

function noPeers(): SPError {
  return new SPError("ENOPEERS", "Cannot send a request: nobody is connected");
}
