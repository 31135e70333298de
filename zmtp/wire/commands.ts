/* The body of a command is `nameLen(1) name data` (RFC 37, 2.3). */

const encoder = new TextEncoder();
const decoder = new TextDecoder("latin1");

/** A command, taken apart. */
export interface Command {
  readonly name: string;
  readonly data: Uint8Array<ArrayBuffer>;
}

const NOTHING = new Uint8Array(0);

/** Takes the body of a command apart; undefined if it is none. */
export function parseCommand(body: Uint8Array<ArrayBuffer>): Command | undefined {
  const length = body[0] ?? 0;
  if (length === 0 || 1 + length > body.length) return undefined;
  return { name: decoder.decode(body.subarray(1, 1 + length)), data: body.subarray(1 + length) };
}

/** Makes the body of a command. */
export function encodeCommand(name: string, data: Uint8Array = NOTHING): Uint8Array<ArrayBuffer> {
  const body = new Uint8Array(1 + name.length + data.length);
  body[0] = name.length;
  encoder.encodeInto(name, body.subarray(1));
  body.set(data, 1 + name.length);
  return body;
}
