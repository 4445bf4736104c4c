import type { Lease, MemoryState, NotificationEntry, SessionEntry } from "./state.ts";

/** What a session is owed, in the order in which it was made. */
export interface NotificationList {
  first: NotificationEntry | null;
  last: NotificationEntry | null;
  count: number;
  failures: number;
  /** Those with a lease, whether or not it still counts. */
  leased: Set<NotificationEntry> | null;
  /** By id: up to `indexed` only, because most are acknowledged by their task's id. */
  ids: Map<string, NotificationEntry> | null;
  indexed: NotificationEntry | null;
}

export function appendNotification(list: NotificationList, entry: NotificationEntry): void {
  entry.previous = list.last;
  if (list.last === null) list.first = entry;
  else list.last.next = entry;
  list.last = entry;
  list.count += 1;
  if (entry.kind === "failed") list.failures += 1;
}

export function removeNotification(list: NotificationList, entry: NotificationEntry): void {
  if (list.indexed === entry) list.indexed = entry.previous;
  if (entry.previous === null) list.first = entry.next;
  else entry.previous.next = entry.next;
  if (entry.next === null) list.last = entry.previous;
  else entry.next.previous = entry.previous;
  list.count -= 1;
  if (entry.kind === "failed") list.failures -= 1;
  list.ids?.delete(entry.id);
  setLease(list, entry, null);
}

export function findNotification(session: SessionEntry, id: string): NotificationEntry | undefined {
  const list = session.notifications;
  list.ids ??= new Map();
  let entry = list.indexed === null ? list.first : list.indexed.next;
  for (; entry !== null; entry = entry.next) {
    list.ids.set(entry.id, entry);
    list.indexed = entry;
  }
  return list.ids.get(id);
}

export function setLease(
  list: NotificationList,
  entry: NotificationEntry,
  lease: Lease | null,
): void {
  if (lease === null) {
    if (entry.lease !== null) list.leased?.delete(entry);
  } else {
    list.leased ??= new Set();
    list.leased.add(entry);
  }
  entry.lease = lease;
}

/** False as well when the lease has run out or its owner was deposed. */
export function isLeased(state: MemoryState, entry: NotificationEntry, now: number): boolean {
  const { lease } = entry;
  return lease !== null && lease.until > now && state.owners.has(lease.fence);
}
