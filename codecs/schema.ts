import type { SchemaIssue, SchemaResult, StandardSchema } from "../src/contracts/schema.ts";
import { describe } from "../src/base/describe.ts";
import { SPError } from "../src/base/errors.ts";
import { BOOLEAN, type Rules } from "../src/base/rules.ts";
import type { Codec } from "../src/contracts/codec.ts";
import { printable, reasonOf, type Refusal, refusal, showPath } from "./failure.ts";

export type { SchemaIssue, SchemaResult, StandardSchema } from "../src/contracts/schema.ts";

/** What a schema accepts: what is encoded. */
export type SchemaInput<Schema extends StandardSchema> = NonNullable<
  Schema["~standard"]["types"]
>["input"];

/** What a schema makes of what it accepts: what is decoded. */
export type SchemaOutput<Schema extends StandardSchema> = NonNullable<
  Schema["~standard"]["types"]
>["output"];

/** So many issues are listed in an error's message; all of them are its `cause`. */
const LISTED = 5;

/**
 * Returns what a schema makes of a value.
 *
 * @param refuse Makes the error if the value does not fit.
 * @throws {SPError} What `refuse` made, or `ENOTSUP` if the schema validates asynchronously.
 */
export function validate<Output>(
  schema: StandardSchema<unknown, Output>,
  value: unknown,
  refuse: Refusal,
): Output {
  let result: SchemaResult<Output> | Promise<SchemaResult<Output>>;
  try {
    result = schema["~standard"].validate(value);
  } catch (cause) {
    throw refuse(`the schema threw: ${reasonOf(cause)}`, cause);
  }
  if ("then" in result) {
    // What becomes of it interests nobody, and must not end the process.
    result.then(undefined, () => {});
    throw new SPError(
      "ENOTSUP",
      "Cannot use a schema that validates asynchronously: a codec is synchronous. " +
        "Leave out what is asynchronous, and check that after the value was received",
    );
  }
  if (result.issues === undefined) return result.value;
  throw refuse(`it does not fit the schema: ${listIssues(result.issues)}`, result.issues);
}

/** @throws {SPError} `EINVAL` unless it is a schema, or left out. */
export function checkSchema(schema: StandardSchema | undefined): void {
  if (schema === undefined) return;
  if (typeof Object(schema)["~standard"]?.validate === "function") return;
  throw new SPError(
    "EINVAL",
    `Cannot use ${
      describe(schema)
    } as a schema: expected a Standard Schema, such as one of zod, valibot or arktype`,
  );
}

/** Options of a codec that has a schema. */
export interface SchemaOptions {
  /**
   * Whether values are validated before they are encoded, too; default false, since the compiler has checked their type. What
   * is encoded is the value itself, not what the schema makes of it.
   */
  validateOnEncode?: boolean;
}

/** The rules of {@linkcode SchemaOptions}. */
export const SCHEMA_RULES: Rules = { validateOnEncode: BOOLEAN };

/**
 * Puts a schema over a codec.
 *
 * @param format What the codec's format is called.
 * @throws {SPError} `EINVAL` if the schema is none.
 */
export function withSchema(
  codec: Codec<unknown>,
  format: string,
  schema: StandardSchema | undefined,
  { validateOnEncode = false }: SchemaOptions,
): Codec<unknown> {
  checkSchema(schema);
  if (schema === undefined) return codec;
  const notEncoded = refusal("EINVAL", `Cannot encode a value as ${format}`);
  const notDecoded = refusal("EPROTO", `Cannot decode a message as ${format}`);
  return {
    encode(value) {
      if (validateOnEncode) validate(schema, value, notEncoded);
      return codec.encode(value);
    },
    decode: (message) => validate(schema, codec.decode(message), notDecoded),
  };
}

function listIssues(issues: readonly SchemaIssue[]): string {
  const listed = issues.slice(0, LISTED).map(({ message, path = [] }) => {
    const keys = path.map((part) => typeof part === "object" ? part.key : part);
    return keys.length === 0 ? printable(message) : `${showPath(keys)}: ${printable(message)}`;
  });
  if (issues.length > LISTED) listed.push(`and ${issues.length - LISTED} more`);
  return listed.join("; ");
}
