import { MeanwhileError } from "../errors.ts";
import { applicators } from "./applicators.ts";
import { assertions } from "./assertions.ts";
import {
  type Check,
  every,
  issue,
  type Keyword,
  type KeywordContext,
  none,
  type SchemaIssue,
} from "./check.ts";
import type { JsonSchema } from "./standard-schema.ts";

/** Deepest nesting of a schema, and of a value that a schema accepts. */
const maxDepth = 200;

/**
 * Compiles the part of JSON Schema (draft 7 and 2020-12) that tools use into a check, which gives
 * what is wrong with a value: nothing when it is valid. `format` is an annotation, as the
 * specification allows. A property that is undefined counts as absent, as JSON would drop it.
 *
 * `pattern` runs as a JavaScript regular expression with the flag `u`. The schema is written by
 * the developer, so that a pattern does not backtrack without bound is theirs to see to.
 *
 * Source: https://json-schema.org/draft-07/json-schema-validation
 * @throws MeanwhileError `INVALID_DEFINITION` for a keyword that is malformed or not supported.
 */
export function compileJsonSchema(schema: JsonSchema): (value: unknown) => readonly SchemaIssue[] {
  const check = compile(schema, "", 0);
  const tooDeep = [issue(`must not be nested deeper than ${maxDepth} levels`)];
  return (value) => (deeperThan(value, maxDepth) ? tooDeep : check(value));
}

function compile(schema: unknown, at: string, depth: number): Check {
  if (schema === true) return () => none;
  if (schema === false) return () => [issue("is not allowed")];
  if (typeof schema !== "object" || schema === null || Array.isArray(schema)) {
    throw invalid(at, "must be an object");
  }
  if (depth > maxDepth) throw invalid(at, `is nested deeper than ${maxDepth} levels`);

  let ofType: Check | undefined;
  const checks: Check[] = [];
  for (const [keyword, operand] of Object.entries(schema)) {
    if (operand === undefined || annotations.has(keyword)) continue;
    const context: KeywordContext = {
      schema: schema as JsonSchema,
      compile: (inner, suffix) => compile(inner, `${at}/${suffix}`, depth + 1),
      invalid: (reason) => invalid(`${at}/${keyword}`, reason),
    };
    const check = compilerOf(keyword, at)(operand, context);
    if (keyword === "type") ofType = check;
    else if (check !== undefined) checks.push(check);
  }
  return ofType === undefined ? every(checks) : typeFirst(ofType, every(checks));
}

/** A value of the wrong type has no other issue worth telling. */
function typeFirst(ofType: Check, rest: Check): Check {
  return (value) => {
    const issues = ofType(value);
    return issues.length > 0 ? issues : rest(value);
  };
}

function compilerOf(keyword: string, at: string): Keyword {
  if (Object.hasOwn(assertions, keyword)) return assertions[keyword] as Keyword;
  if (Object.hasOwn(applicators, keyword)) return applicators[keyword] as Keyword;
  throw invalid(
    at,
    `uses the keyword "${keyword}", which is not supported here; use a Standard Schema library such as zod, valibot or arktype instead`,
  );
}

/** Keywords that say something to a reader and assert nothing. */
const annotations: ReadonlySet<string> = new Set([
  "$comment",
  "$defs",
  "$id",
  "$schema",
  "contentEncoding",
  "contentMediaType",
  "default",
  "definitions",
  "deprecated",
  "description",
  "examples",
  "format",
  "readOnly",
  "title",
  "writeOnly",
]);

function invalid(at: string, reason: string): MeanwhileError {
  const where = at === "" ? "The JSON Schema" : `The JSON Schema, at ${at},`;
  return new MeanwhileError("INVALID_DEFINITION", `${where} ${reason}.`);
}

/** Every recursion into a value is safe once this is false; it also ends on a cycle. */
function deeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (levels === 0) return true;
  for (const key in value) {
    if (deeperThan((value as { readonly [key: string]: unknown })[key], levels - 1)) return true;
  }
  return false;
}
