import type { Change, Outcome, TaskRecord } from "../store.ts";
import { type Batch, noteStarted } from "./batch.ts";
import { type Row, taskColumns, taskFromRow } from "./rows.ts";

type Claim = Extract<Change, { type: "claim" }>;

/** Takes the best runnable tasks of a session. */
export function claim(batch: Batch, change: Claim): Outcome<"claim"> {
  if (!batch.owners.has(change.fence)) return { tasks: [], nextAt: null };
  let nextAt = earliest(batch, change.session);
  if (nextAt !== null && nextAt <= change.now) {
    batch
      .statement("UPDATE tasks SET stage = 0 WHERE session = ? AND stage = 1 AND run_at <= ?")
      .run(change.session, change.now);
    nextAt = earliest(batch, change.session);
  }
  const tasks: TaskRecord[] = [];
  while (tasks.length < change.limit) {
    const rows = candidates(batch, change, change.limit - tasks.length);
    const taken: Row[] = [];
    let early = false;
    for (const row of rows) {
      // The wall clock may have been set back since the task came.
      if ((row["run_at"] as number) > change.now) {
        batch.statement("UPDATE tasks SET stage = 1 WHERE seq = ?").run(row["seq"] as number);
        early = true;
      } else {
        taken.push(row);
      }
    }
    tasks.push(...take(batch, change, taken));
    if (!early) break;
    nextAt = earliest(batch, change.session);
  }
  if (tasks.length > 0) batch.touched.add(change.session);
  return { tasks, nextAt };
}

function earliest({ statement }: Batch, session: string): number | null {
  const row = statement(
    "SELECT run_at FROM tasks WHERE session = ? AND stage = 1 ORDER BY run_at LIMIT 1",
  ).get(session);
  return row === undefined ? null : (row["run_at"] as number);
}

/** The index holds all that is asked for, so what may not be taken is passed over cheaply. */
function candidates({ statement }: Batch, change: Claim, limit: number): Row[] {
  return statement(
    `SELECT ${taskColumns} FROM tasks WHERE session = ? AND stage = 0
       AND name IN (SELECT value FROM json_each(?)) AND (fence IS NULL OR fence = ?)
     ORDER BY priority DESC, seq LIMIT ?`,
  ).all(change.session, JSON.stringify(change.names), change.fence, limit) as Row[];
}

function take(batch: Batch, { fence, now, session }: Claim, rows: readonly Row[]): TaskRecord[] {
  if (rows.length === 0) return [];
  batch
    .statement(
      `UPDATE tasks SET status = 1, stage = NULL, attempt = attempt + 1, fence = ?, started_at = ?
       WHERE seq IN (SELECT value FROM json_each(?))`,
    )
    .run(fence, now, JSON.stringify(rows.map((row) => row["seq"])));
  return rows.map((row) => {
    const task = taskFromRow(row);
    noteStarted(batch, task.id, { seq: row["seq"] as number, session });
    return { ...task, status: "running", attempt: task.attempt + 1, fence, startedAt: now };
  });
}
