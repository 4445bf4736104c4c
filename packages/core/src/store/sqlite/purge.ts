import type { Change } from "../store.ts";
import type { Batch } from "./batch.ts";
import type { Row } from "./rows.ts";

type Purge = Extract<Change, { type: "purge" }>;

/** Lists those of the tasks for a purge that nothing stands against. */
export function notePurgeable(batch: Batch, ...tasks: readonly number[]): void {
  batch
    .statement(batch.hasDependencies ? notePurgeableIfUnneeded : notePurgeableAlways)
    .run(JSON.stringify(tasks));
}

export function purge(batch: Batch, change: Purge): readonly string[] {
  const { statement } = batch;
  const due = statement(selectDue).all(
    change.completedBefore,
    change.limit,
    change.failedBefore,
    change.limit,
    change.limit,
  ) as Row[];
  const ids = due.map((row) => remove(batch, row));
  const room = change.limit - ids.length;
  if (room <= 0) return ids;
  const counted = statement("SELECT count(*) AS count FROM purgeable").get() as Row;
  const beyond = Math.min((counted["count"] as number) - change.keep, room);
  if (beyond <= 0) return ids;
  const oldest = statement(selectOldest).all(beyond, beyond, beyond) as Row[];
  return ids.concat(oldest.map((row) => remove(batch, row)));
}

const notePurgeableAlways = `
  INSERT OR IGNORE INTO purgeable (failed, settled_at, task)
  SELECT status = 3, settled_at, seq FROM tasks
  WHERE seq IN (SELECT value FROM json_each(?)) AND settled_at IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM notifications WHERE task = tasks.seq)`;

const notePurgeableIfUnneeded = `${notePurgeableAlways}
    AND NOT EXISTS (SELECT 1 FROM dependencies WHERE dependency = tasks.seq)`;

/** Each half reads its part of the primary key in order, and no more of it than the limit. */
const selectDue = `
  SELECT * FROM (SELECT * FROM purgeable WHERE failed = 0 AND settled_at < ?
    ORDER BY settled_at, task LIMIT ?)
  UNION ALL
  SELECT * FROM (SELECT * FROM purgeable WHERE failed = 1 AND settled_at < ?
    ORDER BY settled_at, task LIMIT ?)
  ORDER BY settled_at, task LIMIT ?`;

const selectOldest = `
  SELECT * FROM (SELECT * FROM purgeable WHERE failed = 0 ORDER BY settled_at, task LIMIT ?)
  UNION ALL
  SELECT * FROM (SELECT * FROM purgeable WHERE failed = 1 ORDER BY settled_at, task LIMIT ?)
  ORDER BY settled_at, task LIMIT ?`;

function remove({ statement, touched }: Batch, row: Row): string {
  const seq = row["task"] as number;
  statement("DELETE FROM purgeable WHERE failed = ? AND settled_at = ? AND task = ?").run(
    row["failed"] as number,
    row["settled_at"] as number,
    seq,
  );
  statement("DELETE FROM messages WHERE task = ?").run(seq);
  const task = statement("DELETE FROM tasks WHERE seq = ? RETURNING id, session").get(seq) as Row;
  touched.add(task["session"] as string);
  return task["id"] as string;
}
