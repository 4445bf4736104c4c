import type { Change, NotificationRecord, Outcome } from "../store.ts";
import type { Batch } from "./batch.ts";
import { notePurgeable } from "./purge.ts";
import { jsonText, type Row, statusCode, storedText } from "./rows.ts";

type Of<Type extends Change["type"]> = Extract<Change, { type: Type }>;

/** `lease` is for a notification that is born leased. */
export function addNotification(
  batch: Batch,
  task: { readonly seq: number; readonly session: string },
  notification: NotificationRecord,
  terminal: boolean,
  lease?: { readonly token: string; readonly fence: string },
): void {
  batch
    .statement(
      `INSERT INTO notifications (id, session, task, terminal, kind, status, created_at,
         deliveries, token, fence, until, error, text) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .run(
      notification.id,
      task.session,
      task.seq,
      terminal ? 1 : 0,
      notification.kind,
      statusCode(notification.status),
      notification.createdAt,
      notification.deliveries + (lease === undefined ? 0 : 1),
      lease?.token ?? null,
      lease?.fence ?? null,
      lease === undefined ? null : Number.POSITIVE_INFINITY,
      jsonText(notification.error),
      notification.text === null ? null : storedText(notification.text),
    );
}

export function lease(batch: Batch, change: Of<"lease">): Outcome<"lease"> {
  const { session, token, fence, until, now } = change;
  if (!batch.owners.has(fence)) return [];
  const rows = batch
    .statement(
      `UPDATE notifications INDEXED BY notifications_id
       SET token = ?, fence = ?, until = ?, deliveries = deliveries + 1
       WHERE id IN (SELECT value FROM json_each(?)) AND session = ?
         AND (token IS NULL OR until <= ?) RETURNING id`,
    )
    .all(token, fence, until, JSON.stringify(change.ids), session, now) as Row[];
  if (rows.length === 0) return [];
  batch.touched.add(session);
  const leased = new Set(rows.map((row) => row["id"]));
  return [...new Set(change.ids)].filter((id) => leased.has(id));
}

export function ack(batch: Batch, change: Of<"ack">): boolean {
  const { session, token, ids } = change;
  if (!batch.owners.has(change.fence)) return false;
  // What was acknowledged in another way meanwhile is as good as acknowledged here.
  const rows = batch
    .statement(
      `SELECT seq, task, token FROM notifications INDEXED BY notifications_id
       WHERE id IN (SELECT value FROM json_each(?)) AND session = ?`,
    )
    .all(JSON.stringify(ids), session) as Row[];
  if (rows.some((row) => row["token"] !== token)) return false;
  if (rows.length === 0) return true;
  batch
    .statement("DELETE FROM notifications WHERE seq IN (SELECT value FROM json_each(?))")
    .run(JSON.stringify(rows.map((row) => row["seq"])));
  notePurgeable(batch, ...rows.map((row) => row["task"] as number));
  batch.touched.add(session);
  return true;
}

export function release(batch: Batch, change: Of<"release">): number {
  const { session, token } = change;
  if (!batch.owners.has(change.fence)) return 0;
  const statement = batch.statement(
    `UPDATE notifications INDEXED BY notifications_id
     SET token = NULL, fence = NULL, until = NULL
     WHERE id = ? AND session = ? AND token = ?`,
  );
  let released = 0;
  for (const id of change.ids) released += Number(statement.run(id, session, token).changes);
  if (released > 0) batch.touched.add(session);
  return released;
}

export function consume(batch: Batch, { session, taskId }: Of<"consume">): Outcome<"consume"> {
  const row = batch
    .statement(
      `SELECT seq, task, kind, token FROM notifications INDEXED BY notifications_task
       WHERE terminal = 1 AND session = ?
       AND task = (SELECT seq FROM tasks WHERE id = ? AND session = ?)`,
    )
    .get(session, taskId, session) as Row | undefined;
  if (row === undefined) return { acknowledged: 0, pending: false, failure: false };
  acknowledge(batch, row);
  batch.touched.add(session);
  return { acknowledged: 1, pending: row["token"] === null, failure: row["kind"] === "failed" };
}

function acknowledge(batch: Batch, row: Row): void {
  batch.statement("DELETE FROM notifications WHERE seq = ?").run(row["seq"] as number);
  notePurgeable(batch, row["task"] as number);
}
