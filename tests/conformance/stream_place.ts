/** A place where two sockets meet on streams that somebody else made. */

import type { Attachment, AttachOptions, Socket } from "../../mod.ts";
import type { Place } from "./transports.ts";

/** Where chunks are cut: in the middle of headers, prefixes and bodies. */
const CUTS: readonly number[] = [3, 5, 9, 1000, 30_000];
const BUFFER = { highWaterMark: 64 * 1024, size: (chunk: Uint8Array) => chunk.length };

/** Streams of bytes in both directions, whole: what `attach` takes asks for less. */
export type ByteStreams = ReadableWritablePair<Uint8Array, Uint8Array>;

/** Two ends of a stream of bytes in both directions, which hands them on in other pieces than it was given. */
export function duplexPair(): [ByteStreams, ByteStreams] {
  const there = cutter();
  const back = cutter();
  return [
    { readable: back.readable, writable: there.writable },
    { readable: there.readable, writable: back.writable },
  ];
}

function cutter(): TransformStream<Uint8Array, Uint8Array> {
  let cuts = 0;
  return new TransformStream<Uint8Array, Uint8Array>(
    {
      transform: (chunk, controller) => {
        const cut = CUTS[cuts++ % CUTS.length]!;
        if (cut < chunk.length) controller.enqueue(chunk.subarray(0, cut));
        controller.enqueue(cut < chunk.length ? chunk.subarray(cut) : chunk);
      },
    },
    BUFFER,
    BUFFER,
  );
}

/** Gives who dials and who listens an end each. */
export class StreamPlace implements Place {
  #host: ((end: ByteStreams) => void) | undefined;
  /** The other ends of those who dialled while nobody listened. */
  readonly #waiting: ByteStreams[] = [];
  readonly #address = `stream://${crypto.randomUUID()}`;

  async listen(
    socket: Socket,
    options: AttachOptions = {},
  ): Promise<{ close(): Promise<void> }> {
    // Fails if the socket is closed, as it should.
    await socket.peers(0);
    const attachments: Attachment[] = [];
    const host = (end: ByteStreams): void => {
      attachments.push(socket.attach(end, { ...options, address: this.#address, role: "bind" }));
    };
    this.#host = host;
    this.#waiting.splice(0).forEach(host);
    return {
      close: async () => {
        if (this.#host === host) this.#host = undefined;
        await Promise.all(attachments.map((attachment) => attachment.close()));
      },
    };
  }

  dial(socket: Socket, options: AttachOptions = {}): { close(): Promise<void> } {
    const [ours, theirs] = duplexPair();
    const attachment = socket.attach(ours, { ...options, address: this.#address });
    if (this.#host === undefined) this.#waiting.push(theirs);
    else this.#host(theirs);
    return attachment;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}
