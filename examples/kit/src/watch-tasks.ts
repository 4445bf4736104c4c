import type { BackgroundManager, TaskEvent } from "@meanwhile/core";
import type { Story } from "./story.ts";

const names = ["task-start", "task-progress", "task-recover", "task-end"] as const;

/** Tells what the tasks do, of the sessions that it is asked to. */
export function watchTasks(
  manager: BackgroundManager,
  story: Story,
  isTold: (session: string) => boolean,
): void {
  const titles = new Map<string, Promise<string>>();
  const quarters = new Map<string, number>();
  const recovered = new Set<string>();
  // A title has to be read first, and what happens after it is told after it.
  let last: Promise<void> = Promise.resolve();

  for (const name of names) {
    manager.on(name, (event) => {
      if (!isTold(event.session)) return;
      const text = textOf(event);
      if (text === undefined) return;
      const title = titles.get(event.taskId) ?? readTitle(manager, event);
      titles.set(event.taskId, title);
      last = last.then(async () => story.tell("task", `${await title}: ${text}`));
    });
  }

  /** Undefined for what is not worth a line. */
  function textOf(event: TaskEvent): string | undefined {
    if (event.type === "task-start") {
      if (event.attempt > 1) return "goes on";
      return recovered.has(event.taskId) ? undefined : "started";
    }
    if (event.type === "task-end") return event.status;
    if (event.type === "task-recover") {
      recovered.add(event.taskId);
      return event.action === "adopt" ? "was not interrupted" : undefined;
    }
    if (event.type !== "task-progress") return undefined;
    const { completed, total, message } = event.progress;
    if (completed === undefined || !total) return message;
    const quarter = Math.floor((completed / total) * 4);
    if (quarter === 4 || quarter <= (quarters.get(event.taskId) ?? 0)) return undefined;
    quarters.set(event.taskId, quarter);
    return message ?? `at ${Math.floor((completed / total) * 100)} %`;
  }
}

async function readTitle(
  manager: BackgroundManager,
  { session, taskId, name }: TaskEvent,
): Promise<string> {
  try {
    return (await (await manager.session(session).get(taskId)).snapshot()).title;
  } catch {
    // The manager has closed meanwhile.
    return name;
  }
}
