import { describe } from "../src/base/describe.ts";
import { SPError } from "../src/base/errors.ts";

const NEWLINE = 0x0a;
const RETURN = 0x0d;

/** Takes a line, without what ends it, and its number, from 1 on. The bytes may be a view of a chunk. */
type Take<Out> = (
  line: Uint8Array,
  number: number,
  controller: TransformStreamDefaultController<Out>,
) => void;

/**
 * Splits bytes into lines, wherever chunks are cut. A line ends with `\n` or `\r\n`, the last one also with the stream.
 *
 * @param maxLength The longest that a line may be, in bytes. A longer one ends the stream with `EMSGSIZE`, as soon as it is.
 * @param take Is given each line.
 */
export function splitLines<Out>(
  maxLength: number,
  take: Take<Out>,
): TransformStream<Uint8Array, Out> {
  /** The line that has begun, as the ends of the chunks that it was in. */
  let parts: Uint8Array[] = [];
  let length = 0;
  let number = 1;

  const begin = (part: Uint8Array): void => {
    if (part.length === 0) return;
    length += part.length;
    // One more: it may turn out to be half of what ends the line.
    checkLength(length - 1);
    parts.push(part);
  };
  const checkLength = (length: number): void => {
    if (length <= maxLength) return;
    const what = `Cannot read line ${number}: it is longer than ${maxLength} bytes`;
    throw new SPError("EMSGSIZE", `${what}, which is its limit (maxLength)`);
  };
  /** The line that has begun, whole. */
  const finish = (): Uint8Array => {
    const whole = parts.length === 1 ? parts[0]! : join(parts, length);
    parts = [];
    length = 0;
    return whole;
  };
  const end = (line: Uint8Array, controller: TransformStreamDefaultController<Out>): void => {
    checkLength(line.length);
    take(line, number, controller);
    number += 1;
  };

  return new TransformStream({
    transform(chunk, controller) {
      if (!(chunk instanceof Uint8Array)) {
        const what = `Cannot read ${describe(chunk)} as lines`;
        throw new SPError("EINVAL", `${what}: expected a Uint8Array`);
      }
      let from = 0;
      for (;;) {
        const newline = chunk.indexOf(NEWLINE, from);
        if (newline < 0) break;
        let line = chunk.subarray(from, newline);
        if (length > 0) {
          begin(line);
          line = finish();
        }
        end(line.at(-1) === RETURN ? line.subarray(0, -1) : line, controller);
        from = newline + 1;
      }
      begin(chunk.subarray(from));
    },
    flush(controller) {
      if (length > 0) end(finish(), controller);
    },
  });
}

function join(parts: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
