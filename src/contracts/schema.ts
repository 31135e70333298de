/**
 * A schema by the Standard Schema specification, version 1, which zod, valibot, arktype and others implement: pass theirs.
 *
 * These are the parts of the specification's interface that are used here. They are written out, as the specification
 * suggests, so that neither this package nor its declarations need another package.
 *
 * @see https://standardschema.dev
 *
 * @typeParam Input What the schema accepts.
 * @typeParam Output What it makes of that.
 */
export interface StandardSchema<Input = unknown, Output = Input> {
  /** What the specification adds to a schema. */
  readonly "~standard": {
    /** The version of the specification. */
    readonly version: 1;
    /** Checks a value. */
    readonly validate: (
      value: unknown,
    ) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
    /** Only for the compiler: the types of the schema. */
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

/** What a schema says about a value: the value that it made of it, or what is wrong. */
export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

/** One thing that is wrong with a value. */
export interface SchemaIssue {
  /** What is wrong. */
  readonly message: string;
  /** Where in the value. */
  readonly path?: ReadonlyArray<PropertyKey | { readonly key: PropertyKey }> | undefined;
}
