import { SPError } from "../base/errors.ts";
import { COPY_LIMIT } from "./packer.ts";

/**
 * Views of memory that nobody else uses: neither the user, who gave it away, nor another pipe. Whoever
 * hands such a view to somebody else in this thread takes it out.
 */
const owned: WeakSet<Uint8Array> = new WeakSet();

/** Whether nobody else uses this memory, so that it may be moved to another thread. */
export function isOwned(bytes: Uint8Array): boolean {
  return owned.has(bytes);
}

/** Somebody else uses this memory too, from now on. */
export function disown(bytes: Uint8Array): void {
  if (bytes.length > COPY_LIMIT) owned.delete(bytes);
}

let take: (message: TransferredMessage) => Uint8Array;
let restore: (message: TransferredMessage) => void;

/** A message that was given away: what `transfer` returns, to be sent once. If `send` rejects, it can be sent again. */
export class TransferredMessage {
  /** Its length in bytes. */
  readonly byteLength: number;
  readonly #bytes: Uint8Array;
  #isTaken = false;

  /**
   * Made by `transfer`.
   *
   * @param bytes Memory that nobody else uses.
   */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.byteLength = bytes.byteLength;
  }

  static {
    take = (message) => {
      if (message.#isTaken) {
        throw new SPError("EINVAL", "Cannot send a transferred message twice: its memory is gone");
      }
      message.#isTaken = true;
      owned.add(message.#bytes);
      return message.#bytes;
    };
    restore = (message) => message.#isTaken = false;
  }
}

/** Takes the bytes out of a message that was given away, for the one time that it is sent. */
export function takeOwned(message: TransferredMessage): Uint8Array {
  return take(message);
}

/** A message that was not sent can be sent again, if it was one that was given away. */
export function giveBack(message: unknown): void {
  if (Array.isArray(message)) return message.forEach(giveBack);
  const body = typeof message === "object" && message !== null && "body" in message
    ? message.body
    : message;
  if (body instanceof TransferredMessage) restore(body);
}
