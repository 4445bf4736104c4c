/** Why an operation was refused, or why a task failed. */
export type ErrorCode =
  // A task's outcome
  /** It took longer than its `timeoutMs`. */
  | "TIMEOUT"
  /** A command ended with a code other than 0, which is in the details. */
  | "EXIT_CODE"
  /** A command was ended by a signal from outside. */
  | "SIGNAL"
  /** A program could not be started. */
  | "SPAWN"
  /** The sandbox that a command must run in cannot be had; the command was not run. */
  | "SANDBOX"
  /** The process that ran it died; whether its work took effect is not known. */
  | "INTERRUPTED"
  /** It was ended because it printed too much. */
  | "OUTPUT_LIMIT"
  /** It was cancelled; the message is the reason. */
  | "CANCELLED"
  /** A task named in `after` did not complete. */
  | "DEPENDENCY"
  /** A result or checkpoint is no plain JSON, or too large. */
  | "NOT_SERIALIZABLE"
  /** A file could not be had. */
  | "DOWNLOAD"
  /** Its work threw an error without a code of its own. */
  | "ERROR"
  // Misuse
  | "INVALID_DEFINITION"
  | "INVALID_INPUT"
  | "INVALID_OPTION"
  /** The command policy does not allow the command. */
  | "COMMAND_REFUSED"
  /** As many tasks wait as `limits` allows. */
  | "QUEUE_FULL"
  /** The session has no such task, whether another session has it or not. */
  | "UNKNOWN_TASK"
  /** A stored task's definition is not named in the manager's `tasks`. */
  | "UNKNOWN_DEFINITION"
  /** The task has ended, so that it takes and does no more. */
  | "TASK_SETTLED"
  /** The task runs in another process. */
  | "NOT_RUNNING_HERE"
  /** A task is watched for as many patterns as may be. */
  | "WATCH_LIMIT"
  /** A turn inside a turn of its own session. */
  | "NESTED_TURN"
  /** The manager is closed, or closes. */
  | "CLOSED"
  // Storage and ownership
  /** A lease ran out: on notifications, or on everything that this manager held. */
  | "LEASE_LOST"
  /** A live manager has the same `owner` name. */
  | "OWNER_IN_USE"
  | "STORE_CORRUPT"
  | "STORE_READ_ONLY"
  /** The disk is full. */
  | "STORE_FULL"
  /** A newer version of the package wrote the store. */
  | "STORE_TOO_NEW"
  /** The platform's SQLite may damage the store. */
  | "STORE_UNSUPPORTED"
  /** Storage failed in another way; the `cause` says how. */
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
  /** What happened, for programs. */
  readonly code: ErrorCode;
  /** Facts beside the message, such as an exit code or a limit. */
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
