import { waitingFor } from "../store/facts.ts";
import type { Containment, Progress, TaskError, TaskRecord, TaskStatus } from "../store/store.ts";

/** A task at one moment. Times are wall milliseconds since 1970. */
export interface TaskSnapshot<Output = unknown> {
  readonly id: string;
  /** The session's id. */
  readonly session: string;
  /** The definition's name. */
  readonly name: string;
  /** A line for people and models. */
  readonly title: string;
  readonly status: TaskStatus;
  /** 0 while never started; 1 during and after the first attempt. */
  readonly attempt: number;
  /** Higher runs first within its session. */
  readonly priority: number;
  /** The input as it was given; undefined for a closure, and where the store is damaged. */
  readonly input: unknown;
  /** The result of a completed task; undefined where the store is damaged. */
  readonly output: Output | undefined;
  /** Why a failed or cancelled task ended so. */
  readonly error: TaskError | null;
  /** The error of the attempt before, while a retry waits or runs. */
  readonly lastError: TaskError | null;
  /** What it reported last. */
  readonly progress: Progress | null;
  /** What it waits for while it holds no slot, such as "approval"; null while it is at work. */
  readonly waiting: string | null;
  /** How surely the work can be ended; null where the question does not arise. */
  readonly containment: Containment | null;
  /** The reason of a cancel that was requested; the task may still be stopping. */
  readonly cancelRequested: string | null;
  /** Milliseconds for one attempt; null for no limit. */
  readonly timeoutMs: number | null;
  /** Tasks that must complete before this one starts. */
  readonly after: readonly string[];
  readonly createdAt: number;
  /** It is not started before this time. */
  readonly runAt: number;
  /** When its latest attempt began; null before the first. */
  readonly startedAt: number | null;
  /** When it ended; null before. */
  readonly settledAt: number | null;
}

export function toSnapshot<Output>(record: TaskRecord): TaskSnapshot<Output> {
  const { options, facts } = record;
  return {
    id: record.id,
    session: record.session,
    name: record.name,
    title: record.title,
    status: record.status,
    attempt: record.attempt,
    priority: options.priority,
    input: readable(record.input),
    output: readable(record.output) as Output | undefined,
    error: record.error,
    lastError: facts?.lastError ?? null,
    progress: facts?.progress ?? null,
    waiting: waitingFor(record),
    containment: facts?.containment ?? null,
    cancelRequested: facts?.cancelRequested ?? null,
    timeoutMs: options.timeoutMs,
    after: options.after,
    createdAt: record.createdAt,
    runAt: record.runAt,
    startedAt: record.startedAt,
    settledAt: record.settledAt,
  };
}

/** A damaged value must not hide the rest of its task, nor the tasks in a list with it. */
function readable(json: string | null): unknown {
  try {
    return json === null ? undefined : JSON.parse(json);
  } catch {
    return undefined;
  }
}
