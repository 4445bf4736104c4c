import type { BackgroundManager, Session } from "@meanwhile/core";
import { showTasks } from "./show-tasks.ts";
import type { TaskData } from "./task-data.ts";

export interface WatchTasksOptions {
  /** Tasks to show beside those that are open, such as those of the chat's messages. @default none */
  readonly ids?: Iterable<string>;
  /** Most bytes of a task's output; 0 for none. @default 2000 */
  readonly tailBytes?: number;
}

/**
 * How the session's tasks stand, each at the beginning and whenever that changes, until the stream
 * is cancelled. A reader that is slow gets the last state of each.
 */
export function watchTasks(
  manager: BackgroundManager,
  session: Session,
  { ids = [], tailBytes = 2_000 }: WatchTasksOptions,
): ReadableStream<TaskData> {
  const news = new Map<string, TaskData>();
  let shown: ReturnType<typeof showTasks> | undefined;

  function give(controller: ReadableStreamDefaultController<TaskData>): void {
    if (shown === undefined) return;
    for (const [id, task] of news) {
      if ((controller.desiredSize ?? 0) <= 0) return;
      news.delete(id);
      controller.enqueue(task);
    }
  }

  return new ReadableStream<TaskData>({
    start(controller) {
      shown = showTasks(manager, session, tailBytes, (task) => {
        news.set(task.id, task);
        give(controller);
      });
      shown.show(ids);
    },
    pull: give,
    async cancel() {
      const ending = shown;
      shown = undefined;
      await ending?.close();
    },
  });
}
