import type { AnsweringCodec, AskingCodec, Codec } from "../contracts/codec.ts";
import type { Rule } from "../base/rules.ts";
import { keepBytes, type MessageLike, toBytes } from "../memory/message.ts";

/** Thrown where a message is taken that its codec cannot decode: it is dropped, and whoever takes gets the next one. */
export class Undecodable {
  /** What the codec has thrown. */
  readonly reason: unknown;

  /** @param reason What the codec has thrown. */
  constructor(reason: unknown) {
    this.reason = reason;
  }
}

/** A value that waits in a stream's own queue, as the message that it was when it was written. */
class Encoded {
  readonly message: Uint8Array;

  constructor(message: Uint8Array) {
    this.message = message;
  }

  get byteLength(): number {
    return this.message.byteLength;
  }
}

/** How a socket makes messages of what it is given. */
export interface Encoding<Chunk> {
  /** Makes the message; throws if it cannot. */
  readonly prepare: (chunk: Chunk) => Uint8Array;
  /** What a stream's own queue keeps of a chunk, whose memory is its writer's again; as of bytes if left out. */
  readonly keepChunk?: (chunk: Chunk) => unknown;
  /** What a chunk counts in that queue, in bytes; as of bytes if left out. */
  readonly chunkBytes?: (chunk: Chunk) => number;
}

/** The way out through a codec; without one, messages are what the user gives. */
export function encodingOf<Chunk>(codec: Codec<unknown, Chunk> | undefined): Encoding<Chunk> {
  if (codec === undefined) return { prepare: toBytes as (chunk: Chunk) => Uint8Array };
  const prepare = (chunk: Chunk): Uint8Array =>
    chunk instanceof Encoded ? chunk.message : toBytes(codec.encode(chunk));
  return {
    prepare,
    keepChunk: (chunk) => new Encoded(keepBytes(prepare(chunk))),
    chunkBytes: bytesOf,
  };
}

/** What a chunk counts before its message is made: text and bytes what they have. How large other values' are, nobody knows. */
function bytesOf(chunk: unknown): number {
  if (typeof chunk === "string") return chunk.length;
  return chunk instanceof Encoded || ArrayBuffer.isView(chunk) ? chunk.byteLength : 0;
}

/** Makes of a message what the user gets; throws {@linkcode Undecodable}. */
export type Decoding<Message> = (message: Uint8Array<ArrayBuffer>) => Message;

/** The way in through a codec; undefined without one: the user gets the bytes. */
export function decodingOf<Message>(
  codec: Codec<Message, never> | undefined,
): Decoding<Message> | undefined {
  if (codec === undefined) return undefined;
  return (message) => {
    try {
      return codec.decode(message);
    } catch (error) {
      throw new Undecodable(error);
    }
  };
}

/** The ways out and in of a socket that asks or answers. */
export interface Ways<Out, In> {
  /** The way out. */
  readonly encoding: Encoding<Out>;
  /** The way in; undefined where the user gets the bytes. */
  readonly decoding: Decoding<In> | undefined;
}

/** Both ways of a socket that asks. */
export function askingWays<Request, Reply>(
  codec: AskingCodec<Request, Reply> | undefined,
): Ways<Request, Reply> {
  if (codec === undefined || "encode" in codec) {
    return { encoding: encodingOf(codec), decoding: decodingOf<Reply>(codec) };
  }
  return { encoding: encodingOf(codec.request), decoding: decodingOf(codec.reply) };
}

/** Both ways of a socket that answers. */
export function answeringWays<Request, Reply>(
  codec: AnsweringCodec<Request, Reply> | undefined,
): Ways<Reply, Request> {
  if (codec === undefined || "encode" in codec) {
    return { encoding: encodingOf(codec), decoding: decodingOf<Request>(codec) };
  }
  return { encoding: encodingOf(codec.reply), decoding: decodingOf(codec.request) };
}

/** The prefix that a subscription means: text by the codec's own rule, if it has one. */
export function prefixOf(
  codec: Pick<Codec<unknown, never>, "prefix"> | undefined,
  prefix: MessageLike,
): Uint8Array {
  return toBytes(typeof prefix === "string" ? codec?.prefix?.(prefix) ?? prefix : prefix);
}

/** Rule of the option `codec`. */
export const CODEC: Rule = (value) =>
  isCodec(value) ? undefined : "a codec: an object with the functions encode and decode";

/** The same for sockets that ask or answer. */
export const CODEC_PAIR: Rule = (value) => {
  if (isCodec(value)) return undefined;
  const { request, reply } = (value ?? {}) as { request?: unknown; reply?: unknown };
  return isCodec(request) && isCodec(reply)
    ? undefined
    : "a codec (an object with the functions encode and decode), or { request, reply } of such";
};

function isCodec(value: unknown): boolean {
  const { encode, decode } = (value ?? {}) as { encode?: unknown; decode?: unknown };
  return typeof encode === "function" && typeof decode === "function";
}
