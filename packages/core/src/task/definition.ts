import type { Clock } from "../clock/clock.ts";
import type { CommandPolicy } from "../command/policy/policy.ts";
import type { JsonSchema, StandardSchema } from "../schema/standard-schema.ts";
import type { TaskContext } from "./context.ts";

/** How a failed attempt is tried again. */
export interface RetryOptions {
  /** Attempts in all, the first included: a whole number of at least 1. */
  readonly attempts: number;
  /** Milliseconds before the second attempt. @default 1000 */
  readonly delayMs?: number;
  /** Factor by which the delay grows with each further attempt. @default 2 */
  readonly backoff?: number;
  /** Draws the delay uniformly between half of it and all of it. @default true */
  readonly jitter?: boolean;
}

/**
 * What happens to a running task whose process died: `"fail"` with `INTERRUPTED`; `"restart"` as a
 * new attempt; or a function that finishes the interrupted attempt and gives its output.
 */
export type Recover<Input, Output> =
  | "fail"
  | "restart"
  | ((input: Input, context: TaskContext) => Output | Promise<Output>);

/** What an admission hook can look at. */
export interface AdmissionContext {
  /** The manager's command policy. */
  readonly commands: CommandPolicy;
  /** The id of the session that starts the task. */
  readonly session: string;
}

/** What a definition can look at when its manager opens. */
export interface OpenContext {
  /** The manager's command policy. */
  readonly commands: CommandPolicy;
  readonly clock: Clock;
}

/**
 * A kind of work. `Input` is what `start` takes, `Parsed` what the schema makes of it, `Output` what
 * the task gives; all but `Parsed` are stored as JSON.
 */
export interface TaskDefinition<Input = never, Output = unknown, Parsed = never> {
  /** 1 to 64 letters, digits, "_" or "-", beginning with a letter; not "function". */
  readonly name: string;
  /** Shown to the model: what the task does and returns, in a sentence or two. */
  readonly description: string;
  /** What an input must be. Checked at `start` and again before each attempt. */
  readonly input: StandardSchema<Input, Parsed> | JsonSchema;
  /** The JSON Schema for the model, where `input` cannot give one (zod 3, zod/mini). */
  readonly inputSchema?: JsonSchema;
  /** Milliseconds for one attempt; settled with `TIMEOUT` even when the work goes on. @default none */
  readonly timeoutMs?: number;
  /** @default no failed attempt is tried again */
  readonly retry?: RetryOptions;
  /** @default "fail" */
  readonly recover?: Recover<Parsed, Output>;
  /**
   * Milliseconds that the work may take to stop, after its signal aborted, before the task is
   * settled without it. @default 0
   */
  readonly stopGraceMs?: number;
  /**
   * Makes ready what its tasks need of this process. Called when a manager that knows the
   * definition has opened; what it gives is disposed when that manager has closed.
   */
  readonly open?: (context: OpenContext) => AsyncDisposable | undefined;
  /** The tool's name for the model. @default name */
  readonly toolName?: string;
  /** Shown instead of the name where the caller gives no title. */
  readonly title?: (input: Input) => string;
  /**
   * Refuses an input by throwing; nothing is stored then. Runs after the schema. What it throws, if
   * it is no `MeanwhileError`, becomes the `cause` of an `INVALID_INPUT`.
   */
  readonly admit?: (input: Parsed, context: AdmissionContext) => void | Promise<void>;
  /**
   * Does the work. What it gives must be plain JSON of at most 4 MiB; what it throws fails the
   * attempt, with the error's own `code` where it has one in capitals.
   */
  readonly run: (input: Parsed, context: TaskContext) => Output | Promise<Output>;
}

/** Any definition, whatever its types. */
// biome-ignore lint/suspicious/noExplicitAny: the input of `run` is contravariant, and only `any` takes every one
export type AnyDefinition = TaskDefinition<any, any, any>;
