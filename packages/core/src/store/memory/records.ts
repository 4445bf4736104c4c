import { copyError, mergeFacts } from "../facts.ts";
import type { NotificationRecord, TaskOptions, TaskRecord } from "../store.ts";
import type { MemoryState, NotificationEntry, SessionEntry, TaskEntry } from "./state.ts";

/**
 * Readers get copies. Handing out one frozen record and replacing it at each change costs more:
 * freezing takes longer than copying, and a queued task would be held as two objects.
 */
export function taskRecord(task: TaskEntry): TaskRecord {
  const { history } = task;
  return {
    id: task.id,
    session: task.session.name,
    name: task.name,
    title: task.title,
    input: task.input,
    options: task.options,
    createdAt: task.createdAt,
    status: task.status,
    attempt: task.attempt,
    runAt: task.runAt,
    fence: task.fence,
    startedAt: history === null ? null : history.startedAt,
    settledAt: history === null ? null : history.settledAt,
    output: history === null ? null : history.output,
    error: history === null ? null : history.error,
    facts: history === null ? null : history.facts,
  };
}

export function notificationRecord(entry: NotificationEntry): NotificationRecord {
  return {
    id: entry.id,
    taskId: entry.task.id,
    session: entry.task.session.name,
    kind: entry.kind,
    title: entry.task.title,
    status: entry.status,
    error: entry.error,
    createdAt: entry.createdAt,
    deliveries: entry.deliveries,
    name: entry.task.name,
    text: entry.text,
  };
}

export function taskEntry(
  state: MemoryState,
  session: SessionEntry,
  record: TaskRecord,
): TaskEntry {
  state.sequence += 1;
  const bare = record.startedAt === null && record.facts === null;
  return {
    id: record.id,
    session,
    name: record.name,
    title: record.title,
    input: record.input,
    options: ownOptions(record.options),
    createdAt: record.createdAt,
    sequence: state.sequence,
    status: record.status,
    attempt: record.attempt,
    runAt: record.runAt,
    fence: record.fence,
    history: bare
      ? null
      : {
          startedAt: record.startedAt,
          settledAt: null,
          output: null,
          error: null,
          facts: record.facts === null ? null : mergeFacts(null, record.facts),
          notification: null,
          owed: 0,
          isCandidate: false,
        },
    links: null,
  };
}

export function notificationEntry(task: TaskEntry, record: NotificationRecord): NotificationEntry {
  return {
    id: record.id,
    task,
    kind: record.kind,
    status: record.status,
    error: record.error === null ? null : copyError(record.error),
    createdAt: record.createdAt,
    text: record.text,
    deliveries: record.deliveries,
    lease: null,
    previous: null,
    next: null,
  };
}

let lastFrozen: TaskOptions | undefined;

/** A frozen copy, or the options themselves when nobody can change them: most tasks share them. */
function ownOptions(options: TaskOptions): TaskOptions {
  if (options === lastFrozen) return options;
  if (Object.isFrozen(options) && Object.isFrozen(options.after)) {
    lastFrozen = options;
    return options;
  }
  return Object.freeze({
    priority: options.priority,
    timeoutMs: options.timeoutMs,
    notify: options.notify,
    after: Object.freeze([...options.after]),
    idempotencyKey: options.idempotencyKey,
    recover: options.recover,
    ephemeral: options.ephemeral,
  });
}
