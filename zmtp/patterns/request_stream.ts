import { SPError } from "../../src/base/errors.ts";
import { Ring } from "../../src/base/ring.ts";
import { RESOLVED, Waiter } from "../../src/base/wait.ts";
import type { PipeQueue } from "../../src/receiving/fair_queue.ts";
import { NOBODY } from "../../src/surface/peer.ts";
import type { Pipe } from "../../src/pipes/pipe.ts";
import type { Failure } from "../../src/receiving/receive_options.ts";
import { ReceiveQueue } from "../../src/receiving/receive_queue.ts";
import type { Router } from "../../src/pipes/routing.ts";
import type { SendQueue } from "../../src/pipes/send_queue.ts";
import { DEFAULT_RECEIVE_BUFFER } from "../../src/socket/socket.ts";
import type { ZmtpReceiveOptions, ZmtpSendOptions } from "../options.ts";
import { type Frames, type FramesLike, keepFrames, type OutgoingFrames } from "../wire/frames.ts";
import { costWith, framesOut } from "./queues.ts";
import { type Asker, Request, type Requests } from "./requests.ts";

/** Requests of the streams that may be without their replies, unless told otherwise. */
const DEFAULT_CONCURRENCY = 1024;

/** A request whose reply has its place among the others. */
class Slot implements Asker {
  /** Undefined until it has come. */
  reply: Frames | undefined;
  /** Who has answered. */
  pipe: Pipe | undefined;
  /** Why there is no reply. */
  failure: Failure | undefined;
  /** Whether the socket was closed before it came. */
  isCancelled = false;
  readonly #settled: () => void;

  constructor(settled: () => void) {
    this.#settled = settled;
  }

  /** Whether it is known what became of the request. */
  get isSettled(): boolean {
    return this.reply !== undefined || this.failure !== undefined || this.isCancelled;
  }

  resolve(reply: Frames, pipe: Pipe): void {
    this.reply = reply;
    this.pipe = pipe;
    this.#settled();
  }

  reject(reason: unknown): void {
    this.failure = { reason };
    this.#settled();
  }

  cancel(): void {
    this.isCancelled = true;
    this.#settled();
  }
}

/** A requester's streams: requests in, replies out, in the order of the requests. */
export class RequestStream implements Router<OutgoingFrames> {
  /** Where replies are read. */
  readonly receiveQueue: ReceiveQueue<Slot, Frames>;
  /** Where requests are written. */
  readonly sendQueue: SendQueue<FramesLike, OutgoingFrames>;
  readonly #requests: Requests;
  readonly #concurrency: number;
  readonly #slots: Ring<Slot> = new Ring();
  readonly #replies: PipeQueue<Slot>;
  #onIdle: Waiter<void> | undefined;

  /** @param requests The state machine. @param options Of the socket. */
  constructor(
    requests: Requests,
    options: ZmtpSendOptions & ZmtpReceiveOptions & { readonly concurrency?: number },
  ) {
    this.#requests = requests;
    this.#concurrency = options.concurrency ?? DEFAULT_CONCURRENCY;
    const cost = costWith(options);
    this.receiveQueue = new ReceiveQueue({
      receiveBuffer: options.receiveBuffer ?? DEFAULT_RECEIVE_BUFFER,
      receiveTimeout: options.receiveTimeout ?? Infinity,
      size: ({ reply }) => reply === undefined ? 0 : cost(reply),
      take: ({ reply }) => {
        // Called while the receive queue is handing out; the next requests go when it has finished.
        if (!this.sendQueue.idle) queueMicrotask(() => this.sendQueue.pump());
        return reply!;
      },
      sourceOf: ({ pipe }) => pipe!,
      check: () => {
        if (this.#slots.size > 0 || !this.sendQueue.idle) return;
        throw new SPError("ESTATE", "Cannot receive a reply: no request was sent");
      },
      failure: ({ failure }) => failure,
    });
    this.#replies = this.receiveQueue.open({
      peer: NOBODY,
      receivePriority: 8,
      full: false,
      resume: () => this.sendQueue.pump(),
      error: () => {},
      drop: () => {},
    });
    this.sendQueue = framesOut(this, options);
  }

  /** What waits for a peer is the state machine's, which sends it without the queue's help. */
  get pending(): number {
    return 0;
  }

  attach(pipe: Pipe): void {
    this.#requests.attach(pipe);
  }

  detach(pipe: Pipe): void {
    this.#requests.detach(pipe);
  }

  ready(pipe: Pipe): void {
    this.#requests.ready(pipe);
  }

  pump(): void {
    this.#requests.pump();
  }

  send(message: OutgoingFrames): boolean {
    if (!this.#hasRoom()) return false;
    const slot = new Slot(() => this.#settle());
    this.#slots.push(slot);
    this.#requests.start(new Request(keepFrames(message), slot));
    return true;
  }

  /** Resolves when every request of the streams has its reply, and the reader can have it. */
  answered(): Promise<void> {
    return this.#slots.size === 0 ? RESOLVED : (this.#onIdle ??= new Waiter()).promise;
  }

  /** Whether another request may be sent: not while replies are left lying. */
  #hasRoom(): boolean {
    return this.#slots.size + this.receiveQueue.length < this.#concurrency &&
      !this.receiveQueue.full;
  }

  /** Hands out the replies whose turn it is. */
  #settle(): void {
    for (let slot; (slot = this.#slots.peek()) !== undefined && slot.isSettled;) {
      this.#slots.shift();
      if (!slot.isCancelled) this.#replies.enqueue(slot);
    }
    if (this.#slots.size === 0) this.#onIdle?.resolve();
    if (this.#slots.size < this.#concurrency) queueMicrotask(() => this.sendQueue.pump());
  }
}
