/**
 * Messages as MessagePack, by the package `@msgpack/msgpack`, which has to be installed: `npm install @msgpack/msgpack`.
 *
 * @example
 * ```ts
 * import { msgpack } from "@nanostreams/nanostreams/codecs/msgpack";
 *
 * const { encode, decode } = msgpack<number[]>();
 * const message = encode([1, 2]) as Uint8Array<ArrayBuffer>;
 * console.log(message.length, decode(message)); // 3 [ 1, 2 ]
 * ```
 *
 * @module
 */
import { decode, Encoder } from "@msgpack/msgpack";
import { checkOptions } from "../src/base/check_options.ts";
import { BOOLEAN } from "../src/base/rules.ts";
import type { Codec } from "../src/contracts/codec.ts";
import { notEncoded, reasonOf, refusal } from "./failure.ts";
import { findShapeFault, MAX_DEPTH } from "./msgpack_shape.ts";
import {
  SCHEMA_RULES,
  type SchemaInput,
  type SchemaOptions,
  type SchemaOutput,
  type StandardSchema,
  withSchema,
} from "./schema.ts";

export type { Codec } from "../src/contracts/codec.ts";
export type { MessageLike } from "../src/memory/message.ts";
export type { TransferredMessage } from "../src/memory/owned.ts";
export type {
  SchemaInput,
  SchemaIssue,
  SchemaOptions,
  SchemaOutput,
  SchemaResult,
  StandardSchema,
} from "./schema.ts";

/** Options of {@linkcode msgpack}. */
export interface MsgpackOptions extends SchemaOptions {
  /**
   * Whether bigints can be encoded, and integers of 64 bits are decoded as bigints; default false: they are decoded as numbers,
   * which are exact up to 2^53.
   */
  useBigInt64?: boolean;
}

/**
 * Messages as MessagePack.
 *
 * Besides what JSON has, MessagePack has bytes and dates. `undefined` becomes `null`, and `-0` becomes `0`. A `Map`, a `Set` and an `ArrayBuffer` have no form
 * in it, and the package makes an empty object of them.
 *
 * Decoded bytes are a view of your message, not a copy: their `buffer` holds the whole message.
 *
 * Messages of peers cannot make `decode` use more memory than their size is worth: lengths are checked before anything is made,
 * and values go 64 levels deep. Texts are not checked to be UTF-8.
 *
 * @typeParam Value What messages are taken to be; nobody checks it.
 * @param schema Nothing.
 * @param options How to take integers of 64 bits.
 * @returns A codec. `encode` throws `EINVAL` if MessagePack cannot hold the value (a function, a bigint, a circle), `decode` throws `EPROTO`
 * if a message is not one value in MessagePack.
 * @throws {SPError} `EINVAL` if an option is unknown or wrong.
 *
 * @example
 * ```ts
 * import { msgpack } from "@nanostreams/nanostreams/codecs/msgpack";
 *
 * const codec = msgpack<{ at: Date; picture: Uint8Array }>();
 * console.log(codec.encode({ at: new Date(), picture: new Uint8Array([0xff, 0xd8]) }));
 * ```
 */
export function msgpack<Value = unknown>(
  schema?: undefined,
  options?: Omit<MsgpackOptions, keyof SchemaOptions>,
): Codec<Value>;
/**
 * Messages as MessagePack that fit a schema.
 *
 * @typeParam Schema The schema's type: what it accepts is encoded, what it makes of that is decoded.
 * @param schema A schema of zod, valibot, arktype or another library of Standard Schema. It has to validate synchronously.
 * @param options Whether to validate what is encoded, and how to take integers of 64 bits.
 * @returns A codec. Besides, `decode` throws `EPROTO` if the value does not fit, and `ENOTSUP` if the schema validates
 * asynchronously.
 * @throws {SPError} `EINVAL` if the schema is none, or an option is unknown or wrong.
 *
 * @example
 * ```ts
 * import { msgpack } from "@nanostreams/nanostreams/codecs/msgpack";
 * import { z } from "zod";
 *
 * const codec = msgpack(z.object({ at: z.date() }));
 * console.log(codec.encode({ at: new Date() }));
 * ```
 */
export function msgpack<Schema extends StandardSchema>(
  schema: Schema,
  options?: MsgpackOptions,
): Codec<SchemaOutput<Schema>, SchemaInput<Schema>>;
export function msgpack(schema?: StandardSchema, options: MsgpackOptions = {}): Codec<unknown> {
  checkOptions("the options of msgpack", options, { ...SCHEMA_RULES, useBigInt64: BOOLEAN });
  const { useBigInt64 = false } = options;
  const newEncoder = (): Encoder => new Encoder({ maxDepth: MAX_DEPTH, useBigInt64 });
  let encoder = newEncoder();
  const codec: Codec<unknown> = {
    encode(value) {
      try {
        const message = encoder.encode(value);
        // It keeps room for the largest message that it has made.
        if (message.length > KEPT) encoder = newEncoder();
        return message;
      } catch (cause) {
        encoder = newEncoder();
        throw notEncoded(value, "MessagePack", cause);
      }
    },
    decode(message) {
      const fault = findShapeFault(message);
      if (fault !== undefined) throw notDecoded(fault, undefined);
      try {
        return decode(message, { useBigInt64 });
      } catch (cause) {
        throw notDecoded(reasonOf(cause), cause);
      }
    },
  };
  return withSchema(codec, "MessagePack", schema, options);
}

const notDecoded = refusal("EPROTO", "Cannot decode a message as MessagePack");

/** Messages up to so many bytes are made in memory that is used again. */
const KEPT = 64 * 1024;
