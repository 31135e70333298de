import { SPError } from "./errors.ts";
import { describe } from "./message.ts";
import { COPY_LIMIT } from "./packer.ts";
import { addReceived, isReceived, rememberReceived } from "./received.ts";

const canTransfer = typeof ArrayBuffer.prototype.transfer === "function";

/** The most bytes that wait to be used again, and the most pieces. */
const MOST_BYTES = 32 * 1024 * 1024;
const MOST_PIECES = 64;

/** What waits to be used again, by all sockets of this thread; the last one is likely to be in the processor's cache. */
const spare: ArrayBuffer[] = [];
let spareBytes = 0;

/**
 * Gives a message that came back, so that its memory is used for one to come: what `nng_msg_free` and `nn_freemsg` are in
 * the C libraries. Not needed, and worth it where messages larger than 16 KiB come fast: new memory has to be found
 * again by the garbage collector, and mostly to be cleared.
 *
 * The buffer is detached, as by `transfer`: whoever still looks at the message finds no bytes there any more. A
 * message stays as it is, and nothing happens, if other messages lie in its memory too, if it or a part of it was sent on, if it did not
 * come over tcp, ipc, TLS or an attached stream, or if the runtime has no `ArrayBuffer.prototype.transfer`.
 *
 * A thread keeps up to 64 pieces and 32 MiB. A message takes one that is up to twice as large, and is a view of its
 * beginning then; what is behind is left from before.
 *
 * @param message As it came.
 * @throws {SPError} `EINVAL` if it is not a `Uint8Array`.
 *
 * @example
 * ```ts
 * import { Pull, Push, recycle } from "@nanostreams/nanostreams";
 *
 * await using pull = new Pull();
 * const { address } = await pull.bind("tcp://127.0.0.1:0");
 * await using push = new Push();
 * push.connect(address);
 * let brightest = 0;
 * for (let shade = 1; shade <= 3; shade++) {
 *   await push.send(new Uint8Array(640 * 480).fill(shade));
 *   const image = await pull.receive();
 *   brightest = image.reduce((a, b) => Math.max(a, b), brightest);
 *   recycle(image);
 * }
 * console.log(brightest); // 3
 * ```
 */
export function recycle(message: Uint8Array): void {
  if (!(message instanceof Uint8Array)) {
    throw new SPError("EINVAL", `Cannot recycle ${describe(message)}: wanted a Uint8Array`);
  }
  if (message.length <= COPY_LIMIT) return;
  rememberReceived();
  const { buffer } = message;
  if (!isReceived(message) || buffer.byteLength > MOST_BYTES) return;
  while (spare.length === MOST_PIECES || spareBytes + buffer.byteLength > MOST_BYTES) {
    spareBytes -= spare.shift()!.byteLength;
  }
  spare.push((buffer as ArrayBuffer).transfer());
  spareBytes += spare.at(-1)!.byteLength;
}

/**
 * The first bytes of a message, to be kept when the rest is no longer: of a large one a copy, which does not hold on to
 * its memory, and is still there when that is recycled.
 */
export function takeHeader(
  message: Uint8Array<ArrayBuffer>,
  length: number,
): Uint8Array<ArrayBuffer> {
  return message.length > COPY_LIMIT ? message.slice(0, length) : message.subarray(0, length);
}

/** Recycled memory for a message of this length, if there is some that suits. */
export function takeRecycled(length: number): Uint8Array<ArrayBuffer> | undefined {
  if (length <= COPY_LIMIT) return undefined;
  for (let i = spare.length - 1; i >= 0; i--) {
    const size = spare[i]!.byteLength;
    if (size < length || size > 2 * length) continue;
    const [buffer] = spare.splice(i, 1);
    spareBytes -= size;
    return addReceived(new Uint8Array(buffer!, 0, length));
  }
  return undefined;
}

/** Says that new memory was made for one message alone. */
export function makeRecyclable(memory: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return canTransfer && memory.length > COPY_LIMIT ? addReceived(memory) : memory;
}
