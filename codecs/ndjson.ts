import { checkOptions } from "../src/base/check_options.ts";
import { type Refusal, refusal } from "./failure.ts";
import { parseJson, stringifyJson } from "./json_text.ts";
import { splitLines } from "./line_splitter.ts";
import { DEFAULT_MAX_LENGTH, LIMIT_RULES, type LineLimits } from "./lines.ts";
import { checkSchema, type SchemaOutput, type StandardSchema, validate } from "./schema.ts";

/**
 * Reads lines of JSON (NDJSON, JSON Lines): bytes come in, however they are cut into chunks, and each line becomes one value.
 * Lines that are empty, or of spaces and tabs alone, are skipped.
 *
 * The stream ends with an `SPError`, which names the line by its number: `EPROTO` if it is not JSON, `EMSGSIZE` if it is longer
 * than `maxLength`.
 *
 * @typeParam Value What lines are taken to be; nobody checks it.
 * @param schema Nothing.
 * @param options The limit.
 * @returns A transform for `pipeThrough`.
 * @throws {SPError} `EINVAL` if an option is unknown or wrong.
 *
 * @example
 * ```ts
 * import { ndjson } from "@nanostreams/nanostreams/codecs";
 *
 * const file = new Blob(['{"id":1}\n\n{"i', 'd":2}\n']).stream();
 * for await (const { id } of file.pipeThrough(ndjson<{ id: number }>())) {
 *   console.log(id); // 1, then 2
 * }
 * ```
 */
export function ndjson<Value = unknown>(
  schema?: undefined,
  options?: LineLimits,
): TransformStream<Uint8Array, Value>;
/**
 * Reads lines of JSON that fit a schema.
 *
 * @typeParam Schema The schema's type.
 * @param schema A schema of zod, valibot, arktype or another library of Standard Schema. It has to validate synchronously.
 * @param options The limit.
 * @returns A transform for `pipeThrough`, to what the schema makes of each line. Besides, it ends with `EPROTO` if a line does not
 * fit the schema.
 * @throws {SPError} `EINVAL` if the schema is none, or an option is unknown or wrong.
 *
 * @example
 * ```ts
 * import { ndjson } from "@nanostreams/nanostreams/codecs";
 * import { type } from "arktype";
 *
 * const file = new Blob(['{"id":1}\n{"id":"two"}\n']).stream();
 * try {
 *   for await (const { id } of file.pipeThrough(ndjson(type({ id: "number" })))) {
 *     console.log(id); // 1
 *   }
 * } catch (error) {
 *   console.log(String(error)); // SPError: Cannot decode line 2 as JSON: it does not fit the schema: id: …
 * }
 * ```
 */
export function ndjson<Schema extends StandardSchema>(
  schema: Schema,
  options?: LineLimits,
): TransformStream<Uint8Array, SchemaOutput<Schema>>;
export function ndjson(
  schema?: StandardSchema,
  options: LineLimits = {},
): TransformStream<Uint8Array, unknown> {
  checkOptions("the options of ndjson", options, LIMIT_RULES);
  checkSchema(schema);
  let current = 0;
  const refuse: Refusal = (reason, cause) =>
    refusal("EPROTO", `Cannot decode line ${current} as JSON`)(reason, cause);
  return splitLines(options.maxLength ?? DEFAULT_MAX_LENGTH, (line, number, controller) => {
    if (isBlank(line)) return;
    current = number;
    const value = parseJson(line, refuse);
    controller.enqueue(schema === undefined ? value : validate(schema, value, refuse));
  });
}

/**
 * Writes values as lines of JSON (NDJSON, JSON Lines), in UTF-8.
 *
 * @typeParam Value What is written.
 * @returns A transform for `pipeThrough`. It ends with `EINVAL` if JSON cannot hold a value.
 *
 * @example
 * ```ts
 * import { toNdjson } from "@nanostreams/nanostreams/codecs";
 *
 * const values = ReadableStream.from([{ id: 1 }, { id: 2 }]);
 * console.log(await new Response(values.pipeThrough(toNdjson())).text()); // '{"id":1}\n{"id":2}\n'
 * ```
 */
export function toNdjson<Value = unknown>(): TransformStream<Value, Uint8Array<ArrayBuffer>> {
  return new TransformStream({
    transform: (value, controller) =>
      controller.enqueue(encoder.encode(`${stringifyJson(value)}\n`)),
  });
}

const encoder = new TextEncoder();

function isBlank(line: Uint8Array): boolean {
  return line.every((byte) => byte === 0x20 || byte === 0x09);
}
