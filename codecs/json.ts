import { checkOptions } from "../src/base/check_options.ts";
import type { Codec } from "../src/contracts/codec.ts";
import { refusal } from "./failure.ts";
import { parseJson, stringifyJson } from "./json_text.ts";
import {
  SCHEMA_RULES,
  type SchemaInput,
  type SchemaOptions,
  type SchemaOutput,
  type StandardSchema,
  withSchema,
} from "./schema.ts";

/**
 * Messages as JSON, in UTF-8.
 *
 * Without a schema, a type parameter says what comes, and nobody checks it: `json<Load>()`. With one (of zod, valibot, arktype
 * or another library of Standard Schema), `decode` validates, and returns what the schema makes of the value.
 *
 * What JSON holds differently is encoded as `JSON.stringify` does it: a `Date` becomes a text, `NaN` becomes `null`, and a
 * property that is `undefined` is left out.
 *
 * @typeParam Value What messages are taken to be.
 * @returns A codec. `encode` throws `EINVAL` if JSON cannot hold the value (`undefined`, a function, a bigint, a circle), and
 * names the part that it cannot hold. `decode` throws `EPROTO` if a message is not UTF-8 or not JSON.
 *
 * @example Without a schema
 * ```ts
 * import { json } from "@nanostreams/nanostreams/codecs";
 *
 * const codec = json<{ cpu: number }>();
 * console.log(codec.encode({ cpu: 0.5 })); // {"cpu":0.5}
 * ```
 */
export function json<Value = unknown>(): Codec<Value>;
/**
 * Messages as JSON that fits a schema.
 *
 * @typeParam Schema The schema's type: what it accepts is encoded, what it makes of that is decoded.
 * @param schema A schema of zod, valibot, arktype or another library of Standard Schema. It has to validate synchronously.
 * @param options Whether to validate what is encoded.
 * @returns A codec. Besides, `decode` throws `EPROTO` if the value does not fit: the message lists the schema's issues with
 * their paths, and `cause` is all of them. It throws `ENOTSUP` if the schema validates asynchronously.
 * @throws {SPError} `EINVAL` if the schema is none, or an option is unknown or wrong.
 *
 * @example With a schema of valibot
 * ```ts
 * import { json } from "@nanostreams/nanostreams/codecs";
 * import * as v from "valibot";
 *
 * const codec = json(v.object({ cpu: v.number() }));
 * const { cpu } = codec.decode(new TextEncoder().encode('{"cpu":0.5}'));
 * console.log(cpu.toFixed(2)); // 0.50
 * try {
 *   codec.decode(new TextEncoder().encode('{"cpu":"high"}'));
 * } catch (error) {
 *   console.log(String(error)); // … it does not fit the schema: cpu: Invalid type: …
 * }
 * ```
 */
export function json<Schema extends StandardSchema>(
  schema: Schema,
  options?: SchemaOptions,
): Codec<SchemaOutput<Schema>, SchemaInput<Schema>>;
export function json(schema?: StandardSchema, options: SchemaOptions = {}): Codec<unknown> {
  checkOptions("the options of json", options, SCHEMA_RULES);
  return withSchema(JSON_CODEC, "JSON", schema, options);
}

const notDecoded = refusal("EPROTO", "Cannot decode a message as JSON");

const JSON_CODEC: Codec<unknown> = {
  encode: stringifyJson,
  decode: (message) => parseJson(message, notDecoded),
};
