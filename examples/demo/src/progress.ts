import type { BackgroundManager, Session, TaskEvent, TerminalStatus } from "@meanwhile/core";

/** A task as it is shown. Times are of `performance.now()`. */
export interface TaskView {
  readonly id: string;
  /** The definition's name. */
  readonly name: string;
  status: "queued" | "running" | TerminalStatus;
  /** When this process first saw it: at its start, or when an interrupted one was taken up. */
  readonly startedAt: number;
  endedAt: number | undefined;
  completed: number | undefined;
  total: number | undefined;
  /** How an interrupted task of an earlier process was taken up by this one. */
  recovered: "adopt" | "restart" | "fail" | undefined;
}

export interface ProgressWatch extends Disposable {
  readonly tasks: readonly TaskView[];
}

const lookMs = 150;

/** Follows the session's tasks through the manager's events, and calls back at each change. */
export function watchProgress(
  manager: BackgroundManager,
  session: Session,
  onChange: (task: TaskView, event: TaskEvent) => void,
): ProgressWatch {
  const tasks: TaskView[] = [];

  function handle(event: TaskEvent): void {
    const task = tasks.find(({ id }) => id === event.taskId) ?? add(event);
    if (event.type === "task-start") task.status = "running";
    if (event.type === "task-recover") task.recovered = event.action;
    if (event.type === "task-progress") Object.assign(task, event.progress);
    if (event.type === "task-end") {
      task.status = event.status;
      task.endedAt = performance.now();
    }
    onChange(task, event);
  }

  function add({ taskId: id, name }: TaskEvent): TaskView {
    const task: TaskView = {
      id,
      name,
      status: "queued",
      startedAt: performance.now(),
      endedAt: undefined,
      completed: undefined,
      total: undefined,
      recovered: undefined,
    };
    tasks.push(task);
    return task;
  }

  /** A command reports nothing, but what it prints can be read while it runs. */
  async function look(task: TaskView): Promise<void> {
    const { text } = await (await session.get(task.id)).output({ tail: true, maxBytes: 200 });
    const [, completed, total] = [...text.matchAll(/(\d+)\/(\d+)/g)].at(-1) ?? [];
    if (completed === undefined || task.status !== "running") return;
    Object.assign(task, { completed: Number(completed), total: Number(total) });
  }

  const names = ["task-queued", "task-start", "task-progress", "task-recover", "task-end"] as const;
  const stops = names.map((name) => manager.on(name, handle));
  const timer = setInterval(() => {
    for (const task of tasks) {
      // Nothing to show may be a matter of a moment: before its first line, or once it is closed.
      if (task.name === "command" && task.status === "running") look(task).catch(() => {});
    }
  }, lookMs);
  return {
    tasks,
    [Symbol.dispose]() {
      clearInterval(timer);
      for (const stop of stops) stop();
    },
  };
}
