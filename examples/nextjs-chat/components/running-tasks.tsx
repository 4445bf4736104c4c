"use client";

import type { TaskData } from "@meanwhile/ai-sdk";
import type { ReactNode } from "react";
import type { Question } from "../agent/approvals.ts";
import { isOver } from "../client/latest-tasks.ts";

/** One line of fixed height: what runs, what waits for the user, and what is wrong. */
export function RunningTasks({
  tasks,
  questions,
  isConnected,
  isUnanswered,
  onRetry,
}: {
  readonly tasks: ReadonlyMap<string, TaskData>;
  readonly questions: ReadonlyMap<string, Question>;
  readonly isConnected: boolean;
  readonly isUnanswered: boolean;
  /** Sends what was not answered again. */
  readonly onRetry: () => void;
}): ReactNode {
  const open = [...tasks.values()].filter((task) => !isOver(task));
  const asked = open.find(({ id }) => questions.has(id));
  const first = asked ?? open[0];
  return (
    <div className="running-tasks">
      {!isConnected ? (
        <p role="status">Looking for the server. Tasks go on meanwhile.</p>
      ) : isUnanswered ? (
        <p className="unanswered" role="alert">
          That was not answered.{" "}
          <button type="button" className="link" onClick={onRetry}>
            Try again
          </button>
        </p>
      ) : first === undefined ? null : (
        <a href={`#${first.id}`} data-asks={asked !== undefined}>
          <i aria-hidden="true" />
          {asked === undefined
            ? `${open.length} ${open.length === 1 ? "task runs" : "tasks run"} in the background`
            : "A command waits for your permission"}
        </a>
      )}
    </div>
  );
}
