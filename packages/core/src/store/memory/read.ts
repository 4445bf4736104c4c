import type { NotificationRecord, SessionSummary, TaskQuery, TaskRecord } from "../store.ts";
import { isLeased } from "./notification-list.ts";
import { notificationRecord, taskRecord } from "./records.ts";
import type { MemoryState, SessionEntry, TaskEntry } from "./state.ts";
import { findTask } from "./task-index.ts";
import { firstAfter } from "./task-order.ts";

export function listTasks(state: MemoryState, query: TaskQuery): readonly TaskRecord[] {
  if (query.idempotencyKey !== undefined) {
    const session = state.sessions.get(query.session ?? "");
    const keyed = session?.keys?.get(query.idempotencyKey);
    return keyed === undefined ? [] : [taskRecord(keyed)];
  }
  const after = query.after === undefined ? undefined : findTask(state.tasks, query.after);
  if (query.after !== undefined && after === undefined) return [];
  const found: TaskEntry[] = [];
  for (const session of query.session === undefined
    ? state.sessions.values()
    : [state.sessions.get(query.session)]) {
    if (session !== undefined) collectTasks(session, query, after?.sequence ?? 0, found);
  }
  if (query.session === undefined) found.sort((one, other) => one.sequence - other.sequence);
  return found.slice(0, Math.max(0, query.limit)).map(taskRecord);
}

export function listNotifications(
  state: MemoryState,
  query: {
    readonly session: string;
    readonly limit: number;
    readonly now: number;
    readonly leased?: boolean;
  },
): readonly { readonly notification: NotificationRecord; readonly task: TaskRecord }[] {
  const listed: { notification: NotificationRecord; task: TaskRecord }[] = [];
  let entry = state.sessions.get(query.session)?.notifications.first ?? null;
  for (; entry !== null && listed.length < query.limit; entry = entry.next) {
    if (query.leased !== true && isLeased(state, entry, query.now)) continue;
    listed.push({ notification: notificationRecord(entry), task: taskRecord(entry.task) });
  }
  return listed;
}

export function summarise(
  state: MemoryState,
  now: number,
  name: string | undefined,
): readonly SessionSummary[] {
  if (name !== undefined) {
    const session = state.sessions.get(name);
    return [
      session === undefined
        ? { session: name, queued: 0, pending: 0, pendingFailures: 0 }
        : summaryOf(state, session, now),
    ];
  }
  const summaries: SessionSummary[] = [];
  for (const session of state.sessions.values()) {
    if (session.queued === 0 && session.notifications.count === 0) continue;
    summaries.push(summaryOf(state, session, now));
  }
  return summaries;
}

function summaryOf(state: MemoryState, session: SessionEntry, now: number): SessionSummary {
  const { count, failures, leased } = session.notifications;
  let pending = count;
  let pendingFailures = failures;
  for (const entry of leased ?? []) {
    if (!isLeased(state, entry, now)) continue;
    pending -= 1;
    if (entry.kind === "failed") pendingFailures -= 1;
  }
  return { session: session.name, queued: session.queued, pending, pendingFailures };
}

/** Adds up to `limit` of the session's tasks that the query asks for, oldest first. */
function collectTasks(
  session: SessionEntry,
  { status, fence, held, limit }: TaskQuery,
  afterSequence: number,
  found: TaskEntry[],
): void {
  const { order } = session;
  let wanted = Math.min(limit, matchesAtMost(session, status));
  for (let index = firstAfter(order, afterSequence); wanted > 0; index++) {
    const task = order.entries[index];
    if (task === undefined) return;
    if (typeof task === "number") continue;
    if (status !== undefined && !status.includes(task.status)) continue;
    if (fence !== undefined && task.fence !== fence) continue;
    if (held === true && task.fence === null) continue;
    found.push(task);
    wanted -= 1;
  }
}

/** Lets a search for the few running tasks end before it has walked through a long backlog. */
function matchesAtMost(
  { queued, running, order }: SessionEntry,
  status: TaskQuery["status"],
): number {
  if (status === undefined) return order.entries.length;
  let count = 0;
  if (status.includes("queued")) count += queued;
  if (status.includes("running")) count += running;
  const settled = status.some((one) => one !== "queued" && one !== "running");
  return settled ? order.entries.length : count;
}
