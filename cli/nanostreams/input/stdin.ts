/* Standard input, chunk by chunk, only as fast as it is asked for. */
import { Buffer } from "node:buffer";
import type { Readable } from "node:stream";
import { EXIT, Failure } from "../ends.ts";

/**
 * The chunks of a stream, until it ends or `stop` is aborted. Nothing is read ahead of who takes them, but what the stream holds itself.
 */
export async function* chunksOf(stdin: Readable, stop: AbortSignal): AsyncGenerator<Uint8Array> {
  const chunks = stdin[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  let end: (value: undefined) => void = () => {};
  const stopped = new Promise<undefined>((resolve) => end = resolve);
  const onStop = (): void => end(undefined);
  if (stop.aborted) return;
  stop.addEventListener("abort", onStop);
  try {
    for (;;) {
      const reading = chunks.next();
      // What comes of it when it is not waited for any more is nobody's concern.
      reading.catch(() => {});
      const next = await Promise.race([reading, stopped]);
      if (next === undefined || next.done === true) return;
      yield next.value;
    }
  } catch (cause) {
    const what = `cannot read standard input: ${(cause as Error).message}`;
    throw new Failure(EXIT.failed, what, { cause });
  } finally {
    stop.removeEventListener("abort", onStop);
    // Its end may wait for a read that never comes.
    if (stop.aborted) stdin.destroy();
  }
}

/** All of a stream. */
export async function readAll(stdin: Readable, stop: AbortSignal): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of chunksOf(stdin, stop)) chunks.push(chunk);
  return Buffer.concat(chunks);
}
