import { NONE, type None } from "../base/none.ts";

/** Where the readers of a stream take from. */
export interface Direct<Chunk> {
  /** There is a new reader, and it has asked for nothing. */
  begin(): void;
  /** The next chunk, past the stream; `NONE` if the stream is to be asked. */
  take(): Chunk | None;
  /** The reader has gone, and what it waited for is anybody's. */
  release(): void;
}

/** A stream whose readers, and `for await`, take what waits past its queue: `direct_source.ts` says why. */
export class DirectReadable<Chunk> extends ReadableStream<Chunk> {
  readonly #direct: Direct<Chunk>;

  /** @param source Fills the stream. @param direct Where its readers look first. */
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
    const value = this.#direct === undefined ? NONE : this.#direct.take();
    if (value === NONE) return this.#reader.read();
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
    if (value !== NONE) return Promise.resolve({ value, done: false });
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
