import { callListener } from "../manager/call-listener.ts";
import type { Events } from "../manager/events.ts";
import type { Notification, NotificationRecord, SessionSummary } from "../store/store.ts";

/** What this process knows of a session's queue, so that an empty look costs no I/O. */
export interface Inbox {
  /** Notifications neither acknowledged nor leased. */
  pending: number;
  /** Those of them that are of kind `failed`. */
  failures: number;
  /** Called back, once, when something may be received. */
  readonly waiters: Set<() => void>;
  readonly listeners: Set<(notification: Notification) => unknown>;
  /** The receive under way: receives of one session go one after the other. */
  receiving: Promise<unknown> | undefined;
}

export interface Inboxes {
  /** The inbox, if the session has one at the moment. */
  peek(session: string): Inbox | undefined;
  /** The inbox, made if need be; `forget` it when nothing holds it any more. */
  open(session: string): Inbox;
  forget(session: string): void;
  /** A notification became durable; with `leased` it was born leased. */
  added(record: NotificationRecord, leased: boolean): void;
  /** Notifications are pending again, or are so no longer. */
  changed(session: string, pending: number, failures: number): void;
  /** What the store says. */
  refreshed(summary: SessionSummary): void;
  /** Sessions with something pending. */
  owed(): readonly string[];
  /** Sessions that somebody waits for or listens to. */
  observed(): readonly string[];
  /** Wakes all who wait. */
  close(): void;
}

export function createInboxes(options: {
  readonly events: Events;
  /** Something is owed that was not owed before. */
  readonly onOwed: (session: string) => void;
}): Inboxes {
  const inboxes = new Map<string, Inbox>();

  function open(session: string): Inbox {
    let inbox = inboxes.get(session);
    if (inbox === undefined) {
      inbox = {
        pending: 0,
        failures: 0,
        waiters: new Set(),
        listeners: new Set(),
        receiving: undefined,
      };
      inboxes.set(session, inbox);
    }
    return inbox;
  }

  function forget(session: string): void {
    const inbox = inboxes.get(session);
    if (
      inbox !== undefined &&
      inbox.pending <= 0 &&
      inbox.waiters.size === 0 &&
      inbox.listeners.size === 0 &&
      inbox.receiving === undefined
    ) {
      inboxes.delete(session);
    }
  }

  function tell(session: string, inbox: Inbox): void {
    if (inbox.waiters.size > 0) {
      const waiting = [...inbox.waiters];
      inbox.waiters.clear();
      for (const wake of waiting) wake();
    }
    options.onOwed(session);
  }

  function changed(session: string, pending: number, failures: number): void {
    const inbox = open(session);
    inbox.pending = Math.max(inbox.pending + pending, 0);
    inbox.failures = Math.max(inbox.failures + failures, 0);
    if (pending > 0) tell(session, inbox);
    else forget(session);
  }

  return {
    peek: (session) => inboxes.get(session),
    open,
    forget,
    added(record, leased) {
      const { events } = options;
      if (!leased) changed(record.session, 1, record.kind === "failed" ? 1 : 0);
      const listeners = inboxes.get(record.session)?.listeners;
      const wanted = events.wanted("notification", record.taskId);
      if (!wanted && (listeners === undefined || listeners.size === 0)) return;
      const notification = toNotification(record);
      for (const listener of listeners === undefined ? [] : [...listeners]) {
        callListener(listener, notification, (error) =>
          events.emit({ type: "listener-error", error }),
        );
      }
      if (wanted) events.emit({ type: "notification", notification });
    },
    changed,
    refreshed(summary) {
      const known = inboxes.get(summary.session);
      if (known === undefined && summary.pending === 0) return;
      const inbox = known ?? open(summary.session);
      const grew = summary.pending > inbox.pending;
      inbox.pending = summary.pending;
      inbox.failures = summary.pendingFailures;
      if (grew) tell(summary.session, inbox);
      else forget(summary.session);
    },
    owed: () => [...inboxes].filter(([, inbox]) => inbox.pending > 0).map(([session]) => session),
    observed: () =>
      [...inboxes]
        .filter(([, inbox]) => inbox.waiters.size > 0 || inbox.listeners.size > 0)
        .map(([session]) => session),
    close() {
      for (const inbox of [...inboxes.values()]) {
        for (const wake of [...inbox.waiters]) wake();
      }
    },
  };
}

/** What a receiver sees of a record. */
export function toNotification(record: NotificationRecord): Notification {
  const { id, taskId, session, kind, title, status, error, createdAt, deliveries } = record;
  return { id, taskId, session, kind, title, status, error, createdAt, deliveries };
}
