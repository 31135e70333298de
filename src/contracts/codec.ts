import type { MessageLike } from "../memory/message.ts";

/**
 * Makes messages of values, and values of messages: what the option `codec` of a socket takes.
 *
 * A codec is synchronous, and keeps nothing of one message for the next. What takes its time, such as compression, is a
 * stream beside the socket.
 *
 * @typeParam Out What messages that come are made into.
 * @typeParam In What messages to send are made of.
 *
 * @example
 * ```ts
 * import { type Codec, Pull, Push } from "@nanostreams/nanostreams";
 *
 * const float: Codec<number> = {
 *   encode: (value) => new Float64Array([value]),
 *   decode: (message) => new DataView(message.buffer, message.byteOffset, 8).getFloat64(0, true),
 * };
 *
 * await using pull = new Pull({ codec: float });
 * await pull.bind("inproc://temperatures");
 * await using push = new Push({ codec: float });
 * push.connect("inproc://temperatures");
 * await push.send(21.5);
 * console.log(await pull.receive()); // 21.5
 * ```
 */
export interface Codec<Out, In = Out> {
  /**
   * Makes a message of a value. Throws if it cannot, which whoever sends the value is told.
   *
   * What it returns is taken as `send` takes messages: up to 16 KiB are copied before the next value is encoded, so that a
   * codec may use one small buffer for all. A larger message must be in memory that nobody changes any more.
   */
  encode(value: In): MessageLike;
  /**
   * Makes a value of a message. Throws if it cannot: then the message is dropped, as `malformed`.
   *
   * The value may keep the message, or views of it. It must change neither over `inproc://`, where large messages are the
   * sender's and other receivers' memory too. `message.buffer` may hold more than the message, which begins at `byteOffset`.
   */
  decode(message: Uint8Array<ArrayBuffer>): Out;
  /**
   * Makes the prefix to subscribe to of the text that `subscribe` is given; bytes are taken as they are. Without it, text is
   * a prefix too.
   */
  prefix?(topic: string): MessageLike;
}

/** What a codec's message is sent from: what any socket takes, where messages are bytes; otherwise what they are made into. */
export type Sendable<Message> = [Uint8Array<ArrayBuffer>] extends [Message] ? MessageLike : Message;

/** The codec of a socket that asks: one for both ways, or one for each. */
export type AskingCodec<Request, Reply> =
  | Codec<Reply, Request>
  | { readonly request: Codec<unknown, Request>; readonly reply: Codec<Reply, never> };

/** The codec of a socket that answers: one for both ways, or one for each. */
export type AnsweringCodec<Request, Reply> =
  | Codec<Request, Reply>
  | { readonly request: Codec<Request, never>; readonly reply: Codec<unknown, Reply> };
