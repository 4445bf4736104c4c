import type { NotificationRecord, TaskError, TaskRecord, TerminalStatus } from "../store/store.ts";

/** Whether a task that ends so owes its session a notification. */
export function owesEnding(
  { options }: Pick<TaskRecord, "options">,
  status: TerminalStatus,
): boolean {
  return options.notify === "always" || (options.notify === "failure" && status === "failed");
}

/** The one notification of a task's end. Its id follows from the task's, so there is no second. */
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
    id: `${id}.end`,
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
