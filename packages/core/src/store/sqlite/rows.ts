import { copyError } from "../facts.ts";
import type {
  NotificationKind,
  NotificationRecord,
  TaskError,
  TaskFacts,
  TaskOptions,
  TaskRecord,
  TaskStatus,
} from "../store.ts";

/** A value as `node:sqlite` gives it. */
export type Value = string | number | bigint | null | Uint8Array;
export type Row = { readonly [column: string]: Value };

const statuses: readonly TaskStatus[] = ["queued", "running", "completed", "failed", "cancelled"];

export const taskColumns =
  "tasks.seq, tasks.id, tasks.session, tasks.name, tasks.status, tasks.attempt, tasks.priority, tasks.created_at, tasks.run_at, tasks.started_at, tasks.settled_at, tasks.fence, tasks.key, tasks.options, tasks.title, tasks.facts, tasks.error, tasks.input, tasks.output";

export function statusCode(status: TaskStatus): number {
  return statuses.indexOf(status);
}

export function taskFromRow(row: Row): TaskRecord {
  const unreadable: string[] = [];
  const options = read(row, "options", parseOptions, defaultOptions, unreadable);
  const facts = read(row, "facts", parseFacts, null, unreadable);
  const error = read(row, "error", parseError, null, unreadable);
  return {
    id: row["id"] as string,
    session: row["session"] as string,
    name: row["name"] as string,
    title: textFrom(row["title"]),
    input: row["input"] as string | null,
    options,
    createdAt: row["created_at"] as number,
    status: statuses[row["status"] as number] ?? "failed",
    attempt: row["attempt"] as number,
    runAt: row["run_at"] as number,
    fence: row["fence"] as string | null,
    startedAt: row["started_at"] as number | null,
    settledAt: row["settled_at"] as number | null,
    output: row["output"] as string | null,
    error,
    facts: unreadable.length === 0 ? facts : { ...facts, unreadable: unreadable.join(", ") },
  };
}

/** Of the table named `owed`, beside `taskColumns`. */
export const notificationColumns =
  "owed.id AS owed_id, owed.kind AS owed_kind, owed.status AS owed_status, owed.created_at AS owed_created_at, owed.deliveries AS owed_deliveries, owed.error AS owed_error, owed.text AS owed_text";

export function notificationFromRow(row: Row, task: TaskRecord): NotificationRecord {
  return {
    id: row["owed_id"] as string,
    taskId: task.id,
    session: task.session,
    kind: row["owed_kind"] as NotificationKind,
    title: task.title,
    status: statuses[row["owed_status"] as number] ?? "failed",
    error: read(row, "owed_error", parseError, null, []),
    createdAt: row["owed_created_at"] as number,
    deliveries: row["owed_deliveries"] as number,
    name: task.name,
    text: row["owed_text"] === null ? null : textFrom(row["owed_text"]),
  };
}

const defaultOptions: TaskOptions = Object.freeze({
  priority: 0,
  timeoutMs: null,
  notify: "always",
  after: Object.freeze([]),
  idempotencyKey: null,
  recover: "fail",
  ephemeral: false,
});
const defaultOptionsText: string = JSON.stringify(defaultOptions);

let lastOptions: TaskOptions | undefined;
let lastOptionsText: string | null = null;

/** Null for the default. Most tasks share one frozen object, which is written as text only once. */
export function optionsText(options: TaskOptions): string | null {
  if (options === lastOptions) return lastOptionsText;
  const { priority, timeoutMs, notify, after, idempotencyKey, recover, ephemeral } = options;
  const text = JSON.stringify({
    priority,
    timeoutMs,
    notify,
    after,
    idempotencyKey,
    recover,
    ephemeral,
  });
  const stored = text === defaultOptionsText ? null : text;
  if (Object.isFrozen(options) && Object.isFrozen(after)) {
    lastOptions = options;
    lastOptionsText = stored;
  }
  return stored;
}

/** The `node:sqlite` of Node 22 reads text only up to a NUL, but all of a blob. */
export function storedText(text: string): string | Uint8Array {
  return text.includes("\0") ? Buffer.from(text) : text;
}

export function textFrom(value: Value | undefined): string {
  return value instanceof Uint8Array ? Buffer.from(value).toString() : String(value);
}

export function jsonText(value: TaskError | TaskFacts | null): string | null {
  return value === null ? null : JSON.stringify(value);
}

export function factsFromText(text: Value): TaskFacts | null {
  return read({ facts: text }, "facts", parseFacts, null, []);
}

export function optionsFromText(text: Value): TaskOptions {
  return read({ options: text }, "options", parseOptions, defaultOptions, []);
}

/**
 * One damaged value does not take its row down, nor the list that the row is in: the fallback
 * stands in for it, and the column is named in the task's facts.
 */
function read<Known, Fallback>(
  row: Row,
  column: string,
  parse: (value: unknown) => Known,
  fallback: Fallback,
  unreadable: string[],
): Known | Fallback {
  const text = row[column];
  if (text === null) return fallback;
  try {
    return parse(JSON.parse(text as string));
  } catch {
    unreadable.push(column);
    return fallback;
  }
}

function parseOptions(value: unknown): TaskOptions {
  const options = value as TaskOptions;
  if (typeof options.priority !== "number" || !Array.isArray(options.after)) throw new TypeError();
  return options;
}

function parseFacts(value: unknown): TaskFacts {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new TypeError();
  return value;
}

function parseError(value: unknown): TaskError {
  const error = value as TaskError;
  if (typeof error.code !== "string" || typeof error.message !== "string") throw new TypeError();
  return copyError(error);
}
