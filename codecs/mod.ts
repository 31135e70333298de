/**
 * Codecs: what makes messages of values, and values of messages, for the option `codec` of a socket and for pipelines; and lines,
 * for scripts. docs/typed.md is the guide.
 *
 * CBOR and MessagePack, which need a package each, have doors of their own: `./codecs/cbor` and `./codecs/msgpack`.
 *
 * @example
 * ```ts
 * import { json, topic } from "@nanostreams/nanostreams/codecs";
 *
 * const codec = topic(json<{ load: number }>());
 * const message = codec.encode({ topic: "cpu.1", value: { load: 0.5 } });
 * console.log(message); // cpu.1 {"load":0.5}
 * ```
 *
 * @module
 */
export type { Codec } from "../src/contracts/codec.ts";
export type { TransferredMessage } from "../src/memory/owned.ts";
export type { MessageLike } from "../src/memory/message.ts";
export { SPError, type SPErrorCode } from "../src/base/errors.ts";

export { bytes } from "./bytes.ts";
export { json } from "./json.ts";
export {
  type LineLimits,
  lines,
  type LinesOptions,
  toLines,
  type ToLinesOptions,
} from "./lines.ts";
export { ndjson, toNdjson } from "./ndjson.ts";
export type {
  SchemaInput,
  SchemaIssue,
  SchemaOptions,
  SchemaOutput,
  SchemaResult,
  StandardSchema,
} from "./schema.ts";
export { MessageDecoderStream, MessageEncoderStream } from "./streams.ts";
export { text, type TextOptions } from "./text.ts";
export { topic, type Topical, type TopicCodec, type TopicOptions } from "./topic.ts";
