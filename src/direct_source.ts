/** Messages that the platform is handed at once: to have each pulled would cost as much as the message. */
const PREFETCH_MESSAGES = 64;
/** The same in bytes. */
const PREFETCH_BYTES = 64 * 1024;

/** Where messages wait for a stream. */
export interface Source<In> {
  /** The next one; undefined if none is there. */
  next(): In | undefined;
  /** Whether the stream is to be handed the next that comes. */
  want(isWanted: boolean): void;
  /** The user wants nothing more. */
  cancel(): void;
}

/** What a stream makes of messages. */
export interface SourceOptions<In, Out> {
  /** What the reader gets of one; called in the order in which readers get them. */
  readonly take: (item: In) => Out;
  /** A message's size in bytes. */
  readonly size: (item: In) => number;
  /** Whether messages may be handed to the stream ahead of its reader. */
  readonly prefetch?: boolean;
}

/**
 * A `ReadableStream` whose readers take a message straight from where it waits, and what fills it.
 *
 * The platform's reader makes a request for each chunk, has it pulled, puts it into a queue or not, and resolves: that took
 * two or three times as long as `receive`. Here `read` takes what waits, and returns a promise that is resolved already. To
 * who reads it is the same stream: what is not there yet, `cancel`, errors and the end go the platform's way, and so do all
 * of `pipeTo` and `tee`.
 */
export class DirectSource<In, Out> {
  /** The stream. */
  readonly stream: ReadableStream<Out>;
  readonly #source: Source<In>;
  readonly #options: SourceOptions<In, Out>;
  /** Undefined once the stream takes nothing more. */
  #controller: ReadableStreamDefaultController<Out> | undefined;
  /** How many reads the stream still has to answer; if negative, how many messages it holds for those to come. */
  #owed = 0;

  /** @param source Where messages wait. @param options What is made of them. */
  constructor(source: Source<In>, options: SourceOptions<In, Out>) {
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

  /** Hands a message to the stream. */
  enqueue(item: In): void {
    this.#owed--;
    this.#controller!.enqueue(this.#options.take(item));
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

  /** There is a new reader, and it has asked for nothing. */
  begin(): void {
    this.#owed = this.#controller?.desiredSize ?? 0;
  }

  /** The reader has gone, and what it waited for is anybody's. */
  release(): void {
    this.#source.want(false);
  }

  /** The next message, past the stream; undefined if the stream is to be asked. */
  take(): Out | undefined {
    if (this.#owed === 0 && this.#controller !== undefined) {
      const item = this.#source.next();
      if (item !== undefined) return this.#options.take(item);
    }
    this.#owed++;
    return undefined;
  }

  /** Fills the stream: where it is not one of our readers that asks, with more than was asked for. */
  #pull(): void {
    const { size, prefetch } = this.#options;
    let bytes = 0;
    for (let count = 0; count <= PREFETCH_MESSAGES && bytes < PREFETCH_BYTES; count++) {
      const item = this.#source.next();
      if (item === undefined) {
        if (count === 0) this.#source.want(true);
        return;
      }
      bytes += size(item);
      this.enqueue(item);
      if (prefetch === false || this.#owed >= 0) return;
    }
  }
}

/** What a reader needs of its stream. */
interface Direct<Chunk> {
  begin(): void;
  take(): Chunk | undefined;
  release(): void;
}

class DirectReadable<Chunk> extends ReadableStream<Chunk> {
  readonly #direct: Direct<Chunk>;

  constructor(source: UnderlyingDefaultSource<Chunk>, direct: Direct<Chunk>) {
    super(source, { highWaterMark: 0 });
    this.#direct = direct;
  }

  override getReader(options: { mode: "byob" }): ReadableStreamBYOBReader;
  override getReader(): ReadableStreamDefaultReader<Chunk>;
  override getReader(
    options?: ReadableStreamGetReaderOptions,
  ): ReadableStreamDefaultReader<Chunk>;
  override getReader(
    options?: ReadableStreamGetReaderOptions,
  ): ReadableStreamDefaultReader<Chunk> | ReadableStreamBYOBReader {
    if (options?.mode !== undefined) return super.getReader(options as { mode: "byob" });
    const reader = this.#begin();
    const Reader = "readMany" in reader ? ManyReader : DirectReader;
    return new Reader(reader, this.#direct);
  }

  override values(options?: ReadableStreamIteratorOptions): ReadableStreamAsyncIterator<Chunk> {
    return new DirectIterator(this.#begin(), this.#direct, options?.preventCancel === true);
  }

  override [Symbol.asyncIterator](
    options?: ReadableStreamIteratorOptions,
  ): ReadableStreamAsyncIterator<Chunk> {
    return this.values(options);
  }

  #begin(): ReadableStreamDefaultReader<Chunk> {
    const reader = super.getReader();
    this.#direct.begin();
    return reader;
  }
}

/** A reader of the platform, which is asked only where nothing waits. */
class DirectReader<Chunk> implements ReadableStreamDefaultReader<Chunk> {
  readonly #reader: ReadableStreamDefaultReader<Chunk>;
  /** Undefined once it is released. */
  #direct: Direct<Chunk> | undefined;

  constructor(reader: ReadableStreamDefaultReader<Chunk>, direct: Direct<Chunk>) {
    this.#reader = reader;
    this.#direct = direct;
  }

  get closed(): ReadableStreamDefaultReader<Chunk>["closed"] {
    return this.#reader.closed;
  }

  read(): Promise<ReadableStreamReadResult<Chunk>> {
    const value = this.#direct?.take();
    if (value === undefined) return this.#reader.read();
    return Promise.resolve({ value, done: false });
  }

  cancel(reason?: unknown): Promise<void> {
    return this.#reader.cancel(reason);
  }

  releaseLock(): void {
    this.#reader.releaseLock();
    this.#direct?.release();
    this.#direct = undefined;
  }
}

/** Bun's readers can be asked for all that the stream holds, which some versions' consumers of streams do: one message is an answer. */
class ManyReader<Chunk> extends DirectReader<Chunk> {
  async readMany(): Promise<{ value: Chunk[]; size: number; done: boolean }> {
    const { value, done } = await this.read();
    return done ? { value: [], size: 0, done } : { value: [value], size: 1, done };
  }
}

/** What `for await` goes through: reads as a reader does, and lets go of the stream at the end. */
class DirectIterator<Chunk> implements AsyncIterableIterator<Chunk, undefined> {
  readonly #direct: Direct<Chunk>;
  readonly #preventCancel: boolean;
  /** Undefined once it is released. */
  #reader: ReadableStreamDefaultReader<Chunk> | undefined;
  /** Whether nothing more is asked for. */
  #isOver = false;
  /** How many reads wait, and the last of them. */
  #waits = 0;
  #last: Promise<unknown> | undefined;

  constructor(
    reader: ReadableStreamDefaultReader<Chunk>,
    direct: Direct<Chunk>,
    preventCancel: boolean,
  ) {
    this.#reader = reader;
    this.#direct = direct;
    this.#preventCancel = preventCancel;
  }

  next(): Promise<IteratorResult<Chunk, undefined>> {
    if (this.#isOver) return Promise.resolve({ value: undefined, done: true });
    const value = this.#direct.take();
    if (value !== undefined) return Promise.resolve({ value, done: false });
    const result = this.#wait(this.#reader!);
    this.#last = result;
    return result;
  }

  return(reason?: undefined): Promise<IteratorReturnResult<undefined>> {
    this.#isOver = true;
    const leave = (): Promise<IteratorReturnResult<undefined>> => this.#leave(reason);
    return this.#last === undefined ? leave() : this.#last.then(leave, leave);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  async #wait(
    reader: ReadableStreamDefaultReader<Chunk>,
  ): Promise<IteratorResult<Chunk, undefined>> {
    this.#waits++;
    try {
      const { value, done } = await reader.read();
      if (!done) return { value, done };
      this.#release();
    } catch (error) {
      // The first tells; for those behind it there is nothing more.
      if (this.#reader !== undefined) {
        this.#release();
        throw error;
      }
    } finally {
      if (--this.#waits === 0) this.#last = undefined;
    }
    return { value: undefined, done: true };
  }

  async #leave(reason: undefined): Promise<IteratorReturnResult<undefined>> {
    const cancelled = this.#preventCancel ? undefined : this.#reader?.cancel(reason);
    this.#release();
    await cancelled;
    return { value: reason, done: true };
  }

  #release(): void {
    this.#isOver = true;
    if (this.#reader === undefined) return;
    this.#reader.releaseLock();
    this.#reader = undefined;
    this.#direct.release();
  }
}
