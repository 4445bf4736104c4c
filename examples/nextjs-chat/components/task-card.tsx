"use client";

import type { TaskData } from "@meanwhile/ai-sdk";
import { type ReactNode, useState } from "react";
import type { Question } from "../agent/approvals.ts";
import { isOver } from "../client/latest-tasks.ts";
import { sendCommand } from "../client/send-command.ts";
import { Approval } from "./approval.tsx";
import { Elapsed } from "./elapsed.tsx";
import { CommandIcon, DownloadIcon, ResearchIcon, TaskIcon } from "./icons.tsx";
import { ProgressBar } from "./progress-bar.tsx";
import { Tail } from "./tail.tsx";
import { progressText, statusText, titleOf } from "./task-texts.ts";

const icons: Readonly<Record<string, () => ReactNode>> = {
  command: CommandIcon,
  download: DownloadIcon,
  research: ResearchIcon,
};

/** How a task stands, with a button that ends it. What it prints is shown as the text that it is. */
export function TaskCard({
  chatId,
  task,
  question,
}: {
  readonly chatId: string;
  readonly task: TaskData;
  readonly question: Question | undefined;
}): ReactNode {
  const [failure, setFailure] = useState<string>();
  const [isEnding, setIsEnding] = useState(false);
  const Icon = icons[task.name] ?? TaskIcon;
  const address = `/api/chat/${chatId}/tasks/${task.id}`;
  const titleId = `title-${task.id}`;

  async function cancel(): Promise<void> {
    setIsEnding(true);
    setFailure(await sendCommand(`${address}/cancel`, {}));
    setIsEnding(false);
  }

  return (
    <article
      className="task-card"
      id={task.id}
      aria-labelledby={titleId}
      data-status={task.status}
      tabIndex={-1}
    >
      <header>
        <span className="task-icon">
          <Icon />
        </span>
        <div className="task-heading">
          <h3 id={titleId}>
            <bdi>{titleOf(task)}</bdi>
          </h3>
          <p className="task-facts">
            <span className="task-status">{statusText(task)}</span>
            <Elapsed from={task.startedAt} until={task.settledAt} />
            <span>{progressText(task)}</span>
          </p>
        </div>
        {isOver(task) ? null : (
          <button
            type="button"
            className="button quiet"
            aria-label={`Cancel ${titleOf(task)}`}
            disabled={isEnding}
            onClick={() => void cancel()}
          >
            Cancel
          </button>
        )}
      </header>
      <ProgressBar task={task} />
      {task.error === null ? null : (
        <p className="task-error">
          <bdi>{task.error.message}</bdi>
        </p>
      )}
      {question === undefined ? (
        <Tail task={task} />
      ) : (
        <Approval address={`${address}/approval`} question={question} onFailure={setFailure} />
      )}
      {failure === undefined ? null : (
        <p className="task-error" role="alert">
          {failure}
        </p>
      )}
    </article>
  );
}
