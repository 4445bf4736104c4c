import { MeanwhileError } from "../errors.ts";
import { compileJsonSchema } from "../schema/json-schema.ts";
import { isStandardSchema } from "../schema/parse-input.ts";
import type { JsonSchema, StandardSchema } from "../schema/standard-schema.ts";
import type { AnyDefinition, RetryOptions, TaskDefinition } from "./definition.ts";
import { requireDuration, requireWhole } from "./durations.ts";
import { shown } from "./shown.ts";

/** What `defineTask` takes: a definition whose types follow from its schema. */
export interface DefineTask<Input, Parsed, Output>
  extends Omit<TaskDefinition<Input, Output, Parsed>, "input"> {
  /** Any Standard Schema: zod 4, valibot, arktype. */
  readonly input: StandardSchema<Input, Parsed>;
}

/** The same with a plain JSON Schema, which says nothing to TypeScript. */
export interface DefineTaskWithJsonSchema<Input, Output>
  extends Omit<TaskDefinition<Input, Output, Input>, "input"> {
  /** Not a Standard Schema: one that is not quite right must not pass for a JSON Schema. */
  readonly input: JsonSchema & { readonly "~standard"?: never };
}

/**
 * A kind of work that is known by name, and so can be taken up again after a restart.
 *
 * @throws MeanwhileError `INVALID_DEFINITION` for an empty or odd name, a schema that cannot be
 * read, or times and attempts that are negative or no numbers.
 */
export function defineTask<Input, Parsed, Output>(
  definition: DefineTask<Input, Parsed, Output>,
): TaskDefinition<Input, Awaited<Output>, Parsed>;
export function defineTask<Output, Input = Record<string, unknown>>(
  definition: DefineTaskWithJsonSchema<Input, Output>,
): TaskDefinition<Input, Awaited<Output>, Input>;
export function defineTask(definition: AnyDefinition): AnyDefinition {
  checkDefinition(definition);
  return Object.freeze({ ...definition });
}

/** The name of every task that is made from a closure. */
export const closureName = "function";

/** Names are shown to models as tool names, so they obey every provider's rule for those. */
const namePattern = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;

export function checkDefinition(definition: AnyDefinition): void {
  if (typeof definition !== "object" || definition === null) {
    fail(`A definition is an object, made by defineTask; got ${shown(definition)}.`);
  }
  const { name } = definition;
  for (const text of [name, definition.toolName ?? name]) {
    if (typeof text !== "string" || !namePattern.test(text)) {
      throw new MeanwhileError(
        "INVALID_DEFINITION",
        `A definition's name must be 1 to 64 letters, digits, "_" or "-", and begin with a letter; got ${shown(text)}.`,
      );
    }
  }
  if (name === closureName) fail(`"${closureName}" is the name of closures: choose another.`);
  const where = `The definition "${name}"`;
  if (typeof definition.run !== "function") fail(`${where} has no run function.`);
  if (typeof definition.description !== "string") fail(`${where} has no description.`);
  if (!isStandardSchema(definition.input)) {
    if (typeof definition.input !== "object" || definition.input === null) {
      fail(`${where} has no input schema: give a Standard Schema, or a plain JSON Schema object.`);
    }
    compileJsonSchema(definition.input as JsonSchema);
  }
  const recover = definition.recover ?? "fail";
  if (recover !== "fail" && recover !== "restart" && typeof recover !== "function") {
    fail(`${where}: recover must be "fail", "restart" or a function.`);
  }
  for (const hook of ["title", "admit", "open"] as const) {
    const given: unknown = definition[hook];
    if (given !== undefined && typeof given !== "function") {
      fail(`${where}: ${hook} must be a function.`);
    }
  }
  const code = "INVALID_DEFINITION";
  requireDuration(definition.timeoutMs, `${where}: timeoutMs`, code, { positive: true });
  requireDuration(definition.stopGraceMs, `${where}: stopGraceMs`, code);
  if (definition.retry !== undefined) checkRetry(definition.retry, where);
}

function checkRetry(retry: RetryOptions, where: string): void {
  const code = "INVALID_DEFINITION";
  if (typeof retry !== "object" || retry === null) {
    fail(`${where}: retry must be an object with attempts.`);
  }
  requireWhole(retry.attempts ?? Number.NaN, `${where}: retry.attempts`, code, 1);
  requireDuration(retry.delayMs, `${where}: retry.delayMs`, code);
  if (retry.backoff !== undefined && !(Number.isFinite(retry.backoff) && retry.backoff >= 1)) {
    fail(`${where}: retry.backoff must be a finite number of at least 1.`);
  }
}

function fail(message: string): never {
  throw new MeanwhileError("INVALID_DEFINITION", message);
}
