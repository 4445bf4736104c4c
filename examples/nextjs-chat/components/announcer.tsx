"use client";

import type { TaskData } from "@meanwhile/ai-sdk";
import type { ChatStatus } from "ai";
import type { ReactNode } from "react";
import type { Question } from "../agent/approvals.ts";
import type { ChatMessage } from "../agent/chat-message.ts";

/** Tells who cannot see the page what is new: whole answers, rather than each word of them. */
export function Announcer({
  messages,
  status,
  tasks,
  questions,
}: {
  readonly messages: readonly ChatMessage[];
  readonly status: ChatStatus;
  readonly tasks: ReadonlyMap<string, TaskData>;
  readonly questions: ReadonlyMap<string, Question>;
}): ReactNode {
  const last = messages.at(-1);
  const answer = status === "ready" && last?.role === "assistant" ? textOf(last) : "";
  const asked = [...questions.keys()].map((id) => tasks.get(id)?.title ?? id);
  return (
    <>
      <p className="visually-hidden" role="status">
        {answer}
      </p>
      <p className="visually-hidden" role="status">
        {asked.length === 0 ? "" : `Waits for your permission: ${asked.join(", ")}`}
      </p>
    </>
  );
}

function textOf({ parts }: ChatMessage): string {
  return parts.flatMap((part) => (part.type === "text" ? [part.text] : [])).join(" ");
}
