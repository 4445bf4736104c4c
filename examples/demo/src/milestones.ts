import type { TaskEvent } from "@meanwhile/core";
import type { TaskView } from "./progress.ts";

/** Says in words what the bars cannot: how an interrupted task was taken up; without bars, all. */
export function createMilestones(
  note: (text: string) => void,
  { everyQuarter }: { readonly everyQuarter: boolean },
): (task: TaskView, event: TaskEvent) => void {
  const restarted = new Set<string>();
  const quarters = new Map<string, number>();

  return (task, event) => {
    const { name, completed = 0, total = 0 } = task;
    const percent = total > 0 ? Math.floor((completed / total) * 100) : 0;
    if (event.type === "task-recover" && event.action === "adopt") {
      note(`${name} was not interrupted: it ran on by itself`);
    } else if (event.type === "task-start" && event.attempt > 1) {
      restarted.add(task.id);
    } else if (event.type === "task-progress") {
      // The first progress of the new attempt tells what the one before has left.
      if (restarted.delete(task.id)) {
        note(`${name} ${percent > 0 ? `resumed at ${percent} %` : "starts again"}`);
        quarters.set(task.id, Math.floor(percent / 25));
      }
      const quarter = Math.floor(percent / 25);
      if (everyQuarter && quarter > (quarters.get(task.id) ?? 0)) {
        quarters.set(task.id, quarter);
        if (quarter < 4) note(`${name} is at ${percent} %`);
      }
    }
  };
}
