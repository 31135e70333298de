/** Readers as `pipeTo` and other consumers of the platform's own have them. */

const { getReader } = ReadableStream.prototype;

/** A reader that knows nothing of what a stream's own `getReader` adds. */
export function platformReader<T>(stream: ReadableStream<T>): ReadableStreamDefaultReader<T> {
  return getReader.call(stream) as ReadableStreamDefaultReader<T>;
}

/** Both kinds, for tests that hold with either. */
export const READERS: readonly [
  name: string,
  <T>(stream: ReadableStream<T>) => ReadableStreamDefaultReader<T>,
][] = [
  ["a reader", (stream) => stream.getReader()],
  ["a pipe", platformReader],
];
