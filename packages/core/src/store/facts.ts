import type { FactChanges, TaskError, TaskFacts, TaskRecord, WatchFact } from "./store.ts";

/** The facts after an update; null when none is left. What is not named stays, null removes. */
export function mergeFacts(facts: TaskFacts | null, changes: FactChanges): TaskFacts | null {
  const {
    progress = facts?.progress,
    checkpoint = facts?.checkpoint,
    containment = facts?.containment,
    waiting = facts?.waiting,
    waitedMs = facts?.waitedMs,
    cancelRequested = facts?.cancelRequested,
    failedDependency = facts?.failedDependency,
    lastError = facts?.lastError,
    interruptions = facts?.interruptions,
    outputFile = facts?.outputFile,
    outputBytes = facts?.outputBytes,
    watches = facts?.watches,
  } = changes;
  const merged: TaskFacts = {
    ...(progress != null && { progress: Object.freeze({ ...progress }) }),
    ...(checkpoint != null && { checkpoint }),
    ...(containment != null && { containment }),
    ...(waiting != null && { waiting: Object.freeze({ ...waiting }) }),
    ...(waitedMs != null && { waitedMs }),
    ...(cancelRequested != null && { cancelRequested }),
    ...(failedDependency != null && { failedDependency }),
    ...(lastError != null && { lastError: copyError(lastError) }),
    ...(interruptions != null && { interruptions }),
    ...(outputFile != null && { outputFile }),
    ...(outputBytes != null && { outputBytes }),
    ...(watches != null && { watches: copyWatches(watches) }),
  };
  return Object.keys(merged).length === 0 ? null : Object.freeze(merged);
}

/** The facts of an attempt that is put back: the next one has not waited. */
export const notWaiting: FactChanges = Object.freeze({ waiting: null, waitedMs: null });

/** What a running task waits for without a slot; null for one that is at work, or does not run. */
export function waitingFor({ status, facts }: TaskRecord): string | null {
  if (status !== "running" || facts?.cancelRequested !== undefined) return null;
  return facts?.waiting?.for ?? null;
}

function copyWatches(watches: readonly WatchFact[]): readonly WatchFact[] {
  return Object.freeze(watches.map((watch) => Object.freeze({ ...watch })));
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
