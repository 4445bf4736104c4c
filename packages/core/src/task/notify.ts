import { MeanwhileError } from "../errors.ts";
import type { NotificationRecord } from "../store/store.ts";
import type { Attempt } from "./attempt.ts";

const longestText = 4_000;

/**
 * Owes the session a notification about a task that still runs. Resolves once it is durable.
 *
 * @throws MeanwhileError `INVALID_INPUT`, `TASK_SETTLED`, `LEASE_LOST`
 */
export async function notifyAbout(
  attempt: Attempt,
  kind: "message" | "match",
  text: string,
): Promise<void> {
  if (typeof text !== "string") {
    throw new MeanwhileError("INVALID_INPUT", "notify takes a text.");
  }
  attempt.refuseWhenConcluded("notify");
  await oweNotification(attempt, kind, text);
}

/** The same while the end of the task is not stored yet. */
export async function oweNotification(
  attempt: Attempt,
  kind: "message" | "match",
  text: string,
): Promise<void> {
  const { engine, record, fence } = attempt;
  const notification: NotificationRecord = {
    id: engine.id("n_"),
    taskId: record.id,
    session: record.session,
    kind,
    title: record.title,
    name: record.name,
    status: "running",
    error: null,
    createdAt: engine.clock.now(),
    deliveries: 0,
    text: text.slice(0, longestText),
  };
  const applied = await engine.journal.commit<"notify">({
    type: "notify",
    fence,
    attempt: record.attempt,
    notification,
  });
  if (applied) return engine.inboxes.added(notification, false);
  attempt.refuseWhenConcluded("notify");
  void engine.ownership.suspect();
  throw new MeanwhileError(
    "LEASE_LOST",
    `Nobody was notified: task ${record.id} has another owner now. Stop the work.`,
  );
}
