import type { TaskData } from "@meanwhile/ai-sdk";
import type { ReactNode } from "react";

/** How far a task is; without a total, only that it goes on. */
export function ProgressBar({ task }: { readonly task: TaskData }): ReactNode {
  const { status, progress, title } = task;
  const { completed, total } = progress ?? {};
  const share =
    status === "completed"
      ? 1
      : completed === undefined || total === undefined || total === 0
        ? undefined
        : Math.min(completed / total, 1);
  const isMoving = share === undefined && status === "running" && task.waiting === null;
  return (
    <div
      className="progress"
      role="progressbar"
      aria-label={title}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={share === undefined ? undefined : Math.round(share * 100)}
      data-indeterminate={isMoving}
    >
      <div style={isMoving ? {} : { transform: `scaleX(${share ?? 0})` }} />
    </div>
  );
}
