import type { ForeignChange, SessionSummary } from "../store/store.ts";
import type { Attempt } from "../task/attempt.ts";
import { cancelReason } from "../task/cancel-reason.ts";
import type { Engine } from "./engine.ts";

/**
 * Keeps what this process knows of the store true when others write to it. Whatever they changed
 * is read from the store, so that a hint too many does no harm.
 */
export interface Mirror {
  /** Looks again at what the store has for the session. */
  refresh(session: string): Promise<void>;
  /** The same without waiting. */
  refreshSoon(session: string): void;
  refreshAll(): Promise<void>;
  /** The same without waiting. */
  refreshAllSoon(): void;
  /** Another process wrote. */
  foreign(change: ForeignChange): void;
}

export function createMirror(engine: Engine): Mirror {
  const { store, clock, journal, inboxes, backlog, attempts, waiters, events } = engine;

  /** A look between two commits, lest a change that is half told be counted twice, or never. */
  function refresh(session: string): Promise<void> {
    return journal.still(async () => {
      const [summary] = await store.sessions(clock.now(), session);
      see(summary ?? { session, pending: 0, pendingFailures: 0, queued: 0 }, arrivals());
    });
  }

  function see(summary: SessionSummary, arriving: ReadonlyMap<string, number>): void {
    const { session, queued } = summary;
    inboxes.refreshed(summary);
    const tasks = queued + (arriving.get(session) ?? 0);
    const more = tasks - backlog.of(session);
    if (more !== 0) backlog.set(session, tasks);
    if (more > 0) engine.dispatcher.offer(session, more);
  }

  /** For each session, the tasks that count as queued already and are not stored yet. */
  function arrivals(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const { change } of journal.waiting) {
      if (change.type !== "insert" || change.task.status !== "queued") continue;
      const { session } = change.task;
      counts.set(session, (counts.get(session) ?? 0) + 1);
    }
    return counts;
  }

  function refreshSoon(session: string): void {
    if (engine.isOpen && !engine.closing) refresh(session).catch(report);
  }

  function refreshAll(): Promise<void> {
    return journal.still(async () => {
      const observed = new Set(inboxes.observed());
      const summaries = await store.sessions(clock.now());
      const arriving = arrivals();
      for (const summary of summaries) {
        observed.delete(summary.session);
        see(summary, arriving);
        // Some that nobody was going to run may have become ours to run.
        if (summary.queued > 0) engine.dispatcher.offer(summary.session, summary.queued);
      }
      for (const session of observed) refreshSoon(session);
    });
  }

  function refreshAllSoon(): void {
    refreshAll().catch(report);
  }

  function lookAtAttempt(attempt: Attempt): void {
    attempt.wakeMessages();
    store.task(attempt.record.id).then((record) => {
      const reason = record?.facts?.cancelRequested;
      if (record?.status === "running" && reason !== undefined) {
        attempt.stop({ kind: "cancel", reason: cancelReason(reason) });
      }
    }, report);
  }

  function foreign(change: ForeignChange): void {
    if (engine.closing) return;
    if (change === "all") {
      refreshAllSoon();
      waiters.checkSession(undefined);
      engine.turns.look(undefined);
    } else {
      for (const session of change) {
        refreshSoon(session);
        waiters.checkSession(session);
        engine.turns.look(session);
      }
    }
    for (const attempt of attempts.all()) {
      if (change === "all" || change.has(attempt.record.session)) lookAtAttempt(attempt);
    }
  }

  function report(error: unknown): void {
    events.emit({ type: "store-error", error });
  }

  return { refresh, refreshSoon, refreshAll, refreshAllSoon, foreign };
}
