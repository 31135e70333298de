import type { PipeQueue } from "../../src/receiving/fair_queue.ts";
import { SPError } from "../../src/base/errors.ts";
import { ReceiveQueue } from "../../src/receiving/receive_queue.ts";
import type { Failure } from "../../src/receiving/receive_options.ts";
import { type Decoding, Undecodable, type Ways } from "../../src/surface/codec.ts";
import { keepBytes } from "../../src/memory/message.ts";
import type { ReceiveOptions, SendOptions } from "../../src/surface/options.ts";
import { SendQueue } from "../../src/pipes/send_queue.ts";
import { NOBODY } from "../../src/surface/peer.ts";
import type { Pipe } from "../../src/pipes/pipe.ts";
import { Ring } from "../../src/base/ring.ts";
import type { Router } from "../../src/pipes/routing.ts";
import { DEFAULT_RECEIVE_BUFFER } from "../../src/socket/socket.ts";
import type { IdSequence } from "../backtrace.ts";
import { Exchange } from "./exchange.ts";
import type { Requests } from "./requests.ts";

/** A request whose reply has its place among the others. */
class Slot extends Exchange {
  /** Undefined until it has come. */
  reply: Uint8Array<ArrayBuffer> | undefined;
  /** Why there is none. */
  failure: Failure | undefined;
  /** Whether the socket was closed before it came. */
  isCancelled = false;
  readonly #settled: () => void;

  constructor(id: number, body: Uint8Array, attempts: number, settled: () => void) {
    super(id, body, attempts);
    this.#settled = settled;
  }

  answer(reply: Uint8Array<ArrayBuffer>): void {
    this.reply = reply;
    this.#settled();
  }

  fail(reason: unknown): void {
    this.failure = { reason };
    this.#settled();
  }

  cancel(_reason: unknown): void {
    this.isCancelled = true;
    this.#settled();
  }

  /** Whether it is known what became of it. */
  get isSettled(): boolean {
    return this.reply !== undefined || this.failure !== undefined || this.isCancelled;
  }
}

/**
 * A requester's streams: requests in, replies out, in the order of the requests. At most `concurrency`
 * requests are in flight, and none is sent while the reader leaves replies lying.
 */
export class RequestStream<Request, Reply> implements Router<Uint8Array> {
  /** Where replies are read. */
  readonly receiveQueue: ReceiveQueue<Slot, Reply>;
  /** Where requests are written. */
  readonly sendQueue: SendQueue<Request, Uint8Array>;
  readonly #requests: Requests;
  readonly #ids: IdSequence;
  readonly #concurrency: number;
  readonly #slots: Ring<Slot> = new Ring();
  readonly #pipeQueue: PipeQueue<Slot>;
  readonly #attempts: number;
  /** Why a reply could not be decoded, until a call is told that waits in its place. */
  #undecodable: SPError | undefined;
  #onIdle: (() => void) | undefined;

  /** @param requests The state machine. @param ids Shared with other users of it. @param ways The codec's. */
  constructor(
    requests: Requests,
    ids: IdSequence,
    { concurrency, attempts }: { readonly concurrency: number; readonly attempts: number },
    options: SendOptions & ReceiveOptions,
    { encoding, decoding }: Ways<Request, Reply>,
  ) {
    this.#attempts = attempts;
    this.#requests = requests;
    this.#ids = ids;
    this.#concurrency = concurrency;
    this.receiveQueue = new ReceiveQueue({
      receiveBuffer: options.receiveBuffer ?? DEFAULT_RECEIVE_BUFFER,
      receiveTimeout: options.receiveTimeout ?? Infinity,
      size: ({ reply }) => reply?.length ?? 0,
      take: ({ reply }) => {
        // Called while the receive queue is handing out; the next requests go when it has finished.
        if (!this.sendQueue.idle) queueMicrotask(() => this.sendQueue.pump());
        return decoding === undefined ? reply as Reply : this.#decode(decoding, reply!);
      },
      failure: (slot) => slot.failure,
      sourceOf: (slot) => slot.pipe!,
      check: () => this.#checkExpected(),
    });
    this.sendQueue = new SendQueue({
      router: this,
      ...encoding,
      keep: keepBytes,
      sendTimeout: options.sendTimeout ?? Infinity,
    });
    // Replies are in order already, whichever pipe they came by: one queue for all.
    this.#pipeQueue = this.receiveQueue.open({
      peer: NOBODY,
      receivePriority: 1,
      full: false,
      resume: () => {},
      error: () => {},
      drop: () => {},
    });
  }

  /** Messages that the state machine still has to send are kept there. */
  get pending(): number {
    return 0;
  }

  attach(pipe: Pipe): void {
    this.#requests.attach(pipe);
  }

  detach(pipe: Pipe): void {
    this.#requests.detach(pipe);
  }

  reclaim(pipe: Pipe): void {
    this.#requests.reclaim(pipe);
  }

  ready(pipe: Pipe): void {
    this.#requests.ready(pipe);
  }

  pump(): void {
    this.#requests.pump();
  }

  send(body: Uint8Array): boolean {
    if (this.#slots.size >= this.#concurrency || this.receiveQueue.full) return false;
    const slot = new Slot(this.#ids.next(), body, this.#attempts, this.#handOn);
    const sent = this.#requests.send(slot);
    if (sent) this.#slots.push(slot);
    return sent;
  }

  /** Resolves when every request has its reply, and the reader can have it. */
  answered(): Promise<void> {
    if (this.#slots.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#onIdle = resolve);
  }

  #decode(decoding: Decoding<Reply>, reply: Uint8Array<ArrayBuffer>): Reply {
    try {
      return decoding(reply);
    } catch (error) {
      if (error instanceof Undecodable) this.#undecodable = replyError(error);
      throw error;
    }
  }

  /** Whether a reply can still come. */
  #isExpecting(): boolean {
    return this.#slots.size > 0 || !this.sendQueue.idle;
  }

  /** Throws when no reply can ever come. */
  #checkExpected(): void {
    if (this.#isExpecting()) return;
    const error = this.#undecodable ??
      new SPError("ESTATE", "Cannot receive a reply: no request was sent");
    this.#undecodable = undefined;
    throw error;
  }

  /** Calls that were to get what could not be decoded wait in vain once all other replies are there. */
  #tellInVain(error: SPError): void {
    if (this.#isExpecting() || this.receiveQueue.length > 0) return;
    if (this.receiveQueue.failWaiting(error) > 0) this.#undecodable = undefined;
  }

  /** Hands on the replies whose turn has come, and the failures in the places of their requests. */
  readonly #handOn = (): void => {
    let slot: Slot | undefined;
    while ((slot = this.#slots.peek()) !== undefined && slot.isSettled) {
      this.#slots.shift();
      if (!slot.isCancelled) this.#pipeQueue.enqueue(slot);
    }
    if (!this.sendQueue.idle) this.sendQueue.pump();
    if (this.#undecodable !== undefined) this.#tellInVain(this.#undecodable);
    if (this.#slots.size === 0) this.#onIdle?.();
  };
}

/** Tells whoever waits for a reply that it has come, and cannot be decoded. */
export function replyError({ reason }: Undecodable): SPError {
  return new SPError("EPROTO", "Cannot decode the reply", { cause: reason });
}
