import type { TaskRecord } from "../store/store.ts";

/** What every event about a task says. */
export function aboutTask(task: TaskRecord): { taskId: string; session: string; name: string } {
  return { taskId: task.id, session: task.session, name: task.name };
}
