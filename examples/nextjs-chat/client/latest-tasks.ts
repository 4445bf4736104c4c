import type { TaskData } from "@meanwhile/ai-sdk";
import type { ChatMessage } from "../agent/chat-message.ts";

/** How each task of the messages stands: as they say, unless something newer is known. */
export function latestTasks(
  messages: readonly ChatMessage[],
  live: ReadonlyMap<string, TaskData>,
): ReadonlyMap<string, TaskData> {
  const parts = messages.flatMap((message) => message.parts);
  const tasks = new Map(
    parts.flatMap((part) => (part.type === "data-task" ? [[part.data.id, part.data]] : [])),
  );
  for (const [id, task] of live) {
    const known = tasks.get(id);
    // A part may bring the end of a task before the feed does.
    if (known !== undefined && isOver(known) && !isOver(task)) continue;
    tasks.set(id, task);
  }
  return tasks;
}

export function isOver({ status }: Pick<TaskData, "status">): boolean {
  return status === "completed" || status === "failed" || status === "cancelled";
}
