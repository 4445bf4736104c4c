import type { Random } from "../clock/clock.ts";
import { encodeJson } from "../schema/json-value.ts";
import type { TaskError, TaskRecord, TerminalStatus } from "../store/store.ts";
import type { Stop, WorkResult } from "./attempt.ts";
import type { RetryOptions } from "./definition.ts";
import { retryDelay } from "./retry.ts";
import { toTaskError } from "./task-error.ts";

export type AttemptOutcome =
  | {
      readonly type: "settle";
      readonly status: TerminalStatus;
      readonly output: string | null;
      readonly error: TaskError | null;
    }
  | { readonly type: "retry"; readonly delayMs: number; readonly error: TaskError };

/** Trying again cannot help when the input, the result, the store or another task was at fault. */
const finalCodes: ReadonlySet<string> = new Set([
  "INVALID_INPUT",
  "NOT_SERIALIZABLE",
  "DEPENDENCY",
  "COMMAND_REFUSED",
  "INTERRUPTED",
  "STORE_CORRUPT",
]);

/** What an attempt that ended means for its task. */
export function decideOutcome(attempt: {
  readonly record: TaskRecord;
  readonly result: WorkResult;
  /** False when the work still runs although the task has to be settled. */
  readonly ended: boolean;
  readonly stop: Stop | undefined;
  readonly retry: RetryOptions | undefined;
  readonly random: Random;
  readonly maxBytes: number;
}): AttemptOutcome {
  const { record, result, stop, retry } = attempt;
  let thrown: unknown;
  if (result.ok) {
    // Work that finished in spite of a stop did finish.
    try {
      const output = encodeJson(result.value, { maxBytes: attempt.maxBytes, what: "The result" });
      return { type: "settle", status: "completed", output, error: null };
    } catch (error) {
      thrown = error;
    }
  } else {
    // After a stop the work is expected to throw; its reason says more than what was thrown.
    thrown = stop === undefined ? result.thrown : stop.reason;
  }
  const error = toTaskError(thrown);
  if (stop?.kind === "cancel") return { type: "settle", status: "cancelled", output: null, error };
  const mayRetry =
    retry !== undefined &&
    record.attempt < retry.attempts &&
    // Two attempts of one task never overlap.
    attempt.ended &&
    !finalCodes.has(error.code);
  if (mayRetry) {
    return { type: "retry", delayMs: retryDelay(retry, record.attempt, attempt.random), error };
  }
  return { type: "settle", status: "failed", output: null, error };
}
