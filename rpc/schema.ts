import { RpcCode, RpcError } from "./errors.ts";

/** What is wrong with a value, and where. */
export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** What a schema makes of a value: either another value, or issues. */
export interface SchemaResult {
  readonly value?: unknown;
  readonly issues?: readonly SchemaIssue[] | undefined;
}

/**
 * A schema of a method's parameters: any Standard Schema (https://standardschema.dev), such as those of zod, valibot and arktype. It
 * gets what the caller sent as `params`: an array of parameters by position (empty if there are none), or an object of parameters by name.
 */
export interface ParamsSchema {
  /** What all libraries of schemas have in common. */
  readonly "~standard": {
    readonly validate: (value: unknown) => SchemaResult | Promise<SchemaResult>;
  };
}

/**
 * Checks parameters.
 *
 * @returns What the schema makes of them.
 * @throws {RpcError} `invalidParams` if they do not fit.
 */
export async function checkParams(schema: ParamsSchema, params: unknown): Promise<unknown> {
  const { value, issues } = await schema["~standard"].validate(params ?? []);
  if (issues === undefined) return value;
  const data = issues.map(({ message, path = [] }) => ({
    message,
    path: path.map((step) => {
      const key = typeof step === "object" ? step.key : step;
      return typeof key === "symbol" ? String(key) : key;
    }),
  }));
  const first = data[0];
  const where = first === undefined || first.path.length === 0 ? "" : ` at ${first.path.join(".")}`;
  throw new RpcError(
    RpcCode.invalidParams,
    `Invalid params${where}${first === undefined ? "" : `: ${first.message}`}`,
    data,
  );
}
