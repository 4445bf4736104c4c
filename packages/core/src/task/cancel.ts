import type { Engine } from "../manager/engine.ts";
import { endingNotification } from "../notifications/ending.ts";
import type { TaskRecord } from "../store/store.ts";
import { cancelReason } from "./cancel-reason.ts";

/**
 * Asks the store for the end of a task, and stops it where it runs. Resolves with what the store
 * answered; a running task may still be stopping then.
 */
export async function cancelStored(
  engine: Engine,
  task: Pick<TaskRecord, "id" | "session" | "title" | "name">,
  reason: string,
): Promise<"cancelled" | "requested" | "settled" | "unknown"> {
  const at = engine.clock.now();
  const error = { code: "CANCELLED", message: cancelReason(reason).message };
  const status = "cancelled";
  const notification = endingNotification(task, { status, error, at, text: null });
  const outcome = await engine.journal.commit<"cancel">({
    type: "cancel",
    id: task.id,
    session: task.session,
    reason: error.message,
    at,
    notification,
  });
  if (outcome.state === "cancelled") {
    engine.runner.unqueued(task.session);
    const record = await engine.store.task(task.id);
    if (record !== undefined) {
      const owed = outcome.notified ? notification : null;
      engine.runner.settled(
        { ...record, status: "queued" },
        { status, output: null, error, at, notification: owed },
      );
    }
  } else if (outcome.state === "requested") {
    engine.attempts.get(task.id)?.stop({ kind: "cancel", reason: cancelReason(reason) });
  }
  return outcome.state;
}
