import type { DropReason } from "../surface/events.ts";
import type { PeerInfo } from "../surface/peer.ts";
import { Ring } from "../base/ring.ts";
import type { TransformController } from "../contracts/transformer.ts";

/**
 * What a message costs besides its bytes: the view, and its place in the queue. Some 110 bytes on V8 and 160 on
 * JavaScriptCore.
 */
export const MESSAGE_OVERHEAD = 160;

/** Where a queue's messages come from: what a queue must know of a pipe. */
export interface PipeQueueSource {
  /** Who is at the other end. */
  readonly peer: PeerInfo;
  /** 1 (first) to 16. */
  readonly receivePriority: number;
  /** Whether its queue out is full. */
  readonly full: boolean;
  /** Reads again. */
  resume(): void;
  /** Closes it, for this reason. */
  error(reason: unknown): void;
  /** Counts messages of its that were lost; `error` is why they were malformed. */
  drop(reason: DropReason, count?: number, error?: unknown): void;
}

/** Who is told when a pipe's queue takes something in. */
interface PipeQueueOwner<T> {
  push(pipeQueue: PipeQueue<T>, item: T): void;
  isFull(pipeQueue: PipeQueue<T>): boolean;
  roomFor(pipeQueue: PipeQueue<T>): number;
  readonly lastRoom: number;
  holds(isHolding: boolean): void;
  ended(bytes: number): void;
}

/**
 * One pipe's part of a {@linkcode FairQueue}; also the controller that the pipe's inbound transformer
 * answers to.
 */
export class PipeQueue<T> implements TransformController<T> {
  /** Whose messages these are. */
  readonly pipe: PipeQueueSource;
  /** What has come and was not taken yet. */
  readonly items: Ring<T> = new Ring();
  /** Bytes waiting here. */
  bytes = 0;
  /** Whether its pipe is over, and what waits here is all that there will be. */
  isOver = false;
  /** Queues of pipes of one priority. */
  level: Ring<PipeQueue<T>> | undefined;
  readonly #owner: PipeQueueOwner<T>;

  /** @param pipe Whose messages these are. @param owner Who takes them in. */
  constructor(pipe: PipeQueueSource, owner: PipeQueueOwner<T>) {
    this.pipe = pipe;
    this.#owner = owner;
  }

  /** Whether the pipe should stop reading. */
  get full(): boolean {
    return this.#owner.isFull(this);
  }

  /** What more of its messages may cost. */
  get room(): number {
    return this.#owner.roomFor(this);
  }

  /** The same once the pipe is over. */
  get lastRoom(): number {
    return this.#owner.lastRoom;
  }

  /** The pipe keeps something for this queue, or no longer does. */
  holds(isHolding: boolean): void {
    this.#owner.holds(isHolding);
  }

  /** The pipe is over. */
  end(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.#owner.ended(this.bytes);
  }

  /** Takes one message in. */
  enqueue(item: T): void {
    this.#owner.push(this, item);
  }

  /** Closes the pipe, for this reason. */
  error(reason: unknown): void {
    this.pipe.error(reason);
  }
}

interface QueueLevel<T> {
  readonly priority: number;
  /** Queues with something in them, the next one first. */
  readonly pipeQueues: Ring<PipeQueue<T>>;
}

/**
 * Takes messages from many pipes in turn, one from each; pipes of a higher receive priority (a lower
 * number) strictly first, as nanomsg does.
 */
export class FairQueue<T> {
  readonly #levels: QueueLevel<T>[] = [];
  readonly #gated: boolean;
  readonly #size: (item: T) => number;

  /** Bytes waiting in all pipes' queues. */
  bytes = 0;
  /** Messages waiting in all pipes' queues. */
  length = 0;
  /** Whose message was taken last. */
  from: PipeQueueSource | undefined;
  /** Bytes waiting that pipes have left which are over. */
  left = 0;

  /**
   * @param size A message's size in bytes.
   * @param gated Whether a pipe whose outbound queue is full is passed over: who does not take the
   * answers gets no more questions asked.
   */
  constructor(size: (item: T) => number, gated: boolean) {
    this.#size = size;
    this.#gated = gated;
  }

  /** Appends to a pipe's queue. */
  push(pipeQueue: PipeQueue<T>, item: T): void {
    const cost = this.#size(item) + MESSAGE_OVERHEAD;
    pipeQueue.bytes += cost;
    this.bytes += cost;
    this.length++;
    pipeQueue.items.push(item);
    if (pipeQueue.items.size === 1) {
      (pipeQueue.level ??= this.#level(pipeQueue.pipe.receivePriority).pipeQueues).push(pipeQueue);
    }
  }

  /** Whether a pipe may deliver a message beyond the limit: each may one, unless those that are over have left too much. */
  grants(pipeQueue: PipeQueue<T>, limit: number): boolean {
    return pipeQueue.bytes === 0 && this.left < 2 * limit;
  }

  /** Takes the next message; `onEmpty` is called with a pipe's queue whose last message that was. */
  shift(onEmpty: (pipeQueue: PipeQueue<T>) => void): T | undefined {
    for (let i = 0; i < this.#levels.length; i++) {
      const { pipeQueues } = this.#levels[i]!;
      for (let tries = pipeQueues.size; tries > 0; tries--) {
        const pipeQueue = pipeQueues.peek()!;
        const passedOver = this.#gated && pipeQueue.pipe.full;
        if (passedOver || pipeQueues.size > 1) pipeQueues.push(pipeQueues.shift()!);
        if (!passedOver) return this.#take(pipeQueue, pipeQueues, onEmpty);
      }
    }
    return undefined;
  }

  /**
   * Takes all that waits, in one go, where it is one queue's and no more than `limit`; undefined where it is to be taken one
   * by one. `onEmpty` is called as by `shift`.
   */
  takeAll(limit: number, onEmpty: (pipeQueue: PipeQueue<T>) => void): T[] | undefined {
    if (this.#gated || this.length > limit) return undefined;
    for (let i = 0; i < this.#levels.length; i++) {
      const { pipeQueues } = this.#levels[i]!;
      if (pipeQueues.size === 0) continue;
      const pipeQueue = pipeQueues.peek()!;
      if (pipeQueue.items.size < this.length) return undefined;
      pipeQueues.pop();
      this.bytes =
        this.length =
        this.left =
        pipeQueue.bytes =
          0;
      const items = pipeQueue.items.takeAll();
      this.from = pipeQueue.pipe;
      onEmpty(pipeQueue);
      return items;
    }
    return undefined;
  }

  /** Throws away what the test does not want; how many that were. */
  purge(keep: (item: T) => boolean): number {
    const before = this.length;
    this.length = 0;
    this.bytes = 0;
    this.left = 0;
    for (const { pipeQueues } of this.#levels) {
      pipeQueues.filter((pipeQueue) => {
        pipeQueue.bytes = 0;
        pipeQueue.items.filter((item) => {
          if (!keep(item)) return false;
          pipeQueue.bytes += this.#size(item) + MESSAGE_OVERHEAD;
          return true;
        });
        this.bytes += pipeQueue.bytes;
        if (pipeQueue.isOver) this.left += pipeQueue.bytes;
        this.length += pipeQueue.items.size;
        return pipeQueue.items.size > 0;
      });
    }
    return before - this.length;
  }

  /** Takes a queue's next message; it has had its turn, and is the last of its level now. */
  #take(
    pipeQueue: PipeQueue<T>,
    pipeQueues: Ring<PipeQueue<T>>,
    onEmpty: (pipeQueue: PipeQueue<T>) => void,
  ): T {
    const item = pipeQueue.items.shift() as T;
    this.from = pipeQueue.pipe;
    const cost = this.#size(item) + MESSAGE_OVERHEAD;
    pipeQueue.bytes -= cost;
    this.bytes -= cost;
    if (pipeQueue.isOver) this.left -= cost;
    this.length--;
    if (pipeQueue.items.size === 0) {
      // Not 0 if a message was detached, and so lost its size, while it waited.
      this.bytes -= pipeQueue.bytes;
      if (pipeQueue.isOver) this.left -= pipeQueue.bytes;
      pipeQueue.bytes = 0;
      pipeQueues.pop();
      onEmpty(pipeQueue);
    }
    return item;
  }

  #level(priority: number): QueueLevel<T> {
    const found = this.#levels.find((level) => level.priority === priority);
    if (found !== undefined) return found;
    const level: QueueLevel<T> = { priority, pipeQueues: new Ring() };
    this.#levels.push(level);
    this.#levels.sort((a, b) => a.priority - b.priority);
    return level;
  }
}
