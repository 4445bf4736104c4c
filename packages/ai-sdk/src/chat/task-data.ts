import { stripVTControlCharacters } from "node:util";
import type { Progress, Session, TaskError, TaskStatus } from "@meanwhile/core";

/** A task as a chat shows it. */
export type TaskData = {
  readonly id: string;
  /** The definition's name. */
  readonly name: string;
  readonly title: string;
  readonly status: TaskStatus;
  readonly progress: Progress | null;
  /** The end of what it printed, without control sequences: a program's words. */
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
  const { name, title, status, progress, error } = await task.snapshot();
  const { text } =
    tailBytes === 0 ? { text: "" } : await task.output({ tail: true, maxBytes: tailBytes });
  return {
    id,
    name,
    title,
    status,
    progress,
    tail: stripVTControlCharacters(text),
    error: error === null ? null : { code: error.code, message: error.message },
  };
}
