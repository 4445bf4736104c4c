import type { MeanwhileError } from "../errors.ts";
import type { JsonSchema } from "./standard-schema.ts";

/** One thing that is wrong with a value. */
export interface SchemaIssue {
  /** Property names and array indexes from the top of the value. */
  readonly path: readonly (string | number)[];
  /** What the value there must be, to be read after its path: `must be a string`. */
  readonly message: string;
}

/** Gives what is wrong with a value; allocates nothing when it is valid. */
export type Check = (value: unknown) => readonly SchemaIssue[];

/** What a keyword's compiler can use. */
export interface KeywordContext {
  /** The schema that holds the keyword, for its sibling keywords. */
  readonly schema: JsonSchema;
  /** Compiles a schema within the keyword; `suffix` is its place there. */
  compile(schema: unknown, suffix: string): Check;
  /** The error to throw for a malformed operand. */
  invalid(reason: string): MeanwhileError;
}

/** Compiles one keyword; undefined when a sibling keyword covers it. */
export type Keyword = (operand: unknown, context: KeywordContext) => Check | undefined;

/** Issues that are gathered before the rest of a value is left unlooked at. */
export const maxIssues = 20;

export const none: readonly SchemaIssue[] = Object.freeze([]);

export function issue(message: string): SchemaIssue {
  return { path: [], message };
}

/** The same issues, seen from the value that holds theirs under `key`. */
export function under(key: string | number, issues: readonly SchemaIssue[]): SchemaIssue[] {
  return issues.map(({ path, message }) => ({ path: [key, ...path], message }));
}

/** One check that makes all of them. */
export function every(checks: readonly Check[]): Check {
  const [only] = checks;
  if (only === undefined) return () => none;
  if (checks.length === 1) return only;
  return (value) => {
    let found = none;
    for (const check of checks) {
      const issues = check(value);
      if (issues.length === 0) continue;
      found = found.length === 0 ? issues : [...found, ...issues];
      if (found.length >= maxIssues) break;
    }
    return found;
  };
}
