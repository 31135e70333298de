import { describe } from "../base/describe.ts";
import { SPError } from "../base/errors.ts";
import { takeOwned, TransferredMessage } from "./owned.ts";
import { COPY_LIMIT } from "./packer.ts";

export { describe };

/**
 * What a socket takes as a message: text is sent as UTF-8, a view sends the bytes that it shows, and
 * `transfer(bytes)` gives its memory away.
 */
export type MessageLike = string | ArrayBufferLike | ArrayBufferView | TransferredMessage;

/**
 * A message of a raw socket, with the protocol's own header apart from the body.
 *
 * For REQ/REP and SURVEY the header is the whole backtrace (pipe ids, then the request id), for PAIR
 * version 1 the hop count; it is empty for the protocols that have none.
 *
 * @typeParam Bytes What a message that comes is made of; one to be sent may lie in shared memory.
 */
export interface RawMessage<Bytes extends Uint8Array = Uint8Array<ArrayBuffer>> {
  /** The protocol's header, as on the wire. */
  readonly header: Bytes;
  /** What the application sent. */
  readonly body: Bytes;
}

/** What a pipe sends: a bare body, or a body behind its protocol's header. */
export type Outgoing = Uint8Array | RawMessage<Uint8Array>;

const encoder = new TextEncoder();

/** The largest message taken from a peer unless told otherwise, in bytes: as in nanomsg and mangos. */
export const DEFAULT_MAX_MESSAGE_SIZE: number = 1024 * 1024;

const EMPTY = new Uint8Array(0);

/**
 * Views a message as bytes, without a copy where there is something to view.
 *
 * @throws {SPError} `EINVAL` if the value is none of the types that a message may have, or its memory is detached.
 */
export function toBytes(message: MessageLike): Uint8Array {
  const bytes = viewBytes(message);
  // One that is empty is known to be so: it is not a borrowed message that has lost its memory.
  if (bytes.length === 0) return EMPTY;
  if (bytes.length <= COPY_LIMIT || !isResizable(bytes)) return bytes;
  // A view of a length of its own becomes empty when its buffer gets too small; others become shorter.
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}

/**
 * A message that has to wait, in memory that its sender may use again: up to 16 KiB are copied. A larger one is borrowed
 * from its sender, who must not change it.
 */
export function keepBytes(bytes: Uint8Array): Uint8Array {
  return bytes.length > COPY_LIMIT || bytes.length === 0 ? bytes : new Uint8Array(bytes);
}

/** {@linkcode keepBytes} for a chunk that waits in a stream's own queue; what is no message stays as it is. */
export function keepChunk(chunk: unknown): unknown {
  if (chunk instanceof ArrayBuffer || ArrayBuffer.isView(chunk)) {
    return chunk.byteLength === 0 ? chunk : keepBytes(toBytes(chunk));
  }
  if (Array.isArray(chunk)) return chunk.map(keepChunk);
  if (typeof chunk !== "object" || chunk === null || !("body" in chunk)) return chunk;
  return { ...chunk, body: keepChunk(chunk.body), ...headerOf(chunk) };
}

function headerOf(chunk: object): { header?: unknown } {
  return "header" in chunk ? { header: keepChunk(chunk.header) } : {};
}

/** {@linkcode keepBytes} for what pipes take. */
export function keepMessage(message: Outgoing): Outgoing {
  return "body" in message ? keepRaw(message) : keepBytes(message);
}

/** {@linkcode keepBytes} for both parts of a message. */
export function keepRaw({ header, body }: RawMessage<Uint8Array>): RawMessage<Uint8Array> {
  return { header: keepBytes(header), body: keepBytes(body) };
}

/**
 * Whether a borrowed message's memory was taken away: its buffer was detached, or made smaller. No other message is empty
 * and has such a buffer, see {@linkcode toBytes}.
 */
export function isGone(bytes: Uint8Array): boolean {
  if (bytes.length > 0 || bytes === EMPTY) return false;
  try {
    new Uint8Array(bytes.buffer);
    return isResizable(bytes);
  } catch {
    return true;
  }
}

function isResizable({ buffer }: Uint8Array): boolean {
  return (buffer as { readonly resizable?: boolean }).resizable === true;
}

/** {@linkcode toBytes}, but for an empty message too a view of its own memory. */
export function viewBytes(message: MessageLike, verb: "send" | "transfer" = "send"): Uint8Array {
  try {
    const bytes = view(message);
    // A view of a detached buffer looks like an empty one, but no other can be made.
    if (bytes.length === 0) new Uint8Array(bytes.buffer);
    return bytes;
  } catch (cause) {
    if (cause instanceof SPError) throw cause;
    const what = `Cannot ${verb} a message whose memory is gone: its buffer was detached, or ` +
      "transferred before";
    throw new SPError("EINVAL", what, { cause });
  }
}

function view(message: MessageLike): Uint8Array {
  if (message instanceof Uint8Array) return message;
  if (typeof message === "string") return encoder.encode(message);
  if (ArrayBuffer.isView(message)) {
    return new Uint8Array(message.buffer, message.byteOffset, message.byteLength);
  }
  if (
    message instanceof ArrayBuffer ||
    (typeof SharedArrayBuffer !== "undefined" && message instanceof SharedArrayBuffer)
  ) return new Uint8Array(message);
  if (message instanceof TransferredMessage) return takeOwned(message);
  throw new SPError(
    "EINVAL",
    `Cannot send ${describe(message)}: expected a string, an ArrayBuffer or a view of one`,
  );
}
