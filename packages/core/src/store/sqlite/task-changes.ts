import { mergeFacts } from "../facts.ts";
import type { Change, Outcome, TaskRecord } from "../store.ts";
import { type Batch, noteStarted } from "./batch.ts";
import type { RowOfTask } from "./connection.ts";
import { addDependencies, lookUpPrerequisites, releaseDependents } from "./dependencies.ts";
import { addNotification } from "./notification-changes.ts";
import { notePurgeable } from "./purge.ts";
import {
  factsFromText,
  jsonText,
  optionsFromText,
  optionsText,
  type Row,
  statusCode,
  storedText,
  taskColumns,
  taskFromRow,
} from "./rows.ts";

type Of<Type extends Change["type"]> = Extract<Change, { type: Type }>;

const inserted: Outcome<"insert"> = Object.freeze({ inserted: true });

export function insert(batch: Batch, { task }: Of<"insert">): Outcome<"insert"> {
  const { session, options } = task;
  if (task.fence !== null && !batch.owners.has(task.fence)) return { inserted: false, lost: true };
  if (options.idempotencyKey !== null) {
    const row = batch
      .statement(`SELECT ${taskColumns} FROM tasks WHERE session = ? AND key = ?`)
      .get(session, options.idempotencyKey) as Row | undefined;
    if (row !== undefined) return { inserted: false, existing: taskFromRow(row) };
  }
  const prerequisites = lookUpPrerequisites(batch, session, options.after);
  if (typeof prerequisites === "string") return { inserted: false, unknownTask: prerequisites };
  const { waiting, failedDependency } = prerequisites;
  const runAt = failedDependency === null ? task.runAt : Math.min(task.runAt, task.createdAt);
  const facts =
    failedDependency === null ? task.facts : mergeFacts(task.facts, { failedDependency });
  const { changes, lastInsertRowid } = batch
    .statement(insertTask)
    .run(
      task.id,
      session,
      task.name,
      statusCode(task.status),
      stageOf(task, waiting, runAt),
      task.attempt,
      options.priority,
      task.createdAt,
      runAt,
      task.startedAt,
      task.fence,
      options.idempotencyKey,
      optionsText(options),
      storedText(task.title),
      jsonText(facts),
      task.input,
    );
  if (changes === 0) return duplicate(batch, task);
  const seq = Number(lastInsertRowid);
  if (options.after.length > 0) addDependencies(batch, seq, prerequisites);
  if (task.status === "running") noteStarted(batch, task.id, { seq, session });
  batch.touched.add(session);
  return inserted;
}

const insertTask = `
  INSERT INTO tasks (id, session, name, status, stage, attempt, priority, created_at, run_at,
    started_at, fence, key, options, title, facts, input)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`;

export function update(batch: Batch, change: Of<"update">): boolean {
  const task = runningUnder(batch, change);
  if (task === undefined) return false;
  batch
    .statement("UPDATE tasks SET facts = ? WHERE seq = ?")
    .run(mergedFacts(batch, task, change.facts), task.seq);
  batch.touched.add(task.session);
  return true;
}

export function requeue(batch: Batch, change: Of<"requeue">): boolean {
  const task = runningUnder(batch, change);
  if (task === undefined) return false;
  const row = batch.statement("SELECT options FROM tasks WHERE seq = ?").get(task.seq) as Row;
  const { ephemeral } = optionsFromText(row["options"] ?? null);
  batch
    .statement(
      "UPDATE tasks SET status = 0, stage = 1, run_at = ?, fence = ?, facts = ? WHERE seq = ?",
    )
    .run(
      change.runAt,
      ephemeral ? task.fence : null,
      mergedFacts(batch, task, change.facts),
      task.seq,
    );
  batch.touched.add(task.session);
  return true;
}

export function adopt(batch: Batch, change: Of<"adopt">): boolean {
  const task = runningUnder(batch, change);
  if (task === undefined) return false;
  batch.statement("UPDATE tasks SET fence = ? WHERE seq = ?").run(change.fence, task.seq);
  batch.touched.add(task.session);
  return true;
}

export function settle(batch: Batch, change: Of<"settle">): boolean {
  const row = batch.started.get(change.id);
  batch.started.delete(change.id);
  if (row !== undefined && settleStarted(batch, row, change)) return true;
  const task = runningUnder(batch, change) ?? queuedUnderDeposed(batch, change);
  if (task === undefined) return false;
  end(batch, task, change);
  return true;
}

/** The common case in one statement that looks and writes. */
function settleStarted(batch: Batch, row: RowOfTask, change: Of<"settle">): boolean {
  const { id, fence, attempt } = change;
  if (change.holder !== undefined || !batch.owners.has(fence)) return false;
  const { changes } = batch
    .statement(`${settleRow} AND id = ? AND status = 1 AND attempt = ? AND fence = ?`)
    .run(...settledColumns(change), row.seq, id, attempt, fence);
  if (changes === 0) return false;
  follow(batch, { ...row, id }, change);
  return true;
}

export function cancel(batch: Batch, change: Of<"cancel">): Outcome<"cancel"> {
  const row = batch
    .statement("SELECT seq, status, options FROM tasks WHERE id = ? AND session = ?")
    .get(change.id, change.session) as Row | undefined;
  if (row === undefined) return { state: "unknown" };
  const status = row["status"] as number;
  if (status > 1) return { state: "settled" };
  const task = { seq: row["seq"] as number, id: change.id, session: change.session };
  batch.touched.add(change.session);
  if (status === 1) {
    const facts = mergedFacts(batch, task, {}, { cancelRequested: change.reason });
    batch.statement("UPDATE tasks SET facts = ? WHERE seq = ?").run(facts, task.seq);
    return { state: "requested" };
  }
  const notified = optionsFromText(row["options"] ?? null).notify === "always";
  const { at, notification } = change;
  end(batch, task, {
    status: "cancelled",
    output: null,
    error: notification.error,
    at,
    notification: notified ? notification : null,
  });
  return { state: "cancelled", notified };
}

export function message(batch: Batch, { id, session, text }: Of<"message">): boolean {
  const { changes } = batch
    .statement(
      `INSERT INTO messages (task, position, text)
       SELECT seq, (SELECT coalesce(max(position) + 1, 0) FROM messages WHERE task = seq), ?
       FROM tasks WHERE id = ? AND session = ? AND status < 2`,
    )
    .run(storedText(text), id, session);
  if (changes === 0) return false;
  batch.touched.add(session);
  return true;
}

export function notify(batch: Batch, change: Of<"notify">): boolean {
  const { fence, attempt, notification } = change;
  const task = runningUnder(batch, { id: notification.taskId, fence, attempt });
  if (task === undefined) return false;
  addNotification(batch, task, notification, false);
  batch.touched.add(task.session);
  return true;
}

interface FoundTask {
  readonly seq: number;
  readonly id: string;
  readonly session: string;
}

interface Attempt {
  readonly id: string;
  readonly fence: string;
  readonly holder?: string;
  readonly attempt: number;
}

/** The task, if this very attempt runs under the writer's fence or under that of a deposed one. */
function runningUnder(
  batch: Batch,
  change: Attempt,
): (FoundTask & { readonly fence: string }) | undefined {
  const { id, fence, holder = fence } = change;
  const { owners } = batch;
  if (!owners.has(fence) || (holder !== fence && owners.has(holder))) return undefined;
  const row = batch
    .statement(
      "SELECT seq, session FROM tasks WHERE id = ? AND status = 1 AND attempt = ? AND fence = ?",
    )
    .get(id, change.attempt, holder);
  if (row === undefined) return undefined;
  return { seq: row["seq"] as number, id, session: row["session"] as string, fence: holder };
}

function queuedUnderDeposed(batch: Batch, change: Attempt): FoundTask | undefined {
  const { id, fence, holder } = change;
  const { owners } = batch;
  if (holder === undefined || !owners.has(fence) || owners.has(holder)) return undefined;
  const row = batch
    .statement(
      "SELECT seq, session FROM tasks WHERE id = ? AND status = 0 AND attempt = ? AND fence = ?",
    )
    .get(id, change.attempt, holder);
  if (row === undefined) return undefined;
  return { seq: row["seq"] as number, id, session: row["session"] as string };
}

type Ending = Pick<Of<"settle">, "status" | "output" | "error" | "at" | "notification"> & {
  readonly token?: string;
  readonly fence?: string;
};

function end(batch: Batch, task: FoundTask, ending: Ending): void {
  batch.statement(settleRow).run(...settledColumns(ending), task.seq);
  follow(batch, task, ending);
}

const settleRow = `
  UPDATE tasks SET status = ?, stage = NULL, settled_at = ?, fence = NULL, error = ?, output = ?
  WHERE seq = ?`;

function settledColumns({ status, at, error, output }: Ending): (string | number | null)[] {
  return [statusCode(status), at, jsonText(error), output];
}

/** What belongs to a terminal transition: the notification, and the tasks that waited. */
function follow(batch: Batch, task: FoundTask, ending: Ending): void {
  const { status, at, notification, token, fence } = ending;
  releaseDependents(batch, task, status === "completed", at);
  if (notification === null) {
    notePurgeable(batch, task.seq);
  } else {
    const lease = token === undefined || fence === undefined ? undefined : { token, fence };
    addNotification(batch, task, notification, true, lease);
  }
  batch.touched.add(task.session);
}

/** As text; `unlessPresent` gives way to what is there. */
function mergedFacts(
  { statement }: Batch,
  task: FoundTask,
  changes: Of<"update">["facts"],
  unlessPresent: Of<"update">["facts"] = {},
): string | null {
  const row = statement("SELECT facts FROM tasks WHERE seq = ?").get(task.seq) as Row;
  const facts = factsFromText(row["facts"] ?? null);
  return jsonText(mergeFacts(facts, { ...unlessPresent, ...facts, ...changes }));
}

function stageOf(task: TaskRecord, waiting: boolean, runAt: number): number | null {
  if (task.status !== "queued") return null;
  if (waiting) return 2;
  return runAt > task.createdAt ? 1 : 0;
}

/** The session has the task already; or another session does, which this one must not learn. */
function duplicate({ statement }: Batch, { id, session }: TaskRecord): Outcome<"insert"> {
  const row = statement(`SELECT ${taskColumns} FROM tasks WHERE id = ? AND session = ?`).get(
    id,
    session,
  ) as Row | undefined;
  return row === undefined
    ? { inserted: false, lost: true }
    : { inserted: false, existing: taskFromRow(row) };
}
