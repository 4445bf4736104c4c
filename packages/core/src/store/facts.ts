import type { FactChanges, TaskError, TaskFacts } from "./store.ts";

/** The facts after an update; null when none is left. What is not named stays, null removes. */
export function mergeFacts(facts: TaskFacts | null, changes: FactChanges): TaskFacts | null {
  const {
    progress = facts?.progress,
    checkpoint = facts?.checkpoint,
    containment = facts?.containment,
    cancelRequested = facts?.cancelRequested,
    failedDependency = facts?.failedDependency,
    lastError = facts?.lastError,
    interruptions = facts?.interruptions,
    outputFile = facts?.outputFile,
  } = changes;
  const merged: TaskFacts = {
    ...(progress != null && { progress: Object.freeze({ ...progress }) }),
    ...(checkpoint != null && { checkpoint }),
    ...(containment != null && { containment }),
    ...(cancelRequested != null && { cancelRequested }),
    ...(failedDependency != null && { failedDependency }),
    ...(lastError != null && { lastError: copyError(lastError) }),
    ...(interruptions != null && { interruptions }),
    ...(outputFile != null && { outputFile }),
  };
  return Object.keys(merged).length === 0 ? null : Object.freeze(merged);
}

/** A frozen copy. */
export function copyError(error: TaskError): TaskError {
  const { code, message, details } = error;
  return Object.freeze(
    details === undefined
      ? { code, message }
      : { code, message, details: Object.freeze({ ...details }) },
  );
}
