import { NONE, type None } from "../base/none.ts";
import type { PeerInfo } from "../surface/peer.ts";
import { Ring } from "../base/ring.ts";
import { type Direct, DirectReadable } from "./direct_readable.ts";

/** Messages that the platform is handed at once: to have each pulled would cost as much as the message. */
const PREFETCH_MESSAGES = 64;
/** The same in bytes. */
const PREFETCH_BYTES = 64 * 1024;

/** Where messages wait for a stream. */
export interface MessageSource<In> {
  /** The next one; undefined if none is there. */
  next(): In | undefined;
  /** Whom a message has come from that `next` has just given, or `enqueue` was. */
  peerOf(item: In): PeerInfo;
  /** Whether the stream is to be handed the next that comes. */
  want(isWanted: boolean): void;
  /** The user wants nothing more. */
  cancel(): void;
}

/** What a stream makes of messages. */
export interface MessageSourceOptions<In, Out> {
  /** What the reader gets of one, `NONE` for nothing; called in the order in which readers get them. */
  readonly take: (item: In) => Out | None;
  /** A message's size in bytes. */
  readonly size: (item: In) => number;
  /** Whether messages may be handed to the stream ahead of its reader. */
  readonly prefetch?: boolean;
}

/**
 * A `ReadableStream` whose readers take a message straight from where it waits, and what fills it.
 *
 * The platform's reader makes a request for each chunk, has it pulled, puts it into a queue or not, and resolves: more work
 * than `receive` is. Here `read` takes what waits, and returns a promise that is resolved already. To
 * who reads it is the same stream: what is not there yet, `cancel`, errors and the end go the platform's way, and so do all
 * of `pipeTo` and `tee`.
 */
export class DirectSource<In, Out> implements Direct<Out> {
  /** The stream. */
  readonly stream: ReadableStream<Out>;
  readonly #source: MessageSource<In>;
  readonly #options: MessageSourceOptions<In, Out>;
  /** Undefined once the stream takes nothing more. */
  #controller: ReadableStreamDefaultController<Out> | undefined;
  /** How many reads the stream still has to answer; if negative, how many messages it holds for those to come. */
  #owed = 0;
  /** Whose messages the stream holds, the last ones at least. */
  readonly #heldOf: Ring<PeerInfo> = new Ring();

  /** @param source Where messages wait. @param options What is made of them. */
  constructor(source: MessageSource<In>, options: MessageSourceOptions<In, Out>) {
    this.#source = source;
    this.#options = options;
    this.stream = new DirectReadable<Out>({
      start: (controller) => {
        this.#controller = controller;
      },
      pull: () => this.#pull(),
      cancel: () => {
        this.#controller = undefined;
        source.cancel();
      },
    }, this);
  }

  /** Whether the stream still takes something. */
  get open(): boolean {
    return this.#controller !== undefined;
  }

  /** Hands a message to the stream; false if there is nothing in it for a reader. */
  enqueue(item: In): boolean {
    const made = this.#options.take(item);
    if (made === NONE) return false;
    this.#owed--;
    this.#heldOf.push(this.#source.peerOf(item));
    // The stream may ask for the next one meanwhile.
    this.#controller?.enqueue(made);
    if (this.#heldOf.size > 2 * PREFETCH_MESSAGES) this.#forgetRead();
    return true;
  }

  /** Forgets whose messages those were that have been read. */
  #forgetRead(): void {
    const held = -(this.#controller?.desiredSize ?? 0);
    while (this.#heldOf.size > held) this.#heldOf.shift();
  }

  /** Ends the stream behind what it was handed. */
  close(): void {
    this.#controller?.close();
    this.#controller = undefined;
  }

  /** Ends the stream with an error. */
  error(reason: unknown): void {
    this.#controller?.error(reason);
    this.#controller = undefined;
  }

  /** A message that was handed to the stream, while nobody reads it: it comes before those that wait elsewhere. */
  takeAhead(): Promise<Out> | undefined {
    return this.takeAheadAs((message) => message);
  }

  /** The same, made something else of. */
  takeAheadAs<As>(finish: (message: Out, peer: PeerInfo) => As): Promise<As> | undefined {
    const room = this.#controller?.desiredSize ?? 0;
    if (room >= 0 || this.stream.locked) return undefined;
    this.#forgetRead();
    const peer = this.#heldOf.peek()!;
    const reader: ReadableStreamDefaultReader<Out> = new ReadableStreamDefaultReader(this.stream);
    const message = reader.read().then(({ value }) => finish(value as Out, peer));
    reader.releaseLock();
    return message;
  }

  begin(): void {
    this.#owed = this.#controller?.desiredSize ?? 0;
  }

  release(): void {
    this.#source.want(false);
  }

  take(): Out | None {
    while (this.#owed === 0 && this.#controller !== undefined) {
      const item = this.#source.next();
      if (item === undefined) break;
      const made = this.#options.take(item);
      if (made !== NONE) return made;
    }
    this.#owed++;
    return NONE;
  }

  /** Fills the stream: where it is not one of our readers that asks, with more than was asked for. */
  #pull(): void {
    const { size, prefetch } = this.#options;
    let bytes = 0;
    for (let count = 0; count <= PREFETCH_MESSAGES && bytes < PREFETCH_BYTES;) {
      const item = this.#source.next();
      if (item === undefined) {
        if (count === 0) this.#source.want(true);
        return;
      }
      if (!this.enqueue(item)) continue;
      if (prefetch === false || this.#owed >= 0) return;
      count++;
      bytes += size(item);
    }
  }
}
