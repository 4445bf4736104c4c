import type { ForeignChange } from "../store/store.ts";
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
  /** Another process wrote. */
  foreign(change: ForeignChange): void;
}

export function createMirror(engine: Engine): Mirror {
  const { store, clock, inboxes, backlog, attempts, waiters, events } = engine;

  async function refresh(session: string): Promise<void> {
    const [summary] = await store.sessions(clock.now(), session);
    const { pending = 0, pendingFailures = 0, queued = 0 } = summary ?? {};
    inboxes.refreshed({ session, pending, pendingFailures, queued });
    const more = queued - backlog.of(session);
    if (more !== 0) backlog.set(session, queued);
    if (more > 0) engine.dispatcher.offer(session, more);
  }

  function refreshSoon(session: string): void {
    if (engine.isOpen && !engine.closing) refresh(session).catch(report);
  }

  async function refreshAll(): Promise<void> {
    const observed = new Set(inboxes.observed());
    for (const summary of await store.sessions(clock.now())) {
      observed.delete(summary.session);
      inboxes.refreshed(summary);
      backlog.set(summary.session, summary.queued);
      if (summary.queued > 0) engine.dispatcher.offer(summary.session, summary.queued);
    }
    for (const session of observed) refreshSoon(session);
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
      refreshAll().catch(report);
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

  return { refresh, refreshSoon, refreshAll, foreign };
}
