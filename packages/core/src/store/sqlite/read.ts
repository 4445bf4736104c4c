import type {
  NotificationRecord,
  SessionSummary,
  TaskQuery,
  TaskRecord,
  TaskStatus,
} from "../store.ts";
import type { Connection } from "./connection.ts";
import {
  notificationColumns,
  notificationFromRow,
  type Row,
  statusCode,
  taskColumns,
  taskFromRow,
  textFrom,
} from "./rows.ts";

type Statements = Pick<Connection, "statement">;

export function readTask({ statement }: Statements, id: string): TaskRecord | undefined {
  const row = statement(`SELECT ${taskColumns} FROM tasks WHERE id = ?`).get(id);
  return row === undefined ? undefined : taskFromRow(row as Row);
}

export function listNotifications(
  { statement }: Statements,
  query: {
    readonly session: string;
    readonly limit: number;
    readonly now: number;
    readonly leased?: boolean;
  },
): readonly { readonly notification: NotificationRecord; readonly task: TaskRecord }[] {
  const rows = statement(selectNotifications).all(
    query.session,
    query.leased === true ? 1 : 0,
    query.now,
    Math.max(0, query.limit),
  ) as Row[];
  return rows.map((row) => {
    const task = taskFromRow(row);
    return { notification: notificationFromRow(row, task), task };
  });
}

/** CROSS JOIN fixes the order: the owed ones of the session first, then the task of each. */
const selectNotifications = `
  SELECT ${taskColumns}, ${notificationColumns}
  FROM notifications AS owed CROSS JOIN tasks ON tasks.seq = owed.task
  WHERE owed.session = ? AND (? OR owed.token IS NULL OR owed.until <= ?)
  ORDER BY owed.seq LIMIT ?`;

export function listMessages(
  { statement }: Statements,
  taskId: string,
  after: number,
): readonly string[] {
  const rows = statement(
    `SELECT text FROM messages WHERE task = (SELECT seq FROM tasks WHERE id = ?) AND position >= ?
     ORDER BY position`,
  ).all(taskId, after) as Row[];
  return rows.map((row) => textFrom(row["text"]));
}

export function listTasks({ statement }: Statements, query: TaskQuery): readonly TaskRecord[] {
  if (query.idempotencyKey !== undefined) {
    const row = statement(`SELECT ${taskColumns} FROM tasks WHERE session = ? AND key = ?`).get(
      query.session ?? "",
      query.idempotencyKey,
    );
    return row === undefined ? [] : [taskFromRow(row as Row)];
  }
  const limit = Math.max(0, query.limit);
  let after = 0;
  if (query.after !== undefined) {
    const row = statement("SELECT seq FROM tasks WHERE id = ?").get(query.after);
    if (row === undefined) return [];
    after = row["seq"] as number;
  }
  const numbers = sequenceNumbers({ statement }, query, after, limit);
  const read = statement(`SELECT ${taskColumns} FROM tasks WHERE seq = ?`);
  return numbers.flatMap((number) => {
    const row = read.get(number);
    return row === undefined ? [] : taskFromRow(row as Row);
  });
}

const everyStatus: readonly TaskStatus[] = [
  "queued",
  "running",
  "completed",
  "failed",
  "cancelled",
];

/** Of the tasks asked for, oldest first. Each query reads one index from where it has to begin. */
function sequenceNumbers(
  { statement }: Statements,
  { session, status, fence, held }: TaskQuery,
  after: number,
  limit: number,
): readonly number[] {
  const codes = JSON.stringify((status ?? everyStatus).map(statusCode));
  if (fence !== undefined) {
    const rows = statement(
      `SELECT seq FROM tasks WHERE fence = ? AND seq > ? AND (? IS NULL OR session = ?)
         AND status IN (SELECT value FROM json_each(?)) ORDER BY seq LIMIT ?`,
    ).all(fence, after, session ?? null, session ?? null, codes, limit);
    return numbersOf(rows);
  }
  if (held === true) {
    const rows = statement(selectHeld).all(after, session ?? null, session ?? null, codes, limit);
    return numbersOf(rows);
  }
  if (session === undefined && status?.length === 1 && status[0] === "queued") {
    return numbersOf(statement(selectAnyQueued).all(after, limit));
  }
  if (session === undefined) {
    const rows = statement(
      `SELECT seq FROM tasks WHERE seq > ? AND status IN (SELECT value FROM json_each(?))
       ORDER BY seq LIMIT ?`,
    ).all(after, codes, limit);
    return numbersOf(rows);
  }
  const found = new Set(status ?? everyStatus);
  const numbers = [...found].flatMap((one) => {
    const rows =
      one === "queued"
        ? statement(selectQueued).all(session, after, limit)
        : one === "running"
          ? statement(selectRunning).all(session, after, limit)
          : statement(selectSettled).all(session, statusCode(one), after, limit);
    return numbersOf(rows);
  });
  return numbers.sort((one, other) => one - other).slice(0, limit);
}

/** What settles has no fence any more, so this is as much as is queued for one owner or runs. */
const selectHeld = `
  SELECT seq FROM tasks INDEXED BY tasks_owned
  WHERE fence IS NOT NULL AND seq > ? AND (? IS NULL OR session = ?)
    AND status IN (SELECT value FROM json_each(?)) ORDER BY seq LIMIT ?`;
const selectAnyQueued = `
  SELECT seq FROM tasks INDEXED BY tasks_queued WHERE status = 0 AND seq > ? ORDER BY seq LIMIT ?`;
const selectQueued =
  "SELECT seq FROM tasks WHERE session = ? AND status = 0 AND seq > ? ORDER BY seq LIMIT ?";
/** All that is running is owned, and few are. */
const selectRunning = `
  SELECT seq FROM tasks INDEXED BY tasks_owned
  WHERE fence IS NOT NULL AND session = ? AND status = 1 AND seq > ? ORDER BY seq LIMIT ?`;
const selectSettled = `
  SELECT seq FROM tasks WHERE session = ? AND status = ? AND status >= 2 AND seq > ?
  ORDER BY seq LIMIT ?`;

function numbersOf(rows: readonly unknown[]): number[] {
  return (rows as Row[]).map((row) => row["seq"] as number);
}

export function summarise(
  { statement }: Statements,
  now: number,
  name: string | undefined,
): readonly SessionSummary[] {
  const summaries = new Map<string, { queued: number; pending: number; pendingFailures: number }>();
  const summaryOf = (session: string) => {
    let summary = summaries.get(session);
    if (summary === undefined) {
      summary = { queued: 0, pending: 0, pendingFailures: 0 };
      summaries.set(session, summary);
    }
    return summary;
  };
  const only = name === undefined ? "" : "AND session = ?";
  const names = name === undefined ? [] : [name];
  const count = (from: string, ...values: number[]): readonly Row[] =>
    statement(`SELECT session, count(*) AS count FROM ${from} ${only} GROUP BY session`).all(
      ...values,
      ...names,
    ) as Row[];

  if (name !== undefined) summaryOf(name);
  for (const row of count("tasks WHERE status = 0")) {
    summaryOf(row["session"] as string).queued = row["count"] as number;
  }
  for (const row of count("notifications WHERE TRUE")) {
    summaryOf(row["session"] as string).pending = row["count"] as number;
  }
  for (const row of count("notifications WHERE kind = 'failed'")) {
    summaryOf(row["session"] as string).pendingFailures = row["count"] as number;
  }
  const leased = "notifications WHERE token IS NOT NULL AND until > ?";
  for (const row of count(leased, now)) {
    summaryOf(row["session"] as string).pending -= row["count"] as number;
  }
  for (const row of count(`${leased} AND kind = 'failed'`, now)) {
    summaryOf(row["session"] as string).pendingFailures -= row["count"] as number;
  }
  return Array.from(summaries, ([session, summary]) => ({ session, ...summary }));
}
