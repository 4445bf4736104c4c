/**
 * The part of Standard Schema v1 that is used here (https://standardschema.dev), written out so
 * that core depends on no schema library. zod 4, valibot and arktype implement it.
 */
export interface StandardSchema<Input = unknown, Output = Input> {
  /** What a library says of a schema, under the name that the standard gives it. */
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
    /** Standard JSON Schema: how the schema looks to a model. */
    readonly jsonSchema?: {
      readonly input: (options: { readonly target: "draft-07" }) => Record<string, unknown>;
    };
  };
}

export type StandardResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly StandardIssue[] };

export interface StandardIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** A plain JSON Schema object (draft 7 keywords). */
export interface JsonSchema {
  readonly [keyword: string]: unknown;
}
