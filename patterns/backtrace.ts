import { SPError } from "../src/base/errors.ts";
import type { Pipe } from "../src/pipes/pipe.ts";
import type { TransformController } from "../src/contracts/transformer.ts";

/*
 * REQ/REP and SURVEY put a stack of 32-bit big-endian words before the body: the backtrace. Its last word has
 * the high bit set and is the id of the request or survey; each device that the question passed through has pushed the
 * id of the pipe it came by, high bit clear, on the front (sp-request-reply-01, 5 and 6).
 */

/** Devices and both ends that a question may pass, unless told otherwise. */
export const DEFAULT_TTL = 8;

/** Reads a 32-bit big-endian word. */
export function readWord(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24 | bytes[at + 1]! << 16 | bytes[at + 2]! << 8 | bytes[at + 3]!) >>> 0;
}

/** Writes a 32-bit big-endian word, alone. */
export function encodeWord(word: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(4);
  for (let i = 0; i < 4; i++) bytes[i] = word >>> 24 - 8 * i;
  return bytes;
}

/** How many words the backtrace has, with the id; 0 if the message has no whole backtrace. */
export function countWords(message: Uint8Array): number {
  for (let at = 0; at + 4 <= message.length; at += 4) {
    if (message[at]! >= 0x80) return at / 4 + 1;
  }
  return 0;
}

/** The reason why a connection is closed whose peer sent no backtrace. */
export function malformed(what: string): SPError {
  return new SPError("EPROTO", `The peer sent a ${what} without its id`);
}

/**
 * Whether an answer has no id of ours in front, and goes no further. One without any id closes the pipe. One with more in front of it
 * may be what somebody behind a device made up, which is no reason to close the pipe to the device: it is dropped, and counted.
 */
export function isAstray(
  answer: Uint8Array,
  what: string,
  pipe: Pipe,
  controller: TransformController<never>,
): boolean {
  if (answer.length >= 4 && answer[0]! >= 0x80) return false;
  if (countWords(answer) > 0) pipe.drop("unasked");
  else {
    pipe.drop("malformed");
    controller.error(malformed(what));
  }
  return true;
}

/** A new run of ids: a random start, then one up, always with the high bit set. */
export class IdSequence {
  #last: number = Math.floor(Math.random() * 0x8000_0000);

  /** The next id. */
  next(): number {
    this.#last = (this.#last + 1) & 0x7fff_ffff;
    return (this.#last | 0x8000_0000) >>> 0;
  }
}

/**
 * Measures the backtrace of a question that came by a pipe.
 *
 * A message without a whole backtrace closes the pipe; one whose backtrace has more words than `ttl`
 * is dropped, and counted: a TTL of n permits n − 1 devices.
 *
 * @returns How many bytes the backtrace has; 0 if the message goes no further.
 */
export function measureBacktrace(
  message: Uint8Array,
  pipe: Pipe,
  ttl: number,
  controller: TransformController<never>,
): number {
  const words = countWords(message);
  if (words > 0 && words <= ttl) return words * 4;
  if (words > 0) pipe.drop("ttl");
  else {
    pipe.drop("malformed");
    controller.error(malformed("question"));
  }
  return 0;
}

/** Copies a message's header: a view would keep the whole chunk alive. */
export function takeHeader(message: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array(length);
  for (let i = 0; i < length; i++) header[i] = message[i]!;
  return header;
}
