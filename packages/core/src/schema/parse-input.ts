import { MeanwhileError } from "../errors.ts";
import type { SchemaIssue } from "./check.ts";
import { compileJsonSchema } from "./json-schema.ts";
import type {
  JsonSchema,
  StandardIssue,
  StandardResult,
  StandardSchema,
} from "./standard-schema.ts";

/**
 * Validates an input and gives what the schema makes of it: for a Standard Schema the parsed
 * value, for a JSON Schema the value itself. Answers at once unless the schema is asynchronous.
 *
 * @throws MeanwhileError `INVALID_INPUT` with what is wrong in words for a model, also for a
 * schema that throws (the error is the `cause`); `INVALID_DEFINITION` for a JSON Schema that
 * cannot be compiled. Rejects with the same when the schema is asynchronous.
 */
export function parseInput<Parsed>(
  schema: StandardSchema<unknown, Parsed> | JsonSchema,
  value: unknown,
): Parsed | Promise<Parsed> {
  if (!isStandardSchema<Parsed>(schema)) {
    const issues = compiled(schema as JsonSchema)(value);
    if (issues.length > 0) throw invalidInput(issues);
    return value as Parsed;
  }
  let result: StandardResult<Parsed> | Promise<StandardResult<Parsed>>;
  try {
    result = schema["~standard"].validate(value);
    if (!isPromise(result)) return accepted(result);
  } catch (error) {
    throw refusal(error);
  }
  return result.then(accepted).catch((error: unknown) => {
    throw refusal(error);
  });
}

/** True for a schema of a library that implements Standard Schema; arktype's are functions. */
export function isStandardSchema<Parsed = unknown>(
  schema: unknown,
): schema is StandardSchema<unknown, Parsed> {
  return (
    ((typeof schema === "object" && schema !== null) || typeof schema === "function") &&
    "~standard" in schema
  );
}

const compiledSchemas = new WeakMap<JsonSchema, ReturnType<typeof compileJsonSchema>>();

function compiled(schema: JsonSchema): ReturnType<typeof compileJsonSchema> {
  let check = compiledSchemas.get(schema);
  if (check === undefined) {
    check = compileJsonSchema(schema);
    compiledSchemas.set(schema, check);
  }
  return check;
}

function isPromise<Value>(value: Value | Promise<Value>): value is Promise<Value> {
  return typeof (value as { readonly then?: unknown } | undefined)?.then === "function";
}

function accepted<Parsed>(result: StandardResult<Parsed>): Parsed {
  if (result.issues) throw invalidInput(result.issues.map(schemaIssue));
  return result.value;
}

function schemaIssue({ path = [], message }: StandardIssue): SchemaIssue {
  return {
    path: path.map((segment) => {
      const key = typeof segment === "object" ? segment.key : segment;
      return typeof key === "symbol" ? String(key) : key;
    }),
    message,
  };
}

const shownIssues = 5;
const shownCharacters = 300;

function invalidInput(issues: readonly SchemaIssue[]): MeanwhileError {
  const lines = issues.slice(0, shownIssues).map(({ path, message }) => {
    const line = path.length === 0 ? message : `${path.join(".")}: ${message}`;
    return line.length > shownCharacters ? `${line.slice(0, shownCharacters)}…` : line;
  });
  const more = issues.length - lines.length;
  if (more > 0) lines.push(`and ${more} more`);
  return new MeanwhileError(
    "INVALID_INPUT",
    `The input is not valid. ${lines.join("; ")}. Correct it and try again.`,
  );
}

function refusal(error: unknown): MeanwhileError {
  if (MeanwhileError.isInstance(error, "INVALID_INPUT")) return error;
  return new MeanwhileError(
    "INVALID_INPUT",
    "The input could not be validated: the schema threw an error. Check the input, or the schema's own code.",
    { cause: error },
  );
}
