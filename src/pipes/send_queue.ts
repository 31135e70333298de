import { CHUNK_OVERHEAD, chunkSize } from "../streams/chunk_size.ts";
import { checkOptions } from "../surface/options.ts";
import { DirectStream, type DirectWay, type Settler } from "../streams/direct_stream.ts";
import { closedError } from "../base/errors.ts";
import { giveBack } from "../memory/owned.ts";
import type { Pipe } from "./pipe.ts";
import type { Seat, Sending } from "../contracts/protocol.ts";
import { Ring } from "../base/ring.ts";
import type { Router } from "./routing.ts";
import { afterSending } from "../base/turn.ts";
import { RESOLVED, WAIT_RULES, Waiter, type WaitOptions } from "../base/wait.ts";

/**
 * Bytes of chunks that a `writable` queues by itself before its `ready` waits; and then it waits until they are
 * all handed over. Were each chunk's size reported with the chunk, a writer that awaits `ready` would be stopped and
 * started by every single one once the queue is full, at the price of a promise each: twice what the write costs.
 */
const WRITABLE_BUFFER = 64 * 1024;
/** How a pattern wants its messages taken. */
export interface SendQueueOptions<Chunk, Message> {
  /** Where messages go. */
  readonly router: Router<Message>;
  /** Makes what the user gave into what the router takes; throws `EINVAL` or `ESTATE`. */
  readonly prepare: (chunk: Chunk) => Message;
  /** The same for what is written to the stream, where that makes a difference. */
  readonly prepareWrite?: (chunk: Chunk) => Message;
  /** What the stream's own queue keeps of a chunk; as of bytes if left out. */
  readonly keepChunk?: (chunk: Chunk) => unknown;
  /** What a chunk counts in that queue, in bytes; as of bytes if left out. */
  readonly chunkBytes?: (chunk: Chunk) => number;
  /** Makes a message that has to wait one whose memory the sender may use again. */
  readonly keep: (message: Message) => Message;
  /** How long `send` waits for room, in milliseconds. */
  readonly sendTimeout: number;
  /** What a write of the user's `writable` waits for once the message is sent. */
  readonly afterWrite?: (signal: AbortSignal) => Promise<void>;
  /** Told that a message begins to wait while none has waited. */
  readonly onWait?: () => void;
}

interface WaitingSend<Message> {
  readonly message: Message;
  readonly settler: Settler;
}

/**
 * The way out: what the user sends goes to the router at once, or waits here, in order, until a
 * pipe has room. A message that has its place in a queue is accepted; no promise is made for it.
 */
export class SendQueue<Chunk, Message> implements Sending<Chunk>, DirectWay<Message> {
  readonly #options: SendQueueOptions<Chunk, Message>;
  readonly #router: Router<Message>;
  readonly #waiting: Ring<WaitingSend<Message>> = new Ring();
  #stream: DirectStream<Chunk, Message> | undefined;
  #controller: WritableStreamDefaultController | undefined;
  /** Chunks that the user has written, and that the stream has handed to us: the others wait in the stream. */
  #written = 0;
  #handed = 0;
  /** Bytes of chunks whose size the stream has not been told yet. */
  #unreported = 0;
  /** Chunks that the user had written when the send queue was closed. */
  #last = Infinity;
  #closed = false;
  /** Whether the stream was closed or aborted, or has errored. */
  #ended = false;
  #pumping = false;
  #drained: Waiter<void>[] = [];
  #onEnd: ((linger?: number) => unknown) | undefined;

  /** @param options How the pattern wants its messages taken. */
  constructor(options: SendQueueOptions<Chunk, Message>) {
    this.#options = options;
    this.#router = options.router;
  }

  /** Sends one message; resolved at once where it found a place at once. */
  send(chunk: Chunk, options?: WaitOptions): Promise<void> {
    try {
      if (options !== undefined) checkOptions("send's options", options, WAIT_RULES);
      if (this.#closed) throw closedError("send");
      options?.signal?.throwIfAborted();
      const message = this.#options.prepare(chunk);
      const size = chunkSize(message);
      if (this.place(message)) return afterSending(size);
      const sent = this.#wait(message, options);
      if (chunk instanceof Object) sent.catch(() => giveBack(chunk));
      return sent;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** The same as a stream's sink. */
  get writable(): WritableStream<Chunk> {
    return this.#stream ??= this.#makeStream();
  }

  /** What to do when the user has closed the stream, or aborted it (then with a linger of 0). */
  onEnd(callback: (linger?: number) => unknown): void {
    this.#onEnd = callback;
  }

  /** A peer has come; `pump` once it is ready. Throws an `SPError` if the router does not want it. */
  get seat(): Seat | undefined {
    return this.#router.seat;
  }

  attach(pipe: Pipe): void {
    this.#router.attach(pipe);
  }

  /** A peer is going. */
  detach(pipe: Pipe): void {
    this.#router.detach(pipe);
    this.pump();
  }

  /** A peer has gone. */
  reclaim(pipe: Pipe): void {
    this.#router.reclaim?.(pipe);
    this.pump();
  }

  /** A peer has room again. */
  ready(pipe: Pipe): void {
    this.#router.ready(pipe);
    this.pump();
  }

  /** Sends what waits, as far as there is room now. */
  pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      this.#router.pump?.();
      while (this.#pumpOne());
    } finally {
      this.#pumping = false;
    }
    this.#checkDrained();
  }

  /** Sends the first message that waits; false if there is none, or no room for it. */
  #pumpOne(): boolean {
    const next = this.#waiting.peek();
    if (next === undefined) return false;
    try {
      if (!this.#router.send(next.message)) return false;
    } catch (error) {
      this.#waiting.shift();
      next.settler.reject(error);
      return true;
    }
    this.#waiting.shift();
    next.settler.resolve();
    return true;
  }

  /** Whether nothing waits for a pipe. */
  get idle(): boolean {
    return this.#waiting.size === 0 && this.#router.pending === 0 && this.#handed === this.#written;
  }

  /** Resolves when nothing waits for a pipe any more. */
  drained(): Promise<void> {
    if (this.idle) return RESOLVED;
    const waiter = new Waiter<void>();
    this.#drained.push(waiter);
    return waiter.promise;
  }

  /** Takes nothing more; what waits goes on waiting. */
  close(): void {
    this.#closed = true;
    this.#last = this.#written;
  }

  /**
   * Gives up what waits, and ends the stream.
   *
   * @returns How many messages will never be sent: those that were accepted, and those whose `send` is rejected now.
   */
  abandon(reason: unknown): number {
    this.#closed = true;
    const unsent = this.#waiting.size + this.#router.pending;
    let next: WaitingSend<Message> | undefined;
    while ((next = this.#waiting.shift()) !== undefined) next.settler.cancel(reason);
    this.fail(reason);
    return unsent;
  }

  /** Whether chunks may pass by the stream's queue: see {@linkcode DirectStream}. */
  get open(): boolean {
    return this.#handed === this.#written && !this.#closed && !this.#ended;
  }

  place(message: Message): boolean {
    return this.#waiting.size === 0 && this.#router.send(message);
  }

  hold(message: Message, settler: Settler): void {
    if (this.#waiting.size === 0) this.#options.onWait?.();
    this.#waiting.push({ message: this.#options.keep(message), settler });
  }

  withdraw(isChosen: (settler: Settler) => boolean): void {
    this.#waiting.filter(({ settler }) => !isChosen(settler));
    this.pump();
  }

  fail(reason: unknown): void {
    this.#ended = true;
    this.#stream?.drop(reason);
    this.#controller?.error(reason);
  }

  end(): void {
    this.#ended = true;
  }

  #wait(message: Message, { signal, timeout }: WaitOptions = {}): Promise<void> {
    const waiter: Waiter<void> = new Waiter(
      signal,
      () => this.withdraw((settler) => settler === waiter),
    );
    waiter.limit(timeout ?? this.#options.sendTimeout, "send");
    this.hold(message, waiter);
    return waiter.promise;
  }

  #checkDrained(): void {
    if (this.#drained.length === 0 || !this.idle) return;
    for (const waiter of this.#drained.splice(0)) waiter.resolve();
  }

  #write(chunk: Chunk, signal: AbortSignal): Promise<void> | undefined {
    const behind = this.#stream!.behind(signal, () => this.#write(chunk, signal));
    if (behind !== undefined) return behind.catch((error) => this.#breakStream(error));
    if (this.#handed === this.#last) throw closedError("send");
    this.#handed++;
    const message = (this.#options.prepareWrite ?? this.#options.prepare)(chunk);
    const size = chunkSize(message);
    if (!this.place(message)) {
      return this.#wait(message, { signal }).catch((error) => this.#breakStream(error));
    }
    if (this.#closed) this.#checkDrained();
    const { afterWrite } = this.#options;
    if (afterWrite !== undefined) return afterWrite(signal);
    const turn = afterSending(size);
    return turn === RESOLVED ? undefined : turn;
  }

  /** The stream errors, and drops what it still held. */
  #breakStream(error: unknown): never {
    this.#handed = this.#written;
    this.#ended = true;
    this.#stream?.drop(error);
    throw error;
  }

  #makeStream(): DirectStream<Chunk, Message> {
    const sink: UnderlyingSink<Chunk> = {
      start: (controller) => {
        this.#controller = controller;
        if (this.#closed) controller.error(closedError("send"));
      },
      write: (chunk, controller) => {
        try {
          return this.#write(chunk, controller.signal);
        } catch (error) {
          return this.#breakStream(error);
        }
      },
      close: async () => {
        this.#ended = true;
        await this.#stream?.flushed;
        await this.drained();
        await this.#onEnd?.();
      },
      abort: async (reason) => {
        this.#handed = this.#written;
        this.#ended = true;
        this.#stream?.drop(reason);
        await this.#onEnd?.(0);
      },
    };
    const { chunkBytes } = this.#options;
    const size = (chunk: Chunk): number => {
      // The stream asks before it refuses.
      if (this.#ended) return 0;
      this.#written++;
      this.#unreported += chunkBytes === undefined
        ? chunkSize(chunk)
        : chunkBytes(chunk) + CHUNK_OVERHEAD;
      if (this.#unreported < WRITABLE_BUFFER) return 0;
      const size = this.#unreported;
      this.#unreported = 0;
      return size;
    };
    const prepare = this.#options.prepareWrite ?? this.#options.prepare;
    return new DirectStream(sink, { highWaterMark: WRITABLE_BUFFER, size }, this, {
      ...this.#options,
      prepare,
    });
  }
}
