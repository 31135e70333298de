import type { DropReason } from "../surface/events.ts";
import { Ring } from "../base/ring.ts";
import type { TransformController } from "../contracts/transformer.ts";

/** What a queued message costs besides its bytes, so that a flood of empty messages is bounded too. */
export const MESSAGE_OVERHEAD = 32;

/** Where a lane's messages come from: what a queue must know of a pipe. */
export interface LaneSource {
  /** 1 (first) to 16. */
  readonly receivePriority: number;
  /** Whether its queue out is full. */
  readonly full: boolean;
  /** Reads again. */
  resume(): void;
  /** Closes it, for this reason. */
  error(reason: unknown): void;
  /** Counts messages of its that were lost. */
  drop(reason: DropReason, count?: number): void;
}

/** Who is told when a lane takes something in. */
interface LaneOwner<T> {
  push(lane: Lane<T>, item: T): void;
  isFull(lane: Lane<T>): boolean;
}

/**
 * One pipe's part of a {@linkcode FairQueue}; also the controller that the pipe's inbound transformer
 * answers to.
 */
export class Lane<T> implements TransformController<T> {
  /** Whose messages these are. */
  readonly pipe: LaneSource;
  /** What has come and was not taken yet. */
  readonly items: Ring<T> = new Ring();
  /** Bytes waiting here. */
  bytes = 0;
  /** Lanes of the same priority, kept by the queue. */
  level: Ring<Lane<T>> | undefined;
  readonly #owner: LaneOwner<T>;

  /** @param pipe Whose messages these are. @param owner Who takes them in. */
  constructor(pipe: LaneSource, owner: LaneOwner<T>) {
    this.pipe = pipe;
    this.#owner = owner;
  }

  /** Whether the pipe should stop reading. */
  get full(): boolean {
    return this.#owner.isFull(this);
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

interface Level<T> {
  readonly priority: number;
  /** Lanes with something in them, the next one first. */
  readonly lanes: Ring<Lane<T>>;
}

/**
 * Takes messages from many pipes in turn, one from each; pipes of a higher receive priority (a lower
 * number) strictly first, as nanomsg does.
 */
export class FairQueue<T> {
  readonly #levels: Level<T>[] = [];
  readonly #gated: boolean;
  readonly #size: (item: T) => number;

  /** Bytes waiting in all lanes. */
  bytes = 0;
  /** Messages waiting in all lanes. */
  length = 0;

  /**
   * @param size A message's size in bytes.
   * @param gated Whether a pipe whose outbound queue is full is passed over: who does not take the
   * answers gets no more questions asked.
   */
  constructor(size: (item: T) => number, gated: boolean) {
    this.#size = size;
    this.#gated = gated;
  }

  /** Appends to a pipe's lane. */
  push(lane: Lane<T>, item: T): void {
    const cost = this.#size(item) + MESSAGE_OVERHEAD;
    lane.bytes += cost;
    this.bytes += cost;
    this.length++;
    lane.items.push(item);
    if (lane.items.size === 1) {
      (lane.level ??= this.#level(lane.pipe.receivePriority).lanes).push(lane);
    }
  }

  /** Takes the next message; `onEmpty` is called with a lane whose last message that was. */
  shift(onEmpty: (lane: Lane<T>) => void): T | undefined {
    for (let i = 0; i < this.#levels.length; i++) {
      const { lanes } = this.#levels[i]!;
      for (let tries = lanes.size; tries > 0; tries--) {
        const lane = lanes.peek()!;
        const passedOver = this.#gated && lane.pipe.full;
        if (passedOver || lanes.size > 1) lanes.push(lanes.shift()!);
        if (!passedOver) return this.#take(lane, lanes, onEmpty);
      }
    }
    return undefined;
  }

  /**
   * Takes all that waits, in one go, where it is one lane's and no more than `limit`; undefined where it is to be taken one
   * by one. `onEmpty` is called as by `shift`.
   */
  takeAll(limit: number, onEmpty: (lane: Lane<T>) => void): T[] | undefined {
    if (this.#gated || this.length > limit) return undefined;
    for (let i = 0; i < this.#levels.length; i++) {
      const { lanes } = this.#levels[i]!;
      if (lanes.size === 0) continue;
      const lane = lanes.peek()!;
      if (lane.items.size < this.length) return undefined;
      lanes.pop();
      this.bytes = this.length = lane.bytes = 0;
      const items = lane.items.takeAll();
      onEmpty(lane);
      return items;
    }
    return undefined;
  }

  /** Throws away what the test does not want; how many that were. */
  purge(keep: (item: T) => boolean): number {
    const before = this.length;
    this.length = 0;
    this.bytes = 0;
    for (const { lanes } of this.#levels) {
      lanes.filter((lane) => {
        lane.bytes = 0;
        lane.items.filter((item) => {
          if (!keep(item)) return false;
          lane.bytes += this.#size(item) + MESSAGE_OVERHEAD;
          return true;
        });
        this.bytes += lane.bytes;
        this.length += lane.items.size;
        return lane.items.size > 0;
      });
    }
    return before - this.length;
  }

  /** Takes a lane's next message; the lane has had its turn, and is the last of its level now. */
  #take(lane: Lane<T>, lanes: Ring<Lane<T>>, onEmpty: (lane: Lane<T>) => void): T {
    const item = lane.items.shift() as T;
    const cost = this.#size(item) + MESSAGE_OVERHEAD;
    lane.bytes -= cost;
    this.bytes -= cost;
    this.length--;
    if (lane.items.size === 0) {
      // Not 0 if a message was detached, and so lost its size, while it waited.
      this.bytes -= lane.bytes;
      lane.bytes = 0;
      lanes.pop();
      onEmpty(lane);
    }
    return item;
  }

  #level(priority: number): Level<T> {
    const found = this.#levels.find((level) => level.priority === priority);
    if (found !== undefined) return found;
    const level: Level<T> = { priority, lanes: new Ring() };
    this.#levels.push(level);
    this.#levels.sort((a, b) => a.priority - b.priority);
    return level;
  }
}
