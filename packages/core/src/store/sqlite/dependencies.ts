import { mergeFacts } from "../facts.ts";
import type { Batch } from "./batch.ts";
import { notePurgeable } from "./purge.ts";
import { factsFromText, jsonText, type Row } from "./rows.ts";

/** What the tasks named in `after` mean for a new task. */
export interface Prerequisites {
  /** Their sequence numbers, and whether each must still be waited for. */
  readonly rows: readonly { readonly seq: number; readonly waiting: boolean }[];
  readonly waiting: boolean;
  readonly failedDependency: string | null;
}

const none: Prerequisites = { rows: [], waiting: false, failedDependency: null };

/** The id of a task that the session does not have is given back as it is. */
export function lookUpPrerequisites(
  { statement }: Batch,
  session: string,
  after: readonly string[],
): Prerequisites | string {
  if (after.length === 0) return none;
  const rows: { seq: number; waiting: boolean }[] = [];
  let failedDependency: string | null = null;
  for (const id of new Set(after)) {
    const row = statement("SELECT seq, status FROM tasks WHERE id = ? AND session = ?").get(
      id,
      session,
    );
    if (row === undefined) return id;
    const status = row["status"] as number;
    rows.push({ seq: row["seq"] as number, waiting: status < 2 });
    if (status > 2) failedDependency ??= id;
  }
  const waiting = failedDependency === null && rows.some((row) => row.waiting);
  return { rows, waiting, failedDependency };
}

/** The rows stay as long as the task is open: what it depends on is not purged. */
export function addDependencies(batch: Batch, task: number, prerequisites: Prerequisites): void {
  for (const { seq, waiting } of prerequisites.rows) {
    batch
      .statement("INSERT INTO dependencies (dependency, dependent, waiting) VALUES (?, ?, ?)")
      .run(seq, task, waiting ? 1 : 0);
    batch.statement(forgetPurgeable).run(seq);
    batch.hasDependencies = true;
  }
}

/** Follows the terminal transition of a task: what waited for it goes on or fails. */
export function releaseDependents(
  batch: Batch,
  task: { readonly seq: number; readonly id: string },
  completed: boolean,
  at: number,
): void {
  if (!batch.hasDependencies) return;
  const dependents = batch
    .statement("SELECT dependent FROM dependencies WHERE dependency = ? AND waiting = 1")
    .all(task.seq) as Row[];
  for (const row of dependents) {
    const dependent = row["dependent"] as number;
    batch
      .statement("UPDATE dependencies SET waiting = 0 WHERE dependency = ? AND dependent = ?")
      .run(task.seq, dependent);
    if (completed) batch.statement(advance).run(dependent, dependent);
    else failDependent(batch, dependent, task.id, at);
  }
  const dependencies = batch
    .statement("DELETE FROM dependencies WHERE dependent = ? RETURNING dependency")
    .all(task.seq) as Row[];
  for (const row of dependencies) notePurgeable(batch, row["dependency"] as number);
}

const forgetPurgeable = `
  DELETE FROM purgeable WHERE (failed, settled_at, task) IN
    (SELECT status = 3, settled_at, seq FROM tasks WHERE seq = ? AND settled_at IS NOT NULL)`;

/** Stage 1 rather than 0: a claim looks whether its time has come. */
const advance = `
  UPDATE tasks SET stage = 1 WHERE seq = ? AND stage = 2 AND NOT EXISTS
    (SELECT 1 FROM dependencies WHERE dependent = ? AND waiting = 1)`;

/** Nothing more to wait for, not even its time: whoever claims it settles it. */
function failDependent({ statement }: Batch, seq: number, failed: string, at: number): void {
  const row = statement("SELECT facts FROM tasks WHERE seq = ? AND stage = 2").get(seq);
  if (row === undefined) return;
  const facts = mergeFacts(factsFromText(row["facts"] as string | null), {
    failedDependency: failed,
  });
  statement("UPDATE tasks SET stage = 1, run_at = min(run_at, ?), facts = ? WHERE seq = ?").run(
    at,
    jsonText(facts),
    seq,
  );
}
