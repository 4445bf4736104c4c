import type { NotificationRecord, TaskError, TaskRecord, TerminalStatus } from "../store/store.ts";

/** Whether a task that ends so owes its session a notification. */
export function owesEnding(
  { options }: Pick<TaskRecord, "options">,
  status: TerminalStatus,
): boolean {
  return options.notify === "always" || (options.notify === "failure" && status === "failed");
}

const suffix = ".end";

/** The id of the notification of a task's end: it follows from the task's, so there is no second. */
export function endingId(taskId: string): string {
  return `${taskId}${suffix}`;
}

/** The task whose end a notification with this id tells; undefined for one of another kind. */
export function endedTask(notificationId: string): string | undefined {
  return notificationId.endsWith(suffix) ? notificationId.slice(0, -suffix.length) : undefined;
}

/** The one notification of a task's end. */
export function endingNotification(
  { id, session, title, name }: Pick<TaskRecord, "id" | "session" | "title" | "name">,
  end: {
    readonly status: TerminalStatus;
    readonly error: TaskError | null;
    /** Wall milliseconds since 1970. */
    readonly at: number;
    /** The end of the task's output, raw. */
    readonly text: string | null;
  },
): NotificationRecord {
  const { status, error, at, text } = end;
  return {
    id: endingId(id),
    taskId: id,
    session,
    kind: status,
    title,
    name,
    status,
    error,
    createdAt: at,
    deliveries: 0,
    text,
  };
}
