import { describe } from "../src/base/describe.ts";
import { SPError } from "../src/base/errors.ts";
import type { Codec } from "../src/contracts/codec.ts";
import type { MessageLike } from "../src/memory/message.ts";
import { checkCodec } from "./failure.ts";

/**
 * Encodes values: each becomes one message. It is for pipelines between streams; a socket's option `codec` does the same
 * without a stream.
 *
 * A value that cannot be encoded ends the stream with the codec's error.
 *
 * @typeParam In What is encoded.
 *
 * @example
 * ```ts
 * import { Pull, Push } from "@nanostreams/nanostreams";
 * import { json, MessageDecoderStream, MessageEncoderStream } from "@nanostreams/nanostreams/codecs";
 *
 * const codec = json<{ id: number }>();
 * await using pull = new Pull();
 * await pull.bind("inproc://encoded");
 * await using push = new Push();
 * push.connect("inproc://encoded");
 * const jobs = ReadableStream.from([{ id: 1 }, { id: 2 }]);
 * await jobs.pipeThrough(new MessageEncoderStream(codec)).pipeTo(push.writable);
 * for await (const { id } of pull.readable.pipeThrough(new MessageDecoderStream(codec))) {
 *   console.log(id); // 1, then 2
 *   if (id === 2) break;
 * }
 * ```
 */
export class MessageEncoderStream<In> extends TransformStream<In, MessageLike> {
  /**
   * Makes a stream.
   *
   * @param codec What makes a message of a value.
   * @throws {SPError} `EINVAL` if it is no codec.
   */
  constructor(codec: Pick<Codec<unknown, In>, "encode">) {
    checkCodec(codec, "encode");
    super({
      transform: (value, controller) => controller.enqueue(codec.encode(value)),
    });
  }
}

/**
 * Decodes messages: each becomes one value. It is for pipelines between streams; a socket's option `codec` does the same without
 * a stream.
 *
 * A message that cannot be decoded ends the stream with the codec's error, since a stream has no place for it. A socket with
 * the option `codec` drops it instead, counts it, and goes on.
 *
 * @typeParam Out What messages become.
 *
 * @example
 * ```ts
 * import { json, MessageDecoderStream } from "@nanostreams/nanostreams/codecs";
 *
 * const messages = ReadableStream.from(["[1]", "[2"].map((text) => new TextEncoder().encode(text)));
 * try {
 *   for await (const value of messages.pipeThrough(new MessageDecoderStream(json()))) {
 *     console.log(value); // [ 1 ]
 *   }
 * } catch (error) {
 *   console.log(String(error)); // SPError: Cannot decode a message as JSON: …
 * }
 * ```
 */
export class MessageDecoderStream<Out> extends TransformStream<Uint8Array<ArrayBuffer>, Out> {
  /**
   * Makes a stream. It errors with `EINVAL` if a chunk is not a `Uint8Array`.
   *
   * @param codec What makes a value of a message.
   * @throws {SPError} `EINVAL` if it is no codec.
   */
  constructor(codec: Pick<Codec<Out, never>, "decode">) {
    checkCodec(codec, "decode");
    super({
      transform(message, controller) {
        if (!(message instanceof Uint8Array)) {
          throw new SPError("EINVAL", `Cannot decode ${describe(message)}: expected a Uint8Array`);
        }
        controller.enqueue(codec.decode(message));
      },
    });
  }
}
