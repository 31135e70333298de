import { closedError, SPError } from "../../src/base/errors.ts";
import { disown } from "../../src/memory/owned.ts";
import type { Pipe } from "../../src/pipes/pipe.ts";
import type { ProtocolHost } from "../../src/contracts/protocol.ts";
import { Balance, type Router } from "../../src/pipes/routing.ts";
import type { TransformController, Transformer } from "../../src/contracts/transformer.ts";
import { later, RESOLVED, Waiter } from "../../src/base/wait.ts";
import { isAstray, readWord } from "../backtrace.ts";
import type { Exchange, ResendReason } from "./exchange.ts";
import { InFlight } from "./in_flight.ts";

/** How requests are sent, and sent again. */
export interface RequestsOptions {
  /** After how many milliseconds without an answer a request is sent again; Infinity for never. */
  readonly resendInterval: number;
  /** Whether a request fails when there is no peer, and when the last one goes. */
  readonly failWithoutPeers: boolean;
  /** Whether `send` waits until a peer has taken the request. */
  readonly ready: boolean;
}

/** Lost connections in a row under one request before it waits until it is sent again. */
const BREAKS_BEFORE_REST = 2;
/** Its first wait, which doubles up to the longest, in milliseconds. */
const FIRST_REST = 200;
const LONGEST_REST = 10_000;

/** Puts the peer that has just failed to answer behind all others, however often those have. */
const WORST = Number.MAX_SAFE_INTEGER;

/**
 * The requester's state machine: any number of requests in flight, told apart by id.
 *
 * Each goes to one peer, in turn, and is held while there is none. It is sent again when its peer is lost and when the resend
 * interval has passed: to another peer if there is one, and to one that let requests run out only if no better one has room. Nor
 * to one that has never said anything, once a connection has broken under it.
 *
 * A request may be what its peers hang up at: one that is over their limit, or whose answer is over ours. So a request under
 * which one connection after the other breaks is sent again after a while only, and the others can go on meanwhile.
 */
export class Requests implements Router<Exchange> {
  readonly #options: RequestsOptions;
  readonly #balance: Balance = new Balance();
  readonly #peers: Set<Pipe> = new Set();
  /** How many requests in a row a peer has let run out. */
  readonly #runOuts: Map<Pipe, number> = new Map();
  /** Every request that was sent and is not answered. */
  readonly #inFlight: InFlight<Exchange> = new InFlight();
  /** Requests that wait for a peer with room. */
  readonly #held: Set<Exchange> = new Set();
  #host: ProtocolHost | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #idle: Waiter<void> | undefined;
  #isRefusing = false;

  /** @param options How requests are sent, and sent again. */
  constructor(options: RequestsOptions) {
    this.#options = options;
  }

  get pending(): number {
    return 0;
  }

  /** The socket is made: it counts losses, and tells of requests that are sent again. */
  opened(host: ProtocolHost): void {
    this.#host = host;
  }

  attach(pipe: Pipe): void {
    this.#peers.add(pipe);
    this.#balance.attach(pipe);
  }

  detach(pipe: Pipe): void {
    this.#peers.delete(pipe);
    this.#runOuts.delete(pipe);
    this.#balance.detach(pipe);
  }

  reclaim(pipe: Pipe): void {
    // What it had not been sent yet is sent again with all the rest that it had not answered.
    while (pipe.takeBack() !== undefined);
    const lost: Exchange[] = [];
    for (const exchange of this.#inFlight.toArray()) {
      exchange.others?.delete(pipe);
      if (exchange.pipe !== pipe || this.#held.has(exchange)) continue;
      exchange.breaks++;
      exchange.pipe = undefined;
      lost.push(exchange);
    }
    this.#sendAgain(lost, "peer-lost");
    if (this.#peers.size === 0 && this.#options.failWithoutPeers) {
      for (const exchange of this.#held) this.#fail(exchange, noPeers());
    }
  }

  ready(pipe: Pipe): void {
    this.#balance.ready(pipe);
  }

  pump(): void {
    for (const exchange of this.#held) {
      if (!this.#dispatch(exchange)) return;
      this.#held.delete(exchange);
    }
  }

  send(exchange: Exchange): boolean {
    if (this.#peers.size === 0 && this.#options.failWithoutPeers) throw noPeers();
    if (this.#held.size === 0 && this.#dispatch(exchange)) return true;
    if (this.#options.ready) return false;
    this.#held.add(exchange);
    return true;
  }

  /** Takes no new requests; those that were taken go on. */
  refuse(): void {
    this.#isRefusing = true;
  }

  /** Sends a request whose turn has come, or holds it: whatever `ready` says. */
  start(exchange: Exchange): void {
    if (this.#isRefusing && exchange.attempts === 0) {
      return exchange.cancel(closedError("send a request"));
    }
    if (this.#peers.size === 0 && this.#options.failWithoutPeers) {
      return this.#fail(exchange, noPeers());
    }
    if (this.#held.size > 0 || !this.#dispatch(exchange)) this.#held.add(exchange);
  }

  /** Forgets a request that was not answered in time: the peer that has it is asked after the others, until it answers. */
  expire(exchange: Exchange): void {
    if (!this.#held.has(exchange)) this.#blame(exchange.pipe);
    this.forget(exchange);
  }

  /** Forgets a request; an answer to it will be late. */
  forget(exchange: Exchange): void {
    this.#inFlight.take(exchange.id);
    this.#held.delete(exchange);
    exchange.end();
    this.#checkIdle();
  }

  /** Resolves when every request is answered or given up. */
  answered(): Promise<void> {
    return this.#isIdle() ? RESOLVED : (this.#idle ??= new Waiter()).promise;
  }

  /** Cancels every request. Returns how many no peer had yet. */
  close(reason: unknown): number {
    this.refuse();
    clearTimeout(this.#timer);
    let unsent = 0;
    // In the place of one that has failed, the next of a stream's may begin.
    for (let all; (all = this.#all()).length > 0;) {
      for (const exchange of all) {
        if (exchange.attempts === 0) unsent++;
        this.forget(exchange);
        exchange.cancel(reason);
      }
    }
    return unsent;
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
    if (isAstray(message, "reply", pipe, controller)) return;
    // It answers, if late.
    if (this.#runOuts.size > 0) this.#runOuts.delete(pipe);
    const id = readWord(message, 0);
    const exchange = this.#inFlight.get(id);
    if (exchange === undefined) return pipe.drop("late");
    if (!exchange.wasSentTo(pipe)) return pipe.drop("unasked");
    this.#inFlight.take(id);
    if (this.#held.size > 0) this.#held.delete(exchange);
    exchange.end();
    exchange.pipe = pipe;
    exchange.answer(message.subarray(4));
    if (this.#idle !== undefined) this.#checkIdle();
  }

  /** A peer has let a request run out. */
  #blame(pipe: Pipe | undefined): void {
    if (pipe?.open) this.#runOuts.set(pipe, (this.#runOuts.get(pipe) ?? 0) + 1);
  }

  #fail(exchange: Exchange, reason: unknown): void {
    this.forget(exchange);
    exchange.fail(reason);
  }

  /** Sends a request if a peer has room. */
  #dispatch(exchange: Exchange): boolean {
    const message = exchange.message!;
    if (exchange.isGone) {
      this.#host?.lose("detached", 1);
      const what = "Cannot send a request whose memory is gone: its buffer was detached";
      queueMicrotask(() => this.#fail(exchange, new SPError("EINVAL", what)));
      return true;
    }
    // It is kept, to be sent again.
    if ("body" in message) disown(message.body);
    const pipe = this.#pick(exchange);
    if (pipe === undefined) return false;
    const isFirst = exchange.attempts === 0;
    exchange.sent(pipe);
    if (isFirst) this.#inFlight.add(exchange);
    else this.#tellResent(exchange, pipe);
    this.#timer ??= this.#arm(this.#options.resendInterval);
    return true;
  }

  #pick(exchange: Exchange): Pipe | undefined {
    const message = exchange.message!;
    const last = exchange.pipe;
    const { breaks } = exchange;
    if (last === undefined && this.#runOuts.size === 0 && breaks === 0) {
      return this.#balance.pick(message);
    }
    return this.#balance.pickBest(message, (pipe) => {
      if (pipe === last) return WORST;
      // After a connection broke under this request, prefer peers that have answered before.
      return (this.#runOuts.get(pipe) ?? 0) + (breaks > 0 && pipe.messagesReceived === 0 ? 1 : 0);
    });
  }

  #tellResent({ attempts, reason }: Exchange, { peer }: Pipe): void {
    this.#host?.emit({ type: "request-resent", peer, attempt: attempts, reason: reason! });
  }

  #arm(milliseconds: number): ReturnType<typeof setTimeout> | undefined {
    return later(milliseconds, this.#resend);
  }

  /** Sends again what has waited for an interval. */
  readonly #resend = (): void => {
    this.#timer = undefined;
    const due = performance.now() - this.#options.resendInterval;
    const overdue: Exchange[] = [];
    let next = Infinity;
    for (const exchange of this.#inFlight.toArray()) {
      if (this.#held.has(exchange)) continue;
      const left = exchange.sentAt - due;
      // Timers may fire up to a millisecond early.
      if (left > 1) next = Math.min(next, left);
      else overdue.push(exchange);
    }
    for (const { pipe } of overdue) this.#blame(pipe);
    // What is due one after the other is sent together, up to a hundredth late.
    this.#timer = this.#arm(Math.max(next, this.#options.resendInterval / 100));
    this.#sendAgain(overdue, "no-reply");
  };

  /** Sends requests another time, as far as they may be. */
  #sendAgain(exchanges: Exchange[], reason: ResendReason): void {
    for (const exchange of exchanges.sort(byId)) {
      // One that has failed meanwhile, because another one has.
      if (exchange.message === undefined) continue;
      exchange.reason = reason;
      if (this.#peers.size === 0 && this.#options.failWithoutPeers) this.#fail(exchange, noPeers());
      else if (exchange.attempts >= exchange.mostAttempts) this.#fail(exchange, noAnswer(exchange));
      else if (exchange.breaks < BREAKS_BEFORE_REST) this.start(exchange);
      else this.#rest(exchange);
    }
  }

  /** Lets a request wait under which connections break; a random time, so that not all wait for the same moment. */
  #rest(exchange: Exchange): void {
    const limit = FIRST_REST * 2 ** (exchange.breaks - BREAKS_BEFORE_REST);
    const wait = Math.min(limit, LONGEST_REST) * (0.5 + Math.random() / 2);
    // It was not sent, so it does not run out.
    exchange.sentAt = Infinity;
    clearTimeout(exchange.timer);
    exchange.timer = setTimeout(() => this.start(exchange), wait);
  }

  /** Every request, in the order in which they began. */
  #all(): Exchange[] {
    return [...new Set([...this.#inFlight.toArray(), ...this.#held])].sort(byId);
  }

  #isIdle(): boolean {
    return this.#held.size === 0 && this.#inFlight.size === 0;
  }

  #checkIdle(): void {
    if (this.#idle === undefined || !this.#isIdle()) return;
    this.#idle.resolve();
    this.#idle = undefined;
  }
}

/** The order in which requests began; the number behind an id's high bit wraps around. */
function byId(a: Exchange, b: Exchange): number {
  return (a.id - b.id) << 1;
}

function noPeers(): SPError {
  return new SPError("ENOPEERS", "Cannot send a request: nobody is connected");
}

function noAnswer({ attempts, reason }: Exchange): SPError {
  const times = attempts === 1 ? "once" : `${attempts} times`;
  const why = reason === "peer-lost" ? "its peer was lost each time" : "no reply came";
  return new SPError("EATTEMPTS", `Cannot get a reply: sent the request ${times}, and ${why}`);
}
