import { SPError } from "./errors.ts";
import { takeOwned, TransferredMessage } from "./owned.ts";
import { share } from "./received.ts";

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
 */
export interface RawMessage {
  /** The protocol's header, as on the wire. */
  readonly header: Uint8Array;
  /** What the application sent. */
  readonly body: Uint8Array;
}

/** What a pipe sends: a bare body, or a body behind its protocol's header. */
export type Outgoing = Uint8Array | RawMessage;

const encoder = new TextEncoder();

/**
 * Views a message as bytes, without a copy where there is something to view.
 *
 * @throws {SPError} `EINVAL` if the value is none of the types that a message may have.
 */
export function toBytes(message: MessageLike): Uint8Array {
  const bytes = view(message);
  share(bytes);
  return bytes;
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
    `Cannot send ${describe(message)}: a message is a string, an ArrayBuffer or a view of one`,
  );
}

/** So many characters of a wrong text are shown. */
const SHOWN = 400;

/** Shows a wrong value in an error message: short, and with its type. Of a text that may be secret, only the type. */
export function describe(value: unknown, isSecret = false): string {
  if (typeof value === "string") {
    if (isSecret) return "a string";
    return JSON.stringify(value.length > SHOWN ? `${value.slice(0, SHOWN)}…` : value);
  }
  if (typeof value === "object" && value !== null) {
    return `an object of type ${value.constructor?.name ?? "null"}`;
  }
  return `${String(value)} (${typeof value})`;
}
