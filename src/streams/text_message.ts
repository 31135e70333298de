import { checkOptions } from "../base/check_options.ts";
import { describe } from "../base/describe.ts";
import { SPError } from "../base/errors.ts";
import { BOOLEAN } from "../base/rules.ts";
import { decodeUtf8 } from "../base/utf8.ts";

/** Options of {@linkcode TextMessageDecoderStream}. */
export interface TextMessageDecoderOptions {
  /**
   * Whether a message that is not UTF-8 ends the stream with an error (`EPROTO`); default false: its bad bytes become
   * U+FFFD, the replacement character.
   */
  fatal?: boolean;
  /** Whether a byte order mark at the beginning of a message stays in its text; default false: it is left out. */
  ignoreBOM?: boolean;
}

/**
 * Decodes messages as UTF-8: each message becomes one string.
 *
 * Each message stands alone. An empty message is an empty string, and a bad byte affects only its own message. The
 * platform's `TextDecoderStream` decodes one continuous text instead: it swallows empty messages, and a character that one
 * message breaks off is completed by the next.
 *
 * @example
 * ```ts
 * import { Pull, Push, TextMessageDecoderStream } from "@nanostreams/nanostreams";
 *
 * await using pull = new Pull();
 * await pull.bind("inproc://texts");
 * await using push = new Push();
 * push.connect("inproc://texts");
 * for (const message of ["first", "", "last"]) await push.send(message);
 * for await (const text of pull.readable.pipeThrough(new TextMessageDecoderStream())) {
 *   console.log(text); // "first", then "", then "last"
 *   if (text === "last") break;
 * }
 * ```
 */
export class TextMessageDecoderStream extends TransformStream<Uint8Array, string> {
  /**
   * Makes a decoder. Its stream errors with an `SPError`: `EPROTO` with `fatal`, `EINVAL` if a chunk is not a `Uint8Array`.
   *
   * @param options What to do about bytes that are not UTF-8, and about byte order marks.
   * @throws {SPError} `EINVAL` if an option is unknown or wrong.
   */
  constructor(options: TextMessageDecoderOptions = {}) {
    checkOptions("the options of a text message decoder", options, {
      fatal: BOOLEAN,
      ignoreBOM: BOOLEAN,
    });
    const { fatal = false, ignoreBOM = false } = options;
    const decoder = new TextDecoder("utf-8", { fatal, ignoreBOM });
    super({
      transform: (message, controller) => controller.enqueue(decode(decoder, message)),
    });
  }
}

function decode(decoder: TextDecoder, message: Uint8Array): string {
  if (!(message instanceof Uint8Array)) {
    throw new SPError("EINVAL", `Cannot decode ${describe(message)}: expected a Uint8Array`);
  }
  return decodeUtf8(decoder, message);
}
