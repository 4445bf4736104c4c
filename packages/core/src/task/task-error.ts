import { type ErrorDetails, MeanwhileError } from "../errors.ts";
import type { TaskError } from "../store/store.ts";

const longestMessage = 4_000;

/**
 * What a thrown value becomes in a record. Anything can be thrown: undefined, a string, an object
 * whose getters throw. An error's own string `code` is kept, since callers branch on it.
 */
export function toTaskError(thrown: unknown): TaskError {
  try {
    if (
      MeanwhileError.isInstance(thrown) &&
      typeof thrown.code === "string" &&
      typeof thrown.message === "string"
    ) {
      return error(thrown.code, thrown.message, plainDetails(thrown.details));
    }
    if (typeof thrown === "object" && thrown !== null && "message" in thrown) {
      const { message, code } = thrown as { message: unknown; code?: unknown };
      const known = typeof code === "string" && /^[A-Z][A-Z0-9_]{0,63}$/.test(code);
      return error(
        known ? code : "ERROR",
        String(message) || "The task threw an error without a message.",
      );
    }
    return error("ERROR", `The task threw ${describe(thrown)} instead of an Error.`);
  } catch {
    return error("ERROR", "The task threw a value that cannot be read.");
  }
}

/** The error that a reader of the result gets for a task that did not complete. */
export function fromTaskError(stored: TaskError): MeanwhileError {
  return new MeanwhileError(
    stored.code as MeanwhileError["code"],
    stored.message,
    stored.details === undefined ? {} : { details: stored.details },
  );
}

function error(code: string, message: string, details?: ErrorDetails): TaskError {
  const short = message.length > longestMessage ? `${message.slice(0, longestMessage)}…` : message;
  return details === undefined ? { code, message: short } : { code, message: short, details };
}

/** What of the details JSON can write: thrown by JavaScript, they may hold anything. */
function plainDetails(details: unknown): ErrorDetails | undefined {
  if (typeof details !== "object" || details === null) return undefined;
  return Object.fromEntries(
    Object.entries(details).filter(
      ([, value]) =>
        value === null ||
        typeof value === "string" ||
        typeof value === "boolean" ||
        Number.isFinite(value),
    ),
  );
}

function describe(thrown: unknown): string {
  const text = typeof thrown === "string" ? JSON.stringify(thrown) : String(thrown);
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
