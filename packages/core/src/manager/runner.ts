import { detached } from "../clock/detached.ts";
import { MeanwhileError } from "../errors.ts";
import type { Change, NotificationRecord, TaskRecord } from "../store/store.ts";
import { Attempt } from "../task/attempt.ts";
import { cancelReason } from "../task/cancel-reason.ts";
import { closureName } from "../task/define.ts";
import { aboutTask } from "./about-task.ts";
import type { Engine } from "./engine.ts";

/** How a task ended, as it was stored. */
export type TaskEnd = Pick<
  Extract<Change, { type: "settle" }>,
  "status" | "output" | "error" | "at" | "notification" | "token"
>;

/** What follows when a task moves from one state to the next. */
export interface Runner {
  /** Takes tasks from the store and runs them: the dispatcher's hand. */
  claim(session: string, limit: number, done: (taken: number, nextAt: number | null) => void): void;
  /** A task was stored: as `running` when it has a slot already, else counted in the backlog. */
  inserted(record: TaskRecord): void;
  /** A running task is queued again. */
  requeued(session: string): void;
  /** A queued task is no longer queued, though it did not start. */
  unqueued(session: string): void;
  /** A live task of a dead owner is ours now. */
  adopted(record: TaskRecord): void;
  /** A task reached its end; `record` is what it was before. */
  settled(record: TaskRecord, end: TaskEnd): void;
}

const claimRetryMs = 1_000;

export function createRunner(engine: Engine): Runner {
  const { journal, clock, events, backlog, closures, definitions, waiters, inboxes } = engine;
  const { perSession } = engine.options.limits;
  let names: readonly string[] = [];

  function claim(
    session: string,
    limit: number,
    done: (taken: number, nextAt: number | null) => void,
  ): void {
    if (names.length !== definitions.size + 1) names = [closureName, ...definitions.keys()];
    const { fence } = engine.ownership;
    journal.write<"claim">(
      { type: "claim", session, limit, fence, names, now: clock.now() },
      ({ tasks, nextAt }) => {
        backlog.add(session, -tasks.length);
        done(tasks.length, nextAt);
        for (const task of tasks) run(task, "run");
      },
      (error) => {
        events.emit({ type: "store-error", error });
        done(0, clock.now() + claimRetryMs);
      },
    );
  }

  function run(record: TaskRecord, mode: "run" | "recover"): Attempt {
    const closure = closures.get(record.id);
    if (closure !== undefined) closures.delete(record.id);
    const definition = definitions.get(record.name);
    const work =
      closure !== undefined
        ? { closure }
        : definition !== undefined
          ? { definition, mode }
          : { closure: refuseUnknown };
    const attempt = new Attempt(engine, record, work);
    engine.attempts.add(attempt);
    attempt.start();
    return attempt;
  }

  function giveBack(notification: NotificationRecord, token: string, fence: string): void {
    const { id, session, kind } = notification;
    journal.write<"release">(
      { type: "release", session, ids: [id], token, fence },
      (count) => inboxes.changed(session, count, kind === "failed" ? count : 0),
      (error) => events.emit({ type: "store-error", error }),
    );
  }

  return {
    claim,
    inserted(record) {
      if (events.wanted("task-queued", record.id)) {
        events.emit({ type: "task-queued", ...aboutTask(record) });
      }
      if (record.status === "running") run(record, "run");
      else engine.dispatcher.offer(record.session, 1);
    },
    requeued(session) {
      backlog.add(session, 1);
      engine.dispatcher.offer(session, 1);
    },
    unqueued: (session) => backlog.add(session, -1),
    adopted(record) {
      engine.dispatcher.occupy(record.session);
      // Whoever opened the manager caused this, and is not whom the work is for.
      detached(() => {
        const attempt = run(record, "recover");
        const reason = record.facts?.cancelRequested;
        if (reason !== undefined) attempt.stop({ kind: "cancel", reason: cancelReason(reason) });
      })();
    },
    settled(record, end) {
      const { id, session } = record;
      const { status, output, error, at, notification, token } = end;
      if (record.status === "queued") closures.delete(id);
      if (events.wanted("task-end", id)) {
        events.emit({ type: "task-end", ...aboutTask(record), status, error });
      }
      const read =
        waiters.has(id) && waiters.settled({ ...record, status, output, error, settledAt: at });
      if (notification !== null) {
        inboxes.added(notification, token !== undefined);
        // The reader for whom it was held back has gone meanwhile.
        if (token !== undefined && !read) giveBack(notification, token, record.fence as string);
      }
      // Some of those that wait may have waited for this one.
      const waiting = Math.min(backlog.of(session), perSession.concurrency);
      if (waiting > 0) engine.dispatcher.offer(session, waiting);
    },
  };
}

function refuseUnknown(): never {
  throw new MeanwhileError(
    "UNKNOWN_DEFINITION",
    "The task's definition is not known to this manager. Name it in the manager's `tasks`.",
  );
}
