import { checkOptions } from "../src/base/check_options.ts";
import { SPError } from "../src/base/errors.ts";
import { BOOLEAN, BYTES, oneOf, type Rules } from "../src/base/rules.ts";
import { findUtf8Fault } from "../src/base/utf8.ts";
import { DEFAULT_MAX_MESSAGE_SIZE, type MessageLike, toBytes } from "../src/memory/message.ts";
import { splitLines } from "./line_splitter.ts";

/** How long lines may be that are read. */
export interface LineLimits {
  /**
   * The longest that a line may be, in bytes, without what ends it; default 1,048,576 (1 MiB), which is also the largest
   * message that a peer takes by default. `Infinity` for no limit: then a line may fill the memory.
   */
  maxLength?: number;
}

/** The rules of {@linkcode LineLimits}. */
export const LIMIT_RULES: Rules = { maxLength: BYTES };

/** The default of `maxLength`. */
export const DEFAULT_MAX_LENGTH: number = DEFAULT_MAX_MESSAGE_SIZE;

/** Options of {@linkcode lines}. */
export interface LinesOptions extends LineLimits {
  /**
   * Whether a line that is not UTF-8 ends the stream with `EPROTO`; default true. With false its bad bytes become U+FFFD, the
   * replacement character.
   */
  fatal?: boolean;
}

/** Options of {@linkcode toLines}. */
export interface ToLinesOptions {
  /**
   * What happens to a message that would not be one line again, since it contains a newline or ends with a carriage return:
   *
   * - `"refuse"` (the default) ends the stream with `EINVAL`.
   * - `"escape"` writes `\n` for a newline, `\r` for a carriage return, and `\\` for a backslash, in every message. It is for
   *   messages of peers that are not trusted.
   * - `"keep"` writes it as it is: it becomes several lines.
   */
  lineBreaks?: "refuse" | "escape" | "keep";
}

/**
 * Reads lines of UTF-8: bytes come in, however they are cut into chunks, and each line becomes one string. So
 * `stdin.pipeThrough(lines()).pipeTo(push.writable)` sends one message a line.
 *
 * A line ends with `\n` or `\r\n`, which is left out; the last one may end with the stream. An empty line is an empty string. A
 * byte order mark at the beginning of the stream is left out.
 *
 * The stream ends with an `SPError`, which names the line by its number: `EMSGSIZE` if it is longer than `maxLength`, `EPROTO` if
 * it is not UTF-8.
 *
 * @param options The limit, and what to do about bytes that are not UTF-8.
 * @returns A transform for `pipeThrough`.
 * @throws {SPError} `EINVAL` if an option is unknown or wrong.
 *
 * @example
 * ```ts
 * import { lines } from "@nanostreams/nanostreams/codecs";
 *
 * const file = new Blob(["first\r\n", "sec", "ond\n\nlast"]).stream();
 * for await (const line of file.pipeThrough(lines())) {
 *   console.log(JSON.stringify(line)); // "first", "second", "", "last"
 * }
 * ```
 */
export function lines(options: LinesOptions = {}): TransformStream<Uint8Array, string> {
  checkOptions("the options of lines", options, { ...LIMIT_RULES, fatal: BOOLEAN });
  const { maxLength = DEFAULT_MAX_LENGTH, fatal = true } = options;
  const decoder = new TextDecoder("utf-8", { fatal, ignoreBOM: true });
  return splitLines(maxLength, (line, number, controller) => {
    let text: string;
    try {
      text = decoder.decode(line);
    } catch (cause) {
      const what = `Cannot decode line ${number} as UTF-8`;
      throw new SPError("EPROTO", `${what}: ${findUtf8Fault(line)}`, { cause });
    }
    controller.enqueue(number === 1 && text.startsWith("\ufeff") ? text.slice(1) : text);
  });
}

/**
 * Writes messages as lines: each becomes its bytes and a newline. So
 * `pull.readable.pipeThrough(toLines()).pipeTo(stdout)` prints one line a message.
 *
 * Bytes are written as they are, also those that are not UTF-8, and those that a terminal takes as commands.
 *
 * @param options What to do about messages that contain a newline.
 * @returns A transform for `pipeThrough`. It ends with `EINVAL` if a message would not be one line, or is no message.
 * @throws {SPError} `EINVAL` if an option is unknown or wrong.
 *
 * @example
 * ```ts
 * import { toLines } from "@nanostreams/nanostreams/codecs";
 *
 * const messages = ReadableStream.from(["first", "second\nthird"]);
 * const printed = messages.pipeThrough(toLines({ lineBreaks: "escape" }));
 * console.log(await new Response(printed).text()); // "first\nsecond\\nthird\n"
 * ```
 */
export function toLines(
  options: ToLinesOptions = {},
): TransformStream<MessageLike, Uint8Array<ArrayBuffer>> {
  checkOptions("the options of toLines", options, {
    lineBreaks: oneOf("refuse", "escape", "keep"),
  });
  const { lineBreaks = "refuse" } = options;
  let number = 0;
  return new TransformStream({
    transform(message, controller) {
      number += 1;
      const bytes = toBytes(message);
      if (lineBreaks === "refuse") refuseLineBreaks(bytes, number);
      controller.enqueue(withNewline(lineBreaks === "escape" ? escape(bytes) : bytes));
    },
  });
}

function refuseLineBreaks(bytes: Uint8Array, number: number): void {
  const newline = bytes.indexOf(NEWLINE);
  if (newline < 0 && bytes.at(-1) !== RETURN) return;
  const reason = newline < 0
    ? "it ends with a carriage return"
    : `it contains a newline at offset ${newline}`;
  const what = `Cannot write message ${number} as a line: ${reason}`;
  throw new SPError("EINVAL", `${what}; the option lineBreaks can escape or keep it`);
}

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const BACKSLASH = 0x5c;

/** What stands behind a backslash for each byte that is escaped. */
const ESCAPES: ReadonlyMap<number, number> = new Map([
  [NEWLINE, 0x6e],
  [RETURN, 0x72],
  [BACKSLASH, BACKSLASH],
]);

function escape(bytes: Uint8Array): Uint8Array {
  const escaped = new Uint8Array(bytes.length * 2);
  let length = 0;
  for (const byte of bytes) {
    const letter = ESCAPES.get(byte);
    if (letter !== undefined) escaped[length++] = BACKSLASH;
    escaped[length++] = letter ?? byte;
  }
  return escaped.subarray(0, length);
}

function withNewline(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const line = new Uint8Array(bytes.length + 1);
  line.set(bytes);
  line[bytes.length] = NEWLINE;
  return line;
}
