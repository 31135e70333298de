import { chunkSize } from "./chunk_size.ts";
import { keepChunk } from "../memory/message.ts";
import { afterSending, nextTurn } from "../base/turn.ts";
import { quiet, Waiter } from "../base/wait.ts";

/** Who is told what became of a message that had to wait for its place. */
export interface Settler {
  /** It has found it. */
  resolve(): void;
  /** It never will. */
  reject(reason: unknown): void;
  /** It never will, since the socket is closed: no unhandled rejection, should nobody wait any more. */
  cancel(reason: unknown): void;
}

/** Where chunks go that pass by the queue of their stream. */
export interface DirectWay<Message> {
  /** Whether they may: the stream's queue is empty, and it takes more. */
  readonly open: boolean;
  /** Sends a message now; false if it has to wait. Throws if it never can be sent. */
  place(message: Message): boolean;
  /** Has a message wait, behind those that do. */
  hold(message: Message, settler: Settler): void;
  /** Forgets the messages of those who are chosen. */
  withdraw(isChosen: (settler: Settler) => boolean): void;
  /** Has the stream error. */
  fail(reason: unknown): void;
  /** The user ends the stream: it is not open any more. */
  end(): void;
}

/** How chunks are taken. */
export interface DirectOptions<Chunk, Message> {
  /** Makes a message of a chunk; throws if none can be made. */
  readonly prepare: (chunk: Chunk) => Message;
  /** What the stream's own queue keeps of a chunk; as of bytes if left out. Throws if no message can be made of it. */
  readonly keepChunk?: (chunk: Chunk) => unknown;
  /** How long a message may wait, in milliseconds. */
  readonly sendTimeout: number;
  /** What a write waits for once the message is sent: such a one goes through the stream. */
  readonly afterWrite?: unknown;
}

/**
 * A `WritableStream` whose writers hand a chunk straight to the sink.
 *
 * The platform's writer makes two promises for each chunk, puts it into a queue, takes it out again, and takes the next one
 * only some microtasks after the sink has returned: that took longer than the whole way from `send` to the socket, which
 * `npm run bench -- throughput` shows as "calls" beside "streams". Here `write` calls the sink and returns a promise that is
 * resolved already. To who writes it is the same stream: what cannot be sent, `close`, `abort` and errors go the platform's
 * way, and so does all of `pipeTo`.
 */
export class DirectStream<Chunk, Message> extends WritableStream<Chunk> {
  readonly #way: DirectWay<Message>;
  readonly #options: DirectOptions<Chunk, Message>;
  readonly #isDirect: boolean;
  readonly #limit: number;
  /** The last chunk that waits for its place. */
  #last: Held | undefined;
  #count = 0;
  /** By the measure of the stream's queue. */
  #held = 0;
  /** Told when nothing is held any more; made when as much is held as may be. */
  #room: Waiter<void> | undefined;
  /** Ends when the first has waited too long. */
  #patience: Waiter<void> | undefined;

  /**
   * @param sink Takes what goes through the stream.
   * @param strategy The stream's queue; as much may be held here.
   * @param way Takes the rest.
   * @param options How.
   */
  constructor(
    sink: UnderlyingSink<Chunk>,
    strategy: QueuingStrategy<Chunk> & { readonly highWaterMark: number },
    way: DirectWay<Message>,
    options: DirectOptions<Chunk, Message>,
  ) {
    super(sink, strategy);
    this.#way = way;
    this.#options = options;
    this.#isDirect = options.afterWrite === undefined;
    this.#limit = strategy.highWaterMark;
  }

  /** What waits for its place, by the measure of the stream's queue. */
  get held(): number {
    return this.#held;
  }

  /** Resolves when nothing is held any more, or in the next turn; undefined as long as more may be written. */
  get room(): Promise<void> | undefined {
    return this.#room?.promise ?? nextTurn();
  }

  /** Resolves when all that is held now is sent; undefined if nothing is. */
  get flushed(): Promise<void> | undefined {
    return this.#last?.promise;
  }

  /** Writes what goes through the stream once all that passed by it is sent; undefined if it is. */
  behind(signal: AbortSignal, write: () => Promise<void> | undefined): Promise<void> | undefined {
    const { flushed } = this;
    if (flushed === undefined) return undefined;
    const onAbort = (): void => this.drop(signal.reason);
    signal.addEventListener("abort", onAbort);
    return flushed.then(write).finally(() => signal.removeEventListener("abort", onAbort));
  }

  /** Takes a chunk; resolves when it has its place. Undefined if it has to go through the stream. */
  take(chunk: Chunk): Promise<void> | undefined {
    const way = this.#way;
    if (!this.#isDirect || !way.open) return undefined;
    let message: Message;
    try {
      message = this.#options.prepare(chunk);
    } catch {
      // The stream meets the same, and errors.
      return undefined;
    }
    const size = chunkSize(message);
    try {
      if (way.place(message)) return afterSending(size);
    } catch (error) {
      way.fail(error);
      return Promise.reject(error);
    }
    return this.#hold(message, size);
  }

  /** Gives up what is held: the stream has come to its end. */
  drop(reason: unknown): void {
    const room = this.#room;
    this.#empty();
    this.#way.withdraw((settler) => settler instanceof Held && settler.giveUp(reason));
    room?.reject(reason);
  }

  /** What the stream's own queue keeps of a chunk: its memory is the writer's again. */
  keep(chunk: Chunk): Chunk {
    const { keepChunk: keep = keepChunk } = this.#options;
    try {
      return keep(chunk) as Chunk;
    } catch {
      // The stream meets the same, and errors.
      return chunk;
    }
  }

  /** The user ends the stream. */
  end(): void {
    this.#way.end();
  }

  override getWriter(): WritableStreamDefaultWriter<Chunk> {
    return new DirectWriter(super.getWriter(), this);
  }

  override close(): Promise<void> {
    if (!this.locked) this.end();
    return super.close();
  }

  override abort(reason?: unknown): Promise<void> {
    if (!this.locked) this.end();
    return super.abort(reason);
  }

  #hold(message: Message, size: number): Promise<void> {
    const held = this.#last = new Held(size, this);
    this.#held += size;
    if (this.#held >= this.#limit && this.#room === undefined) {
      this.#room = new Waiter();
      quiet(this.#room.promise);
    }
    this.#way.hold(message, held);
    if (this.#count++ === 0) this.#limitWait();
    return held.promise;
  }

  /** The first that is held has found its place. */
  sent(size: number): void {
    this.#held -= size;
    if (--this.#count > 0) return this.#limitWait();
    const room = this.#room;
    this.#empty();
    room?.resolve();
  }

  /** What is held, or will be, cannot be sent. */
  failed(reason: unknown): void {
    this.#way.fail(reason);
  }

  #empty(): void {
    this.#last = this.#room = undefined;
    this.#count = this.#held = 0;
    this.#patience?.resolve();
    this.#patience = undefined;
  }

  /** The time that a message may wait begins when it is the first. */
  #limitWait(): void {
    const { sendTimeout } = this.#options;
    if (sendTimeout === Infinity) return;
    if (this.#patience === undefined) {
      this.#patience = new Waiter();
      this.#patience.promise.catch((error) => this.#way.fail(error));
    }
    this.#patience.limit(sendTimeout, "send");
  }
}

/** Whose message waits. */
class Held implements Settler {
  readonly promise: Promise<void>;
  readonly #size: number;
  readonly #stream: { sent(size: number): void; failed(reason: unknown): void };
  #resolve!: () => void;
  #reject!: (reason: unknown) => void;

  constructor(size: number, stream: { sent(size: number): void; failed(reason: unknown): void }) {
    this.#size = size;
    this.#stream = stream;
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  resolve(): void {
    this.#resolve();
    this.#stream.sent(this.#size);
  }

  /** It is the first, and all that are behind it go with it. */
  reject(reason: unknown): void {
    this.#reject(reason);
    this.#stream.failed(reason);
  }

  cancel(reason: unknown): void {
    quiet(this.promise);
    this.reject(reason);
  }

  /** It goes with the stream. */
  giveUp(reason: unknown): true {
    quiet(this.promise);
    this.#reject(reason);
    return true;
  }
}

/** Its promises resolve with nothing, which some versions of the platform's types call `void`, and others `undefined`. */
type Writer = WritableStreamDefaultWriter;

/** What a writer needs of its stream. */
interface DirectWrites<Chunk> {
  readonly held: number;
  readonly room: Promise<void> | undefined;
  readonly flushed: Promise<void> | undefined;
  take(chunk: Chunk): Promise<void> | undefined;
  keep(chunk: Chunk): Chunk;
  end(): void;
}

/** A writer of the platform, which is asked only where the stream does not take a chunk directly. */
class DirectWriter<Chunk> implements WritableStreamDefaultWriter<Chunk> {
  readonly #writer: WritableStreamDefaultWriter<Chunk>;
  /** Undefined once it is released. */
  #stream: DirectWrites<Chunk> | undefined;
  /** Whether `close` was called. */
  #closing = false;
  /** What the platform's writer says to it, once it is asked. */
  #closed: Promise<void> | undefined;

  constructor(writer: WritableStreamDefaultWriter<Chunk>, stream: DirectWrites<Chunk>) {
    this.#writer = writer;
    this.#stream = stream;
  }

  get closed(): Writer["closed"] {
    return this.#writer.closed;
  }

  get desiredSize(): number | null {
    const size = this.#writer.desiredSize;
    return size === null || size === 0 ? size : size - (this.#stream?.held ?? 0);
  }

  get ready(): Writer["ready"] {
    return (this.#stream?.room as Writer["ready"] | undefined) ?? this.#writer.ready;
  }

  write(chunk?: Chunk): Promise<void> {
    // Node's own writer throws an internal assertion here.
    if (this.#closing) return Promise.reject(new TypeError("Cannot write: the stream was closed"));
    const taken = this.#stream?.take(chunk as Chunk);
    if (taken !== undefined) return taken;
    // What goes wrong here, the stream's `closed` tells as well.
    const kept = this.#stream === undefined ? chunk : this.#stream.keep(chunk as Chunk);
    return quiet(this.#writer.write(kept as Chunk));
  }

  close(): Promise<void> {
    if (this.#closing) return Promise.reject(new TypeError("Cannot close: the stream was closed"));
    const flushed = this.#stream?.flushed;
    this.#closing = this.#stream !== undefined;
    this.#stream?.end();
    // Until nothing is held it can be aborted; once the sink closes it cannot.
    return flushed === undefined ? this.#close() : flushed.then(() => this.#close());
  }

  abort(reason?: unknown): Promise<void> {
    this.#stream?.end();
    return this.#writer.abort(reason);
  }

  releaseLock(): void {
    if (this.#closing && this.#closed === undefined) quiet(this.#close());
    this.#stream = undefined;
    this.#writer.releaseLock();
  }

  #close(): Promise<void> {
    return this.#closed ??= this.#writer.close();
  }
}
