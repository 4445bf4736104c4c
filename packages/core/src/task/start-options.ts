import { MeanwhileError } from "../errors.ts";
import type { TaskOptions } from "../store/store.ts";
import type { AnyDefinition } from "./definition.ts";
import { requireDuration } from "./durations.ts";
import { isKeyText } from "./key-text.ts";
import { shown } from "./shown.ts";

/** What a caller may ask for when it starts a task. */
export interface StartOptions {
  /** A line for people and models. @default the definition's */
  readonly title?: string;
  /** Higher runs first within its session; a whole number. @default 0 */
  readonly priority?: number;
  /** Milliseconds before which it is not started. @default 0 */
  readonly delayMs?: number;
  /** A second start with the same key in the same session gives the first task. @default none */
  readonly idempotencyKey?: string;
  /** Milliseconds for one attempt. @default the definition's */
  readonly timeoutMs?: number;
  /** When a notification is owed about the end. @default "always" */
  readonly notify?: "always" | "failure" | "never";
  /** Ids of tasks of the same session that must complete first. @default [] */
  readonly after?: readonly string[];
}

const longestTitle = 200;
const longestKey = 500;

/** @throws MeanwhileError `INVALID_OPTION` */
export function checkStartOptions(options: StartOptions): void {
  if (typeof options !== "object" || options === null) {
    refuse(`The options must be an object; got ${shown(options)}.`);
  }
  requireDuration(options.delayMs, "delayMs");
  requireDuration(options.timeoutMs, "timeoutMs", "INVALID_OPTION", { positive: true });
  if (options.priority !== undefined && !Number.isSafeInteger(options.priority)) {
    refuse(`priority must be a whole number; got ${shown(options.priority)}.`);
  }
  if (options.title !== undefined && typeof options.title !== "string") {
    refuse("title must be a text.");
  }
  const key = options.idempotencyKey;
  if (key !== undefined && !isKeyText(key, longestKey)) {
    refuse(
      `idempotencyKey must be a text of 1 to ${longestKey} characters, without NUL and half surrogate pairs.`,
    );
  }
  if (options.notify !== undefined && !["always", "failure", "never"].includes(options.notify)) {
    refuse('notify must be "always", "failure" or "never".');
  }
  const { after } = options;
  if (
    after !== undefined &&
    !(Array.isArray(after) && after.every((id) => typeof id === "string"))
  ) {
    refuse("after must be a list of task ids.");
  }
}

/** The options as they are stored. A task that asks for nothing shares one frozen record. */
export function storedOptions(
  definition: AnyDefinition | undefined,
  options: StartOptions | undefined,
): TaskOptions {
  const plain =
    options === undefined ||
    (options.priority === undefined &&
      options.timeoutMs === undefined &&
      options.notify === undefined &&
      options.after === undefined &&
      options.idempotencyKey === undefined);
  if (plain) {
    if (definition === undefined) return closureDefaults;
    let shared = definitionDefaults.get(definition);
    if (shared === undefined) {
      shared = make(definition, {});
      definitionDefaults.set(definition, shared);
    }
    return shared;
  }
  return make(definition, options);
}

/** The title as it is stored: whole characters, and not too many. */
export function shortTitle(title: string): string {
  const whole = title.toWellFormed();
  if (whole.length <= longestTitle) return whole;
  const cut = whole.slice(0, longestTitle - 1);
  return `${cut.isWellFormed() ? cut : cut.slice(0, -1)}…`;
}

const definitionDefaults = new WeakMap<AnyDefinition, TaskOptions>();
const closureDefaults = make(undefined, {});

function make(definition: AnyDefinition | undefined, options: StartOptions): TaskOptions {
  const recover = definition?.recover ?? "fail";
  return Object.freeze({
    priority: options.priority ?? 0,
    timeoutMs: options.timeoutMs ?? definition?.timeoutMs ?? null,
    notify: options.notify ?? "always",
    after: Object.freeze([...(options.after ?? [])]),
    idempotencyKey: options.idempotencyKey ?? null,
    recover: typeof recover === "function" ? "custom" : recover,
    ephemeral: definition === undefined,
  });
}

function refuse(message: string): never {
  throw new MeanwhileError("INVALID_OPTION", message);
}
