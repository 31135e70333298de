import { DirectSource } from "../streams/direct_source.ts";
import { closedError } from "../base/errors.ts";
import { FairQueue, PipeQueue, type PipeQueueSource } from "./fair_queue.ts";
import type { Receiving } from "../contracts/protocol.ts";
import { NONE, type None } from "../base/none.ts";
import {
  checkReceive,
  LARGEST_BATCH,
  type ReceivedMessage,
  type ReceiveQueueOptions,
  unchanged,
} from "./receive_options.ts";
import { Undecodable } from "../surface/codec.ts";
import { MessageIterator, OVER } from "./message_iterator.ts";
import { Takers } from "./taker.ts";
import { Undecoded } from "./undecoded.ts";
import { quietly, RESOLVED, Waiter, type WaitOptions } from "../base/wait.ts";

/**
 * The way in: what the pipes deliver waits here, in turn, until the user takes it, by `receive` or
 * from `readable`. When more than `receiveBuffer` bytes wait, the pipes stop reading; a pipe with
 * nothing waiting may always deliver one message, so that no peer starves another.
 */
export class ReceiveQueue<In, Out> implements Receiving<Out> {
  /** What cannot be decoded; nothing is handed out while it has a rest. */
  readonly undecoded: Undecoded = new Undecoded(() => this.wake());
  readonly #options: ReceiveQueueOptions<In, Out>;
  readonly #queue: FairQueue<In>;
  readonly #paused: Set<PipeQueue<In>> = new Set();
  readonly #takers: Takers<In>;
  #source: DirectSource<In, Out> | undefined;
  /** Whether a reader of the stream waits for the next message. */
  #wanted = false;
  /** A failure that ended a batch: the next call is told. */
  #putBack: In | undefined;
  /** The pipe's queue whose last message is being handed over. */
  #emptied: PipeQueue<In> | undefined;
  /** Pipes that keep something until there is room and time for it. */
  #holding = 0;
  #closed = false;
  #isStopped = false;
  #onCancel: (() => unknown) | undefined;
  #onEmptied: Waiter<void> | undefined;

  /** @param options How the pattern wants its messages handed out. */
  constructor(options: ReceiveQueueOptions<In, Out>) {
    this.#options = options;
    this.#takers = new Takers({ ...options, check: () => this.length > 0 || options.check?.() });
    this.#queue = new FairQueue(options.size, options.gated ?? false);
  }

  /** Messages waiting. */
  get length(): number {
    return this.#queue.length;
  }

  /** Bytes waiting, with what a message costs besides. */
  get bytes(): number {
    return this.#queue.bytes;
  }

  /** Whether more waits than should. */
  get full(): boolean {
    return this.#queue.bytes >= this.#options.receiveBuffer;
  }

  /** Opens a pipe's queue, or one for a source of the pattern's own. */
  open(pipe: PipeQueueSource): PipeQueue<In> {
    return new PipeQueue<In>(pipe, this);
  }

  /** Takes a message in: to who waits for it, or into the queue. */
  push(pipeQueue: PipeQueue<In>, item: In): void {
    if (this.#closed) return pipeQueue.pipe.drop("closed");
    if (this.#queue.length > 0 || (this.#options.gated === true && pipeQueue.pipe.full)) {
      this.#queue.push(pipeQueue, item);
      // All that waits may be held back, while this is not.
      if (this.#options.gated === true) this.wake();
      return;
    }
    if ((this.#takers.size > 0 || this.#wanted) && !this.undecoded.isResting) {
      this.#queue.from = pipeQueue.pipe;
      this.#hand(item);
    } else this.#queue.push(pipeQueue, item);
  }

  /** Asked by a pipe after each chunk, and remembered if so. */
  isFull(pipeQueue: PipeQueue<In>): boolean {
    if (!this.#isStopped && this.roomFor(pipeQueue) > 0) return false;
    this.#paused.add(pipeQueue);
    return true;
  }

  /** What a pipe's next messages may cost: one is always taken, if none of that pipe waits. */
  roomFor(pipeQueue: PipeQueue<In>): number {
    const room = this.#options.receiveBuffer - this.#queue.bytes;
    return room > 0 || !this.#queue.grants(pipeQueue, this.#options.receiveBuffer) ? room : 1;
  }

  /** A pipe is over that has left so many bytes. */
  ended(bytes: number): void {
    this.#queue.left += bytes;
  }

  /** A pipe keeps something for this queue, or no longer does. */
  holds(isHolding: boolean): void {
    this.#holding += isHolding ? 1 : -1;
    this.#checkEmptied();
  }

  /** What messages of a pipe that is over may cost. */
  get lastRoom(): number {
    return 2 * this.#options.receiveBuffer - this.#queue.bytes;
  }

  /** Hands out what a pipe's full outbound queue held back. */
  wake(): void {
    while ((this.#takers.size > 0 || this.#wanted) && !this.undecoded.isResting) {
      const item = this.#queue.shift(this.#noteEmptied);
      if (item === undefined) return;
      this.#hand(item);
      // Not before: a pipe that reads again may deliver at once, and what it brings comes behind.
      const pipeQueue = this.#emptied;
      this.#emptied = undefined;
      if (pipeQueue !== undefined) this.#resume(pipeQueue);
      this.#resumeHalf();
    }
    this.#checkEmptied();
  }

  /** Has each pipe stop reading after its next chunk: what has come by then is all that is handed out. */
  stop(): void {
    this.#isStopped = true;
  }

  /** Resolves when nothing waits any more. */
  emptied(): Promise<void> {
    if (this.#queue.length === 0 && this.#holding === 0) return RESOLVED;
    return (this.#onEmptied ??= new Waiter()).promise;
  }

  /** The next message. */
  receive(options?: WaitOptions): Promise<Out> {
    return checkReceive(options) ?? this.#source?.takeAhead() ??
      this.receiveAs(this.#options.take, options);
  }

  /** The next message, taken in another way than the faces take it. */
  receiveAs<As>(take: (item: In) => As, options?: WaitOptions): Promise<As> {
    if (options?.signal?.aborted) return Promise.reject(options.signal.reason);
    if (this.#closed) return Promise.reject(closedError("receive"));
    return this.#handNext(take) ?? this.#takers.wait(take, options);
  }

  /** All that has come, up to 4,096 messages; waits for the first. */
  receiveBatch(options?: WaitOptions): Promise<Out[]> {
    const ahead = checkReceive(options) ?? this.#source?.takeAhead();
    if (ahead !== undefined) return ahead.then((message) => [message]);
    return this.receiveBatchAs(this.#options.take, (batch) => batch, options);
  }

  /** The same, taken in another way, and made something else of. */
  receiveBatchAs<As, Result>(
    take: (item: In) => As,
    finish: (batch: As[]) => Result,
    options?: WaitOptions,
  ): Promise<Result> {
    const wrong = checkReceive(options);
    if (wrong !== undefined) return wrong;
    if (this.#closed) return Promise.reject(closedError("receive"));
    const batch = this.#nextBatch(take, LARGEST_BATCH);
    if (batch.length > 0) return Promise.resolve(finish(batch));
    const first = this.#handNext((item) => finish([take(item)]));
    if (first !== undefined) return first;
    return quietly(this.#takers.wait(take, options), (one) => {
      const rest = this.#nextBatch(take, LARGEST_BATCH - 1);
      rest.unshift(one);
      return finish(rest);
    });
  }

  /** Message after message, until the receive queue is closed. */
  iterate(): AsyncIterableIterator<Out> {
    return this.iterateAs(this.#options.take, () => this.#source?.takeAhead());
  }

  /** Message after message, each with its peer. */
  messages(): AsyncIterableIterator<ReceivedMessage<Out>> {
    const { take } = this.#options;
    return this.iterateAs(
      (item) => ({ message: take(item), peer: this.#sourceOf(item).peer }),
      () => this.#source?.takeAheadAs((message, peer) => ({ message, peer })),
    );
  }

  /** The same, taken in another way; `takeAhead` may have one that comes before. */
  iterateAs<As>(
    takeItem: (item: In) => As,
    takeAhead: () => Promise<As> | undefined = () => undefined,
  ): AsyncIterableIterator<As> {
    const take = (item: In): IteratorResult<As> => ({ value: takeItem(item), done: false });
    const fail = (reason: unknown): IteratorResult<As> => {
      if (this.#closed) return OVER;
      throw reason;
    };
    return new MessageIterator<As>((iterator) => {
      const ahead = takeAhead();
      if (ahead !== undefined) return ahead.then((value) => ({ value, done: false }));
      const next = this.#handNext(take);
      if (next !== undefined) return next;
      if (this.#closed) return Promise.resolve(OVER);
      return this.#takers.wait(take, undefined, fail, iterator);
    }, (iterator) => this.#takers.leave(iterator));
  }

  /** The messages as a stream. */
  get readable(): ReadableStream<Out> {
    return (this.#source ??= this.#makeSource()).stream;
  }

  /** What to do when the reader cancels the stream. */
  onCancel(callback: () => unknown): void {
    this.#onCancel = callback;
  }

  /** Throws away what waits and the test does not want; how many that were. */
  purge(keep: (item: In) => boolean): number {
    const purged = this.#queue.purge(keep);
    if (purged > 0) this.#resumeAll();
    this.#checkEmptied();
    return purged;
  }

  /**
   * Nothing more will come: the stream ends behind what waits, `receive` rejects.
   *
   * @returns How many messages nobody will ever take.
   */
  close(): number {
    if (this.#closed) return 0;
    this.#closed = true;
    this.#takers.close(closedError("receive"));
    const source = this.#source;
    for (let item; source?.open && (item = this.#queue.shift(() => {})) !== undefined;) {
      this.#handToStream(source, item);
    }
    source?.close();
    const lost = this.#queue.length;
    this.#queue.purge(() => false);
    this.#checkEmptied();
    return lost;
  }

  /** Tells whoever waits in `receive` that nothing will come; the queue and the stream stay as they are. Returns how many did. */
  failWaiting(reason: unknown): number {
    return this.#takers.fail(reason);
  }

  /** Ends the stream with an error, which whoever waits in `receive` is told too; the queue goes on. */
  fail(reason: unknown): void {
    this.failWaiting(reason);
    this.#source?.error(reason);
    this.#wanted = false;
  }

  #makeSource(): DirectSource<In, Out> {
    const take = this.#options.takeFromStream ?? this.#options.take;
    const source = new DirectSource<In, Out>({
      next: () => {
        const item = this.#next();
        const failure = item && this.#options.failure?.(item);
        if (failure === undefined) return item;
        source.error(failure.reason);
        return undefined;
      },
      peerOf: (item) => this.#sourceOf(item).peer,
      want: (isWanted) => {
        this.#wanted = isWanted && source.open;
      },
      cancel: () => {
        this.#wanted = false;
        this.#onCancel?.();
      },
    }, { ...this.#options, take: (item) => this.#make(item, take) });
    if (this.#closed) source.close();
    return source;
  }

  /** Gives a message to who waits for it. */
  #hand(item: In): void {
    const waiting = this.#takers.next();
    if (waiting === undefined) return this.#handToStream(this.#source!, item);
    const failure = this.#options.failure?.(item);
    if (failure !== undefined) return waiting.fail(failure.reason);
    const made = this.#make(item, waiting.take);
    if (made === NONE) this.#takers.putBack(waiting);
    else waiting.give(made);
  }

  #handToStream(source: DirectSource<In, Out>, item: In): void {
    this.#wanted = false;
    const failure = this.#options.failure?.(item);
    if (failure !== undefined) source.error(failure.reason);
    else if (!source.enqueue(item)) this.#wanted = source.open;
  }

  /** Hands out the next message; undefined if none is there. */
  #handNext<As>(take: (item: In) => As): Promise<As> | undefined {
    for (let item: In | undefined; (item = this.#next()) !== undefined;) {
      const failure = this.#options.failure?.(item);
      if (failure !== undefined) return Promise.reject(failure.reason);
      const made = this.#make(item, take);
      if (made !== NONE) return Promise.resolve(made);
    }
    return undefined;
  }

  /** Makes of a message what is handed out. If nothing can be made of it, it is dropped. */
  #make<As>(item: In, take: (item: In) => As): As | None {
    try {
      return take(item);
    } catch (error) {
      if (!(error instanceof Undecodable)) throw error;
      this.undecoded.drop(this.#sourceOf(item), error);
      return NONE;
    }
  }

  /** Whom a message has come from that was taken just now. */
  #sourceOf(item: In): Pick<PipeQueueSource, "peer" | "drop"> {
    return this.#options.sourceOf?.(item) ?? this.#queue.from!;
  }

  #next(): In | undefined {
    const putBack = this.#putBack;
    if (putBack !== undefined) {
      this.#putBack = undefined;
      return putBack;
    }
    if (this.#queue.length === 0 || this.undecoded.isResting) return undefined;
    const item = this.#queue.shift(this.#resume);
    this.#resumeHalf();
    this.#checkEmptied();
    return item;
  }

  /** Messages up to the first failure. */
  #nextBatch<As>(take: (item: In) => As, limit: number): As[] {
    if (take as unknown === unchanged) {
      const all = this.#queue.takeAll(limit, this.#resume);
      this.#checkEmptied();
      if (all !== undefined) return all as unknown[] as As[];
    }
    const batch: As[] = [];
    let item: In | undefined;
    while (batch.length < limit && (item = this.#next()) !== undefined) {
      if (this.#options.failure?.(item) !== undefined) {
        this.#putBack = item;
        break;
      }
      const made = this.#make(item, take);
      if (made !== NONE) batch.push(made);
    }
    return batch;
  }

  #checkEmptied(): void {
    if (this.#onEmptied === undefined || this.#queue.length > 0 || this.#holding > 0) return;
    this.#onEmptied.resolve();
    this.#onEmptied = undefined;
  }

  readonly #resume = (pipeQueue: PipeQueue<In>): void => {
    if (this.#paused.delete(pipeQueue)) pipeQueue.pipe.resume();
  };

  /** Remembers the pipe's queue, which is to read on once its last message is handed over. */
  readonly #noteEmptied = (pipeQueue: PipeQueue<In>): void => {
    this.#emptied = pipeQueue;
  };

  /** Has the pipes read again once less than half of the queue is taken. */
  #resumeHalf(): void {
    if (this.#paused.size > 0 && this.#queue.bytes < this.#options.receiveBuffer / 2) {
      this.#resumeAll();
    }
  }

  /** Has the pipes read again, those first that have waited longest, until the queue is full. */
  #resumeAll(): void {
    // One that fills the queue again stands at the end of the line, and waits for the next time.
    let tries = this.#paused.size;
    for (const pipeQueue of this.#paused) {
      if (this.full || tries-- === 0) return;
      this.#resume(pipeQueue);
    }
  }
}
