/** Commands: a name and data in one body (RFC 37, 3.4). */

import { SPError } from "../../src/base/errors.ts";
import { describe } from "../../src/memory/message.ts";

/** A command, taken apart. */
export interface Command {
  readonly name: string;
  /** What follows the name: a view of the body. */
  readonly data: Uint8Array<ArrayBuffer>;
}

const utf8 = new TextEncoder();

/** Several pieces as one, in new memory. */
export function join(...pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** Text behind its length in one byte. It must not have more than 255 bytes. */
export function shortText(text: string): Uint8Array<ArrayBuffer> {
  const bytes = utf8.encode(text);
  return join(Uint8Array.of(bytes.length), bytes);
}

/** The body of a command. */
export function encodeCommand(
  name: string,
  ...data: readonly Uint8Array[]
): Uint8Array<ArrayBuffer> {
  return join(shortText(name), ...data);
}

/** The body of an ERROR command. */
export function encodeError(reason: string): Uint8Array<ArrayBuffer> {
  return encodeCommand("ERROR", shortText(reason));
}

/**
 * Takes the body of a command apart.
 *
 * @throws {SPError} `EPROTO` if the name does not fit into the body.
 */
export function parseCommand(body: Uint8Array<ArrayBuffer>): Command {
  const [length = 0] = body;
  if (body.length === 0) throw malformed("The peer sent a command without a name");
  if (length >= body.length) {
    const what = `a command of ${body.length} bytes with a name of ${length}`;
    throw malformed(`The peer sent ${what}`);
  }
  const name = String.fromCharCode(...body.subarray(1, 1 + length));
  return { name, data: body.subarray(1 + length) };
}

/**
 * The data of the command that has to come next in a handshake.
 *
 * @param canRefuse Whether the peer may send ERROR instead.
 * @throws {SPError} `EPROTO` if it is another one, or malformed; `EAUTH` if it is ERROR.
 */
export function expectCommand(
  body: Uint8Array<ArrayBuffer>,
  wanted: string,
  canRefuse: boolean,
): Uint8Array<ArrayBuffer> {
  const { name, data } = parseCommand(body);
  if (name === wanted) return data;
  if (name === "ERROR" && canRefuse) throw refusal(data);
  throw malformed(`The peer sent the command ${describe(name)}, expected ${wanted}`);
}

/** The error that the data of the peer's ERROR stands for. */
export function refusal(data: Uint8Array<ArrayBuffer>): SPError {
  const [length] = data;
  if (length === undefined || data.length !== 1 + length) {
    const wrong = length === undefined
      ? "it has no reason"
      : `its reason has ${data.length - 1} bytes, announced were ${length}`;
    return malformed(`The peer sent a malformed ERROR: ${wrong}`);
  }
  const reason = String.fromCharCode(...data.subarray(1));
  return new SPError("EAUTH", `The peer refuses us: ERROR ${describe(reason)}`);
}

/** The error for what the peer should not have sent. */
export function malformed(what: string): SPError {
  return new SPError("EPROTO", what);
}

/** The error for a command that is too long or too short. */
export function wrongSize(name: string, { length }: Uint8Array, expected: string): SPError {
  return malformed(`The peer sent a ${name} of ${length} bytes, expected ${expected}`);
}
