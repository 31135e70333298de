/**
 * Messages as CBOR (RFC 8949), by the package `cbor2`, which has to be installed: `npm install cbor2`.
 *
 * @example
 * ```ts
 * import { cbor } from "@nanostreams/nanostreams/codecs/cbor";
 *
 * const { encode, decode } = cbor<Date>();
 * const message = encode(new Date(0)) as Uint8Array<ArrayBuffer>;
 * console.log(decode(message).getTime()); // 0
 * ```
 *
 * @module
 */
import { decode, type DecodeOptions, encode, type TagDecoder, type TagNumber } from "cbor2";
import { checkOptions } from "../src/base/check_options.ts";
import type { Codec } from "../src/contracts/codec.ts";
import { notEncoded, reasonOf, refusal } from "./failure.ts";
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

/**
 * Messages as CBOR.
 *
 * Besides what JSON has, CBOR has bytes, bigints, dates, `undefined`, typed arrays, `Map` and `Set`, and they come as they were
 * sent. An object is a map with texts as keys; a map with other keys comes as a `Map`.
 *
 * A decoded byte string is a view of your message, not a copy: its `buffer` holds the whole message. Typed arrays are copies.
 *
 * Messages of peers cannot make `decode` use more memory than their size is worth: it goes 64 levels deep, and leaves regular
 * expressions and symbols as the package's `Tag`, since neither should be a peer's choice. Decoders that you register with the
 * package for tags of your own are used.
 *
 * The package does all that CBOR can; if you need speed more than that, MessagePack takes a tenth of its time.
 *
 * @typeParam Value What messages are taken to be; nobody checks it.
 * @returns A codec. `encode` throws `EINVAL` if CBOR cannot hold the value (a function, a circle), `decode` throws `EPROTO` if a message
 * is not one value in CBOR.
 *
 * @example
 * ```ts
 * import { cbor } from "@nanostreams/nanostreams/codecs/cbor";
 *
 * const codec = cbor<{ at: Date; picture: Uint8Array }>();
 * console.log(codec.encode({ at: new Date(), picture: new Uint8Array([0xff, 0xd8]) }));
 * ```
 */
export function cbor<Value = unknown>(): Codec<Value>;
/**
 * Messages as CBOR that fit a schema.
 *
 * @typeParam Schema The schema's type: what it accepts is encoded, what it makes of that is decoded.
 * @param schema A schema of zod, valibot, arktype or another library of Standard Schema. It has to validate synchronously.
 * @param options Whether to validate what is encoded.
 * @returns A codec. Besides, `decode` throws `EPROTO` if the value does not fit, and `ENOTSUP` if the schema validates
 * asynchronously.
 * @throws {SPError} `EINVAL` if the schema is none, or an option is unknown or wrong.
 *
 * @example
 * ```ts
 * import { cbor } from "@nanostreams/nanostreams/codecs/cbor";
 * import { z } from "zod";
 *
 * const codec = cbor(z.object({ at: z.date() }));
 * console.log(codec.encode({ at: new Date() }));
 * ```
 */
export function cbor<Schema extends StandardSchema>(
  schema: Schema,
  options?: SchemaOptions,
): Codec<SchemaOutput<Schema>, SchemaInput<Schema>>;
export function cbor(schema?: StandardSchema, options: SchemaOptions = {}): Codec<unknown> {
  checkOptions("the options of cbor", options, SCHEMA_RULES);
  return withSchema(CBOR, "CBOR", schema, options);
}

const notDecoded = refusal("EPROTO", "Cannot decode a message as CBOR");

const CBOR: Codec<unknown> = {
  encode(value) {
    try {
      return encode(value);
    } catch (cause) {
      throw notEncoded(value, "CBOR", cause);
    }
  },
  decode(message) {
    try {
      return decode(message, LIMITED);
    } catch (cause) {
      // It has read behind the end.
      const isCutOff = cause instanceof RangeError;
      throw notDecoded(isCutOff ? "it ends inside a value" : reasonOf(cause), cause);
    }
  },
};

/** The package's own takes as long as the square of the length: minutes for a megabyte. */
const decodeBigInt: TagDecoder = ({ tag, contents }) => {
  if (!(contents instanceof Uint8Array)) throw new TypeError("a bigint has no bytes");
  const digits = Array.from(contents, (byte) => byte.toString(16).padStart(2, "0"));
  const number = BigInt(`0x0${digits.join("")}`);
  return Number(tag) === NEGATIVE ? -1n - number : number;
};

/** The package's own cuts off what is left of a millisecond when seconds become milliseconds, and so may lose a whole one. */
const decodeDate: TagDecoder = ({ contents }) => {
  if (typeof contents !== "number") throw new TypeError("a date is not a number of seconds");
  return new Date(Math.round(contents * 1000));
};

const DATE = 1;
const POSITIVE = 2;
const NEGATIVE = 3;

/** Regular expressions and symbols, by IANA's registry of tags. */
const LEFT = [35, 280, 21065, 21066];

const leave: TagDecoder = (tag) => tag;

const LIMITED: DecodeOptions = {
  // Each level costs time for each item in it: the package's decoder is a generator within a generator.
  maxDepth: 64,
  tags: new Map<TagNumber, TagDecoder>([
    [DATE, decodeDate],
    [POSITIVE, decodeBigInt],
    [NEGATIVE, decodeBigInt],
    ...LEFT.map((tag) => [tag, leave] as const),
  ]),
};
