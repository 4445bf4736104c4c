import type { Progress, Session, TaskError, TaskStatus } from "@meanwhile/core";

/** A task as a chat shows it. */
export type TaskData = {
  readonly id: string;
  /** The definition's name. */
  readonly name: string;
  readonly title: string;
  readonly status: TaskStatus;
  readonly progress: Progress | null;
  /** What it waits for beside its turn, such as `approval`. */
  readonly waiting: string | null;
  /** Milliseconds since 1970 when its last attempt began. */
  readonly startedAt: number | null;
  /** Milliseconds since 1970 when it ended. */
  readonly settledAt: number | null;
  /** The end of what it printed, as a terminal would show it: a program's words. */
  readonly tail: string;
  /** Why it failed or was cancelled. */
  readonly error: Pick<TaskError, "code" | "message"> | null;
};

/**
 * The data parts of a chat's messages: `type ChatMessage = UIMessage<unknown, TaskDataParts>` makes
 * `part.type === "data-task"` known to TypeScript.
 */
export type TaskDataParts = { readonly task: TaskData };

/** @throws MeanwhileError `UNKNOWN_TASK` */
export async function readTaskData(
  session: Session,
  id: string,
  tailBytes: number,
): Promise<TaskData> {
  const task = await session.get(id);
  const snapshot = await task.snapshot();
  const { name, title, status, progress, waiting, startedAt, settledAt, error } = snapshot;
  const { text: tail } =
    tailBytes === 0
      ? { text: "" }
      : await task.output({ tail: true, maxBytes: tailBytes, wholeLines: true, clean: true });
  return {
    ...{ id, name, title, status, progress, waiting, startedAt, settledAt, tail },
    error: error === null ? null : { code: error.code, message: error.message },
  };
}
