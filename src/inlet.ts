import { DirectSource, type SourceOptions } from "./direct_source.ts";
import { closedError } from "./errors.ts";
import { FairQueue, Lane, type LaneSource } from "./fair_queue.ts";
import type { Receiving } from "./protocol.ts";
import { Ring } from "./ring.ts";
import { Waiter, type WaitOptions } from "./wait.ts";

/** The most messages in one batch. */
const LARGEST_BATCH = 4096;

/** How a pattern wants its messages handed out. */
export interface InletOptions<In, Out> extends SourceOptions<In, Out> {
  /** Bytes that wait for the reader before the pipes stop reading. */
  readonly receiveBuffer: number;
  /** How long `receive` waits, in milliseconds. */
  readonly receiveTimeout: number;
  /** Whether a pipe whose outbound queue is full is passed over. */
  readonly gated?: boolean;
  /** Asked before `receive` waits: throws if nothing can ever come. */
  readonly check?: () => void;
}

/** The way to take messages that are handed out as they are. */
export function unchanged<T>(item: T): T {
  return item;
}

interface Waiting<In> {
  /** Gives the message to who waits. */
  give(item: In): void;
  /** Tells who waits that none will come. */
  fail(reason: unknown): void;
}

/**
 * The way in: what the pipes deliver waits here, in turn, until the user takes it, by `receive` or
 * from `readable`. When more than `receiveBuffer` bytes wait, the pipes stop reading; a pipe with
 * nothing waiting may always deliver its next chunk, so that no peer starves another.
 */
export class Inlet<In, Out> implements Receiving<Out> {
  readonly #options: InletOptions<In, Out>;
  readonly #queue: FairQueue<In>;
  readonly #paused: Set<Lane<In>> = new Set();
  readonly #waiting: Ring<Waiting<In>> = new Ring();
  #source: DirectSource<In, Out> | undefined;
  /** Whether a reader of the stream waits for the next message. */
  #wanted = false;
  /** The lane whose last message is being handed over. */
  #emptied: Lane<In> | undefined;
  #closed = false;
  #onCancel: (() => unknown) | undefined;

  /** @param options How the pattern wants its messages handed out. */
  constructor(options: InletOptions<In, Out>) {
    this.#options = options;
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

  /** Opens a pipe's lane, or one for a source of the pattern's own. */
  open(pipe: LaneSource): Lane<In> {
    return new Lane<In>(pipe, this);
  }

  /** Takes a message in: to who waits for it, or into the queue. */
  push(lane: Lane<In>, item: In): void {
    if (this.#closed) return;
    if (this.#queue.length > 0 || (this.#options.gated === true && lane.pipe.full)) {
      this.#queue.push(lane, item);
      // All that waits may be held back, while this is not.
      if (this.#options.gated === true) this.wake();
      return;
    }
    if (this.#waiting.size > 0 || this.#wanted) this.#hand(item);
    else this.#queue.push(lane, item);
  }

  /** Asked by a pipe after each chunk, and remembered if so. */
  isFull(lane: Lane<In>): boolean {
    if (!this.full || lane.bytes === 0) return false;
    this.#paused.add(lane);
    return true;
  }

  /** Hands out what a pipe's full outbound queue held back. */
  wake(): void {
    while (this.#waiting.size > 0 || this.#wanted) {
      const item = this.#queue.shift(this.#noteEmptied);
      if (item === undefined) return;
      this.#hand(item);
      // Not before: a pipe that reads again may deliver at once, and what it brings comes behind.
      const lane = this.#emptied;
      this.#emptied = undefined;
      if (lane !== undefined) this.#resume(lane);
      this.#resumeHalf();
    }
  }

  /** The next message. */
  receive(options?: WaitOptions): Promise<Out> {
    return this.receiveAs(this.#options.take, options);
  }

  /** The next message, taken in another way than the faces take it. */
  receiveAs<As>(take: (item: In) => As, options?: WaitOptions): Promise<As> {
    if (options?.signal?.aborted) return Promise.reject(options.signal.reason);
    if (this.#closed) return Promise.reject(closedError("receive"));
    const item = this.#next();
    return item === undefined ? this.#wait(take, options) : Promise.resolve(take(item));
  }

  /** All that has come, up to 4,096 messages; waits for the first. */
  receiveBatch(options?: WaitOptions): Promise<Out[]> {
    if (options?.signal?.aborted) return Promise.reject(options.signal.reason);
    if (this.#closed) return Promise.reject(closedError("receive"));
    const batch = this.#nextBatch(LARGEST_BATCH);
    if (batch.length > 0) return Promise.resolve(batch);
    return this.#wait(this.#options.take, options).then((first) => {
      const rest = this.#nextBatch(LARGEST_BATCH - 1);
      rest.unshift(first);
      return rest;
    });
  }

  /** Message after message, until the inlet is closed. */
  iterate(): AsyncIterableIterator<Out> {
    const over: IteratorReturnResult<undefined> = { value: undefined, done: true };
    const take = (item: In): IteratorResult<Out> => ({
      value: this.#options.take(item),
      done: false,
    });
    const fail = (reason: unknown): IteratorResult<Out> => {
      if (this.#closed) return over;
      throw reason;
    };
    // By hand: an async generator would double what a message costs.
    const iterator: AsyncIterableIterator<Out> = {
      next: () => {
        const item = this.#next();
        if (item !== undefined) return Promise.resolve(take(item));
        return this.#closed ? Promise.resolve(over) : this.#wait(take, undefined, fail);
      },
      return: () => Promise.resolve(over),
      [Symbol.asyncIterator]: () => iterator,
    };
    return iterator;
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
    this.failWaiting(closedError("receive"));
    const source = this.#source;
    if (source?.open) {
      let item: In | undefined;
      while ((item = this.#queue.shift(() => {})) !== undefined) {
        source.enqueue(item);
      }
      source.close();
    }
    const lost = this.#queue.length;
    this.#queue.purge(() => false);
    return lost;
  }

  /** Tells whoever waits in `receive` that nothing will come; the queue and the stream stay as they are. */
  failWaiting(reason: unknown): void {
    let waiting: Waiting<In> | undefined;
    while ((waiting = this.#waiting.shift()) !== undefined) waiting.fail(reason);
  }

  /** Ends the stream with an error, which whoever waits in `receive` is told too; the queue goes on. */
  fail(reason: unknown): void {
    this.failWaiting(reason);
    this.#source?.error(reason);
    this.#wanted = false;
  }

  #makeSource(): DirectSource<In, Out> {
    const source = new DirectSource<In, Out>({
      next: () => this.#next(),
      want: (isWanted) => {
        this.#wanted = isWanted;
      },
      cancel: () => {
        this.#wanted = false;
        this.#onCancel?.();
      },
    }, this.#options);
    if (this.#closed) source.close();
    return source;
  }

  /** Gives a message to who waits for it. */
  #hand(item: In): void {
    const waiting = this.#waiting.shift();
    if (waiting !== undefined) return waiting.give(item);
    this.#wanted = false;
    this.#source!.enqueue(item);
  }

  #next(): In | undefined {
    if (this.#queue.length === 0) return undefined;
    const item = this.#queue.shift(this.#resume);
    this.#resumeHalf();
    return item;
  }

  #nextBatch(limit: number): Out[] {
    const all = this.#queue.takeAll(limit, this.#resume);
    if (all !== undefined) return takeEach(all, this.#options.take);
    const batch: Out[] = [];
    let item: In | undefined;
    while (batch.length < limit && (item = this.#next()) !== undefined) {
      batch.push(this.#options.take(item));
    }
    return batch;
  }

  #wait<As>(
    take: (item: In) => As,
    options: WaitOptions | undefined,
    fail?: (reason: unknown) => As,
  ): Promise<As> {
    try {
      this.#options.check?.();
    } catch (error) {
      return Promise.reject(error);
    }
    const { receiveTimeout } = this.#options;
    if (options?.signal === undefined && receiveTimeout === Infinity) {
      const taker = new Taker(take, fail);
      this.#waiting.push(taker);
      return taker.promise;
    }
    const waiter: Waiter<As> = new Waiter(options?.signal, () => this.#waiting.remove(waiting));
    const waiting: Waiting<In> = {
      give: (item) => waiter.resolve(take(item)),
      fail: (reason) => waiter.reject(reason),
    };
    this.#waiting.push(waiting);
    const { promise } = waiter.limit(receiveTimeout, "receive");
    return fail === undefined ? promise : promise.catch(fail);
  }

  readonly #resume = (lane: Lane<In>): void => {
    if (this.#paused.delete(lane)) lane.pipe.resume();
  };

  /** Remembers the lane, which is to read on once its last message is handed over. */
  readonly #noteEmptied = (lane: Lane<In>): void => {
    this.#emptied = lane;
  };

  /** Has the pipes read again once less than half of the queue is taken. */
  #resumeHalf(): void {
    if (this.#paused.size > 0 && this.#queue.bytes < this.#options.receiveBuffer / 2) {
      this.#resumeAll();
    }
  }

  #resumeAll(): void {
    // A copy: a pipe that delivers at once, and fills the queue again, waits for the next time.
    for (const lane of [...this.#paused]) this.#resume(lane);
  }
}

function takeEach<In, Out>(items: In[], take: (item: In) => Out): Out[] {
  return take as unknown === unchanged ? items as unknown[] as Out[] : items.map(take);
}

/** Who waits without a limit, which is most: with no more than its promise. */
class Taker<In, As> implements Waiting<In> {
  readonly promise: Promise<As>;
  readonly #take: (item: In) => As;
  readonly #fail: ((reason: unknown) => As) | undefined;
  #resolve!: (value: As) => void;
  #reject!: (reason: unknown) => void;

  constructor(take: (item: In) => As, fail: ((reason: unknown) => As) | undefined) {
    this.#take = take;
    this.#fail = fail;
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  give(item: In): void {
    this.#resolve(this.#take(item));
  }

  fail(reason: unknown): void {
    if (this.#fail === undefined) return this.#reject(reason);
    try {
      this.#resolve(this.#fail(reason));
    } catch (error) {
      this.#reject(error);
    }
  }
}
