import { MeanwhileError } from "../errors.ts";
import { isStandardSchema } from "./parse-input.ts";
import type { JsonSchema, StandardSchema } from "./standard-schema.ts";

/** What of a definition says how its input looks. */
export interface ModelSchemaSource {
  readonly name: string;
  readonly input: StandardSchema | JsonSchema;
  readonly inputSchema?: JsonSchema;
}

/**
 * The JSON Schema of a definition's input as a model is shown it: `inputSchema`, else the input's
 * own (a plain JSON Schema, or a Standard Schema that can give one). A frozen copy without
 * `$schema`. The same source gives the same text: keywords come in one order, properties in the
 * author's.
 *
 * @throws MeanwhileError `INVALID_DEFINITION` when there is none, or it is not of an object.
 */
export function modelSchema(definition: ModelSchemaSource): JsonSchema {
  const source = definition.inputSchema ?? definition.input;
  let schema = schemas.get(source);
  if (schema === undefined) {
    schema = orderedSchema(jsonSchemaOf(definition.name, source)) as JsonSchema;
    if (schema["type"] !== "object") {
      throw new MeanwhileError(
        "INVALID_DEFINITION",
        `The input of "${definition.name}" must be an object for a model to give it: its JSON Schema needs "type": "object" at the top. Wrap the input in an object, or pass such a schema as inputSchema.`,
      );
    }
    schemas.set(source, schema);
  }
  return schema;
}

/** A schema is looked at once, so that every later call is told exactly the same. */
const schemas = new WeakMap<object, JsonSchema>();

function jsonSchemaOf(name: string, source: ModelSchemaSource["input"]): unknown {
  if (!isStandardSchema(source)) return plainJson(name, source);
  const { jsonSchema, vendor } = source["~standard"];
  if (jsonSchema === undefined) {
    throw new MeanwhileError(
      "INVALID_DEFINITION",
      `The input schema of "${name}" (from ${vendor}) cannot say how it looks as JSON Schema. Pass that as inputSchema beside it.`,
    );
  }
  let schema: unknown;
  try {
    schema = jsonSchema.input({ target: "draft-07" });
  } catch (cause) {
    throw new MeanwhileError(
      "INVALID_DEFINITION",
      `The input schema of "${name}" (from ${vendor}) has a part that JSON Schema cannot express. Change that part, or pass a JSON Schema as inputSchema beside it.`,
      { cause },
    );
  }
  return plainJson(name, schema);
}

/** A copy that holds nothing but JSON, without what is for validators alone. */
function plainJson(name: string, schema: unknown): unknown {
  try {
    const copy = JSON.parse(JSON.stringify(schema)) as Record<string, unknown>;
    delete copy["$schema"];
    delete copy["~standard"];
    return copy;
  } catch (cause) {
    throw new MeanwhileError(
      "INVALID_DEFINITION",
      `The JSON Schema of "${name}" is not plain JSON. Pass a plain JSON object as inputSchema.`,
      { cause },
    );
  }
}

/** What a model reads first comes first; keywords not named here follow by name. */
const firstKeywords = ["type", "title", "description", "properties", "required"];

/** Operands that are data, and objects whose keys are names rather than keywords. */
const data: ReadonlySet<string> = new Set(["const", "default", "enum", "examples", "required"]);
const named: ReadonlySet<string> = new Set([
  "$defs",
  "definitions",
  "patternProperties",
  "properties",
]);

function orderedSchema(schema: unknown): unknown {
  if (Array.isArray(schema)) return Object.freeze(schema.map(orderedSchema));
  if (typeof schema !== "object" || schema === null) return schema;
  const entries = Object.entries(schema).sort(([left], [right]) => compareKeywords(left, right));
  return Object.freeze(
    Object.fromEntries(
      entries.map(([keyword, operand]) => [keyword, orderedOperand(keyword, operand)]),
    ),
  );
}

function orderedOperand(keyword: string, operand: unknown): unknown {
  if (data.has(keyword)) return frozen(operand);
  if (!named.has(keyword) || typeof operand !== "object" || operand === null) {
    return orderedSchema(operand);
  }
  return Object.freeze(
    Object.fromEntries(
      Object.entries(operand).map(([name, inner]) => [name, orderedSchema(inner)]),
    ),
  );
}

function compareKeywords(left: string, right: string): number {
  const byRank = rank(left) - rank(right);
  if (byRank !== 0) return byRank;
  return left < right ? -1 : 1;
}

function rank(keyword: string): number {
  const place = firstKeywords.indexOf(keyword);
  return place === -1 ? firstKeywords.length : place;
}

function frozen(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  for (const member of Object.values(value)) frozen(member);
  return Object.freeze(value);
}
