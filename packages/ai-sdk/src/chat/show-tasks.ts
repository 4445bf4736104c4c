import { type BackgroundManager, MeanwhileError, type Session } from "@meanwhile/core";
import { readTaskData, type TaskData } from "./task-data.ts";

export interface ShownTasks {
  /** Shows these tasks from now on. */
  show(ids: Iterable<string>): void;
  /** Shows how they stand, once more. */
  look(): Promise<void>;
  /** Does that, and stops. */
  close(): Promise<void>;
}

/** Commands print without an event, and other processes' tasks have none here. */
const lookAgainMs = 500;

/**
 * Writes how the session's tasks stand, whenever that changes: those that are open, those that are
 * started from now on, and those that are asked for.
 */
export function showTasks(
  manager: BackgroundManager,
  session: Session,
  tailBytes: number,
  write: (task: TaskData) => void,
): ShownTasks {
  /** What was written last for each task, and undefined where that is still to come. */
  const shown = new Map<string, TaskData | undefined>();
  const looks = new Map<string, Promise<void>>();
  const again = new Set<string>();

  async function look(id: string): Promise<void> {
    try {
      do {
        again.delete(id);
        const task = await readTaskData(session, id, tailBytes);
        if (JSON.stringify(task) === JSON.stringify(shown.get(id))) continue;
        shown.set(id, task);
        write(task);
      } while (again.has(id));
    } catch (error) {
      // Deleted, or out of reach since the manager closes: there is nothing to show.
      if (!MeanwhileError.isInstance(error)) throw error;
    } finally {
      looks.delete(id);
    }
  }

  /** One look at a time; what happens meanwhile is looked at when it is over. */
  function lookAt(id: string): void {
    if (looks.has(id)) again.add(id);
    else looks.set(id, look(id));
  }

  async function lookAtOpen(): Promise<void> {
    try {
      for (const { id } of await session.list({ status: ["queued", "running"] })) lookAt(id);
    } catch (error) {
      if (!MeanwhileError.isInstance(error)) throw error;
    }
  }

  const names = ["task-queued", "task-start", "task-progress", "task-output", "task-end"] as const;
  const stops = names.map((name) =>
    manager.on(name, (event) => {
      if (event.session === session.id) lookAt(event.taskId);
    }),
  );
  const timer = setInterval(() => void lookAtOpen(), lookAgainMs);
  timer.unref();
  const first = lookAtOpen();

  async function lookOnceMore(): Promise<void> {
    await first;
    for (const [id, task] of shown) {
      if (task?.status === "queued" || task?.status === "running") lookAt(id);
    }
    while (looks.size > 0) await Promise.all(looks.values());
  }

  return {
    show(ids) {
      for (const id of ids) lookAt(id);
    },
    look: lookOnceMore,
    async close() {
      clearInterval(timer);
      for (const stop of stops) stop();
      await lookOnceMore();
    },
  };
}
