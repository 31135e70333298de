import type { PipeQueue } from "../../src/pipes/fair_queue.ts";
import { SPError } from "../../src/base/errors.ts";
import { ReceiveQueue } from "../../src/pipes/receive_queue.ts";
import type { Failure } from "../../src/pipes/receive_options.ts";
import { keepBytes, type MessageLike, toBytes } from "../../src/memory/message.ts";
import type { ReceiveOptions, SendOptions } from "../../src/surface/options.ts";
import { SendQueue } from "../../src/pipes/send_queue.ts";
import type { Pipe } from "../../src/pipes/pipe.ts";
import { Ring } from "../../src/base/ring.ts";
import type { Router } from "../../src/pipes/routing.ts";
import { DEFAULT_RECEIVE_BUFFER } from "../../src/socket/socket.ts";
import type { IdSequence } from "../backtrace.ts";
import { Exchange } from "./exchange.ts";
import type { Requests } from "./requests.ts";

/** A request whose reply has its place among the others. */
class Slot extends Exchange {
  /** Undefined until it has come, null if the socket is closed before. */
  reply: Reply | null | undefined;
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
    this.reply = { reason };
    this.#settled();
  }

  cancel(_reason: unknown): void {
    this.reply = null;
    this.#settled();
  }
}

/** A reply, or why there is none. */
type Reply = Uint8Array<ArrayBuffer> | Failure;

/**
 * A requester's streams: requests in, replies out, in the order of the requests. At most `concurrency`
 * requests are in flight, and none is sent while the reader leaves replies lying.
 */
export class RequestStream implements Router<Uint8Array> {
  /** Where replies are read. */
  readonly receiveQueue: ReceiveQueue<Reply, Uint8Array<ArrayBuffer>>;
  /** Where requests are written. */
  readonly sendQueue: SendQueue<MessageLike, Uint8Array>;
  readonly #requests: Requests;
  readonly #ids: IdSequence;
  readonly #concurrency: number;
  readonly #slots: Ring<Slot> = new Ring();
  readonly #pipeQueue: PipeQueue<Reply>;
  readonly #attempts: number;
  #onIdle: (() => void) | undefined;

  /** @param requests The state machine. @param ids Shared with other users of it. */
  constructor(
    requests: Requests,
    ids: IdSequence,
    { concurrency, attempts }: { readonly concurrency: number; readonly attempts: number },
    options: SendOptions & ReceiveOptions,
  ) {
    this.#attempts = attempts;
    this.#requests = requests;
    this.#ids = ids;
    this.#concurrency = concurrency;
    this.receiveQueue = new ReceiveQueue({
      receiveBuffer: options.receiveBuffer ?? DEFAULT_RECEIVE_BUFFER,
      receiveTimeout: options.receiveTimeout ?? Infinity,
      size: (reply) => "reason" in reply ? 0 : reply.length,
      take: (reply) => {
        // Called while the receive queue is handing out; the next requests go when it has finished.
        if (!this.sendQueue.idle) queueMicrotask(() => this.sendQueue.pump());
        return reply as Uint8Array<ArrayBuffer>;
      },
      failure: (reply) => "reason" in reply ? reply : undefined,
      check: () => {
        if (this.#slots.size > 0 || !this.sendQueue.idle) return;
        throw new SPError("ESTATE", "Cannot receive a reply: no request was sent");
      },
    });
    this.sendQueue = new SendQueue({
      router: this,
      prepare: toBytes,
      keep: keepBytes,
      sendTimeout: options.sendTimeout ?? Infinity,
    });
    // Replies are in order already, whichever pipe they came by: one queue for all.
    this.#pipeQueue = this.receiveQueue.open({
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

  /** Hands on the replies whose turn has come, and the failures in the places of their requests. */
  readonly #handOn = (): void => {
    let slot: Slot | undefined;
    while ((slot = this.#slots.peek()) !== undefined && slot.reply !== undefined) {
      this.#slots.shift();
      if (slot.reply !== null) this.#pipeQueue.enqueue(slot.reply);
    }
    if (!this.sendQueue.idle) this.sendQueue.pump();
    if (this.#slots.size === 0) this.#onIdle?.();
  };
}
