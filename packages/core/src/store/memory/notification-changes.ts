import type { Change, Outcome } from "../store.ts";
import { findNotification, isLeased, removeNotification, setLease } from "./notification-list.ts";
import { notePurgeable } from "./purge.ts";
import type { MemoryState, NotificationEntry } from "./state.ts";
import { findTask } from "./task-index.ts";

type Of<Type extends Change["type"]> = Extract<Change, { type: Type }>;

export function lease(state: MemoryState, change: Of<"lease">): Outcome<"lease"> {
  const session = state.sessions.get(change.session);
  const leased: string[] = [];
  if (session === undefined || !state.owners.has(change.fence)) return leased;
  const { fence, token, until } = change;
  for (const id of change.ids) {
    const entry = findNotification(session, id);
    if (entry === undefined || isLeased(state, entry, change.now)) continue;
    setLease(session.notifications, entry, { fence, token, until });
    entry.deliveries += 1;
    leased.push(id);
  }
  return leased;
}

export function ack(state: MemoryState, change: Of<"ack">): boolean {
  if (!state.owners.has(change.fence)) return false;
  const session = state.sessions.get(change.session);
  if (session === undefined) return true;
  const entries = new Set<NotificationEntry>();
  for (const id of change.ids) {
    const entry = findNotification(session, id);
    // What was acknowledged in another way meanwhile is as good as acknowledged here.
    if (entry === undefined) continue;
    if (!isLeasedUnder(state, entry, change.token)) return false;
    entries.add(entry);
  }
  for (const entry of entries) acknowledge(state, entry);
  return true;
}

export function release(state: MemoryState, change: Of<"release">): number {
  const session = state.sessions.get(change.session);
  if (session === undefined || !state.owners.has(change.fence)) return 0;
  let released = 0;
  for (const id of change.ids) {
    const entry = findNotification(session, id);
    if (entry === undefined || !isLeasedUnder(state, entry, change.token)) continue;
    setLease(session.notifications, entry, null);
    released += 1;
  }
  return released;
}

const nothingOwed: Outcome<"consume"> = Object.freeze({
  acknowledged: 0,
  pending: false,
  failure: false,
});

export function consume(state: MemoryState, change: Of<"consume">): Outcome<"consume"> {
  const task = findTask(state.tasks, change.taskId);
  const entry = task?.session.name === change.session ? task.history?.notification : undefined;
  if (entry === undefined || entry === null) return nothingOwed;
  // There is no time to compare with here: only a deposed owner's lease is known not to count.
  const pending = !isLeased(state, entry, Number.NEGATIVE_INFINITY);
  acknowledge(state, entry);
  return { acknowledged: 1, pending, failure: entry.kind === "failed" };
}

/** However late it is; but not when the owner was deposed. */
function isLeasedUnder(state: MemoryState, entry: NotificationEntry, token: string): boolean {
  return entry.lease?.token === token && isLeased(state, entry, Number.NEGATIVE_INFINITY);
}

function acknowledge(state: MemoryState, entry: NotificationEntry): void {
  const { task } = entry;
  removeNotification(task.session.notifications, entry);
  if (task.history === null) return;
  if (task.history.notification === entry) task.history.notification = null;
  task.history.owed -= 1;
  notePurgeable(state, task);
}
