import { RESOLVED } from "./wait.ts";

/** Where the chunks of a stream come from. */
export interface Source<Chunk> {
  /** The next chunk; undefined if none is there. */
  next(): Chunk | undefined;
  /** Fills the stream, now or when there is something to fill it with. */
  pull(): void;
  /** The user wants nothing more. */
  cancel(): void;
}

/**
 * A `ReadableStream` whose readers take a chunk straight from where it waits, and what fills it.
 *
 * The platform's reader makes a request for each chunk, has it pulled, put into a queue or not, and resolved: two or three
 * times the work of `receive`. Here `read` takes what waits, and returns a promise that is resolved already. To who reads it
 * is the same stream: what is not there yet, `cancel`, errors and the end go the platform's way, and so do all of `pipeTo`,
 * `tee` and `for await`.
 */
export class DirectSource<Chunk> {
  /** The stream. */
  readonly stream: ReadableStream<Chunk>;
  readonly #source: Source<Chunk>;
  /** Undefined once the stream takes nothing more. */
  #controller: ReadableStreamDefaultController<Chunk> | undefined;
  /** How many reads the stream still has to answer; if negative, how many chunks it holds for those to come. */
  #owed = 0;

  /** @param source Where its chunks come from. */
  constructor(source: Source<Chunk>) {
    this.#source = source;
    this.stream = new DirectReadable({
      start: (controller) => void (this.#controller = controller),
      pull: () => source.pull(),
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

  /** Whether the stream is read by what asks for each chunk, and not by the platform, which is better handed some at a time. */
  get isAsked(): boolean {
    return this.#owed >= 0;
  }

  /** Hands a chunk to the stream. */
  enqueue(chunk: Chunk): void {
    this.#owed--;
    this.#controller!.enqueue(chunk);
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

  /** There is a reader, and nothing asked for. */
  begin(): void {
    this.#owed = this.#controller?.desiredSize ?? 0;
  }

  /** The next chunk, past the stream; undefined if the stream is to be asked. */
  take(): Chunk | undefined {
    if (this.#owed === 0 && this.#controller !== undefined) {
      const chunk = this.#source.next();
      if (chunk !== undefined) return chunk;
    }
    this.#owed++;
    return undefined;
  }
}

/** What a reader needs of its stream. */
interface Direct<Chunk> {
  begin(): void;
  take(): Chunk | undefined;
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
    return new DirectReader(this.#begin(), this.#direct);
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
    this.#direct = undefined;
  }
}

/** What `for await` goes through: reads as a reader does, and lets go of the stream at the end. */
class DirectIterator<Chunk> implements AsyncIterableIterator<Chunk, undefined> {
  /** Undefined once it is released. */
  #reader: ReadableStreamDefaultReader<Chunk> | undefined;
  /** Undefined once nothing more is asked for. */
  #direct: Direct<Chunk> | undefined;
  readonly #preventCancel: boolean;
  /** The last read that had to wait. */
  #waiting: Promise<unknown> = RESOLVED;

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
    const value = this.#direct?.take();
    if (value !== undefined) return Promise.resolve({ value, done: false });
    if (this.#direct === undefined) return Promise.resolve({ value: undefined, done: true });
    const result = this.#wait(this.#reader!);
    this.#waiting = result;
    return result;
  }

  async return(reason?: undefined): Promise<IteratorReturnResult<undefined>> {
    this.#direct = undefined;
    await this.#waiting.catch(() => {});
    const cancelled = this.#preventCancel ? undefined : this.#reader?.cancel(reason);
    this.#release();
    await cancelled;
    return { value: reason, done: true };
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
    let isOver = true;
    try {
      const result = await reader.read();
      isOver = result.done;
      return result.done ? { value: undefined, done: true } : result;
    } finally {
      if (isOver) this.#release();
    }
  }

  #release(): void {
    this.#reader?.releaseLock();
    this.#reader = this.#direct = undefined;
  }
}
