/** Why an operation was refused, or why a task failed. */
export type ErrorCode =
  // A task's outcome
  | "TIMEOUT"
  | "EXIT_CODE"
  | "SIGNAL"
  | "SPAWN"
  | "INTERRUPTED"
  | "OUTPUT_LIMIT"
  | "CANCELLED"
  | "DEPENDENCY"
  | "NOT_SERIALIZABLE"
  | "DOWNLOAD"
  | "ERROR"
  // Misuse
  | "INVALID_DEFINITION"
  | "INVALID_INPUT"
  | "INVALID_OPTION"
  | "COMMAND_REFUSED"
  | "QUEUE_FULL"
  | "UNKNOWN_TASK"
  | "UNKNOWN_DEFINITION"
  | "TASK_SETTLED"
  | "NOT_RUNNING_HERE"
  | "NESTED_TURN"
  | "CLOSED"
  // Storage and ownership
  | "LEASE_LOST"
  | "OWNER_IN_USE"
  | "STORE_CORRUPT"
  | "STORE_READ_ONLY"
  | "STORE_FULL"
  | "STORE_TOO_NEW"
  | "STORE_UNSUPPORTED"
  | "STORE";

/** Facts about an error that survive storage: plain JSON. */
export type ErrorDetails = { readonly [key: string]: string | number | boolean | null };

/**
 * The one error class of meanwhile. `code` says what happened; `message` says what to do next.
 *
 * A definition's `run` may throw it to choose the `error.code` of its failed task.
 */
export class MeanwhileError extends Error {
  override readonly name = "MeanwhileError";
  readonly code: ErrorCode;
  readonly details: ErrorDetails | undefined;
  /** Marks the class across copies of the package, for `isInstance`. */
  readonly isMeanwhileError = true;

  constructor(
    code: ErrorCode,
    message: string,
    options: { readonly cause?: unknown; readonly details?: ErrorDetails } = {},
  ) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.details = options.details;
  }

  /** True for an error of this class, also when it comes from another copy of the package. */
  static isInstance(error: unknown, code?: ErrorCode): error is MeanwhileError {
    try {
      return (
        typeof error === "object" &&
        error !== null &&
        (error as { isMeanwhileError?: unknown }).isMeanwhileError === true &&
        (code === undefined || (error as MeanwhileError).code === code)
      );
    } catch {
      // Anything can be thrown, also what cannot even be looked at.
      return false;
    }
  }
}
