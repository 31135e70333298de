import { SPError } from "../base/errors.ts";
import { describe, viewBytes } from "./message.ts";
import { TransferredMessage } from "./owned.ts";

/**
 * Gives a message's memory away, so that it can reach another thread without a copy.
 *
 * The buffer is detached at once, as by `postMessage(buffer, [buffer])`: whoever looks at it finds no bytes there any
 * more. What comes back is a message for `send`, `request`, a `writable` or the answer of a `serve` handler, to be sent
 * once, by any transport. A peer in another thread (`attachInproc`) gets the very same memory if the message is larger
 * than 16 KiB, goes to one peer only, and has no protocol header before it (in PUSH, PAIR, PUB and BUS it has none);
 * otherwise it is copied once on its way.
 *
 * A view of a part of a buffer, as a message that came mostly is, and memory that cannot be detached (shared, or
 * WebAssembly's), is copied here instead, and stays as it is.
 *
 * @param message Bytes, or a view of bytes.
 * @returns The message, to be sent once.
 * @throws {SPError} `EINVAL` if it is anything else, or was detached before.
 *
 * @example
 * ```ts
 * import { Pull, Push, transfer } from "@nanostreams/nanostreams";
 *
 * await using pull = new Pull();
 * await pull.bind("inproc://images");
 * await using push = new Push();
 * push.connect("inproc://images");
 * const image = new Uint8Array(8_000_000);
 * await push.send(transfer(image));
 * console.log(image.length, (await pull.receive()).length); // 0 8000000
 * ```
 */
export function transfer(message: ArrayBufferLike | ArrayBufferView): TransferredMessage {
  if (typeof message !== "object" || message === null) {
    const wanted = "expected an ArrayBuffer or a view of one";
    throw new SPError("EINVAL", `Cannot transfer ${describe(message)}: ${wanted}`);
  }
  return new TransferredMessage(move(viewBytes(message, "transfer")));
}

function move(bytes: Uint8Array): Uint8Array {
  const { buffer, length } = bytes;
  if (!(buffer instanceof ArrayBuffer) || length !== buffer.byteLength) {
    return new Uint8Array(bytes);
  }
  try {
    return new Uint8Array(
      typeof buffer.transfer === "function"
        ? buffer.transfer()
        : structuredClone(buffer, { transfer: [buffer] }),
    );
  } catch {
    return new Uint8Array(bytes);
  }
}
