"use client";

import type { TaskData } from "@meanwhile/ai-sdk";
import type { ChatStatus } from "ai";
import type { ReactNode } from "react";
import type { Question } from "../agent/approvals.ts";
import type { ChatMessage } from "../agent/chat-message.ts";
import { useStickToEnd } from "../client/use-stick-to-end.ts";
import { DownIcon } from "./icons.tsx";
import { MessageView } from "./message-view.tsx";

/** The messages, which keep their end in view as long as the user has not scrolled up. */
export function Conversation({
  chatId,
  messages,
  queued,
  status,
  tasks,
  questions,
}: {
  readonly chatId: string;
  readonly messages: readonly ChatMessage[];
  /** What the user has said while an answer was being made. */
  readonly queued: readonly ChatMessage[];
  readonly status: ChatStatus;
  readonly tasks: ReadonlyMap<string, TaskData>;
  readonly questions: ReadonlyMap<string, Question>;
}): ReactNode {
  const { scroller, content, isAtEnd, scrollToEnd } = useStickToEnd();
  const shown = new Set<string>();
  return (
    <div className="conversation">
      <section ref={scroller} className="scroller" aria-label="Conversation" data-status={status}>
        <ol ref={content} className="messages">
          {messages.map((message) => (
            <MessageView
              key={message.id}
              chatId={chatId}
              message={message}
              startedHere={firstShown(message, shown)}
              tasks={tasks}
              questions={questions}
            />
          ))}
          {status === "submitted" && messages.at(-1)?.role === "user" ? (
            <li className="message from-agent">
              <span className="thinking">
                <span className="visually-hidden">The agent is thinking</span>
                <i />
                <i />
                <i />
              </span>
            </li>
          ) : null}
          {queued.map((message) => (
            <MessageView
              key={message.id}
              chatId={chatId}
              message={message}
              startedHere={new Set()}
              tasks={tasks}
              questions={questions}
              isQueued
            />
          ))}
        </ol>
      </section>
      {isAtEnd ? null : (
        <button type="button" className="to-end" aria-label="Go to the end" onClick={scrollToEnd}>
          <DownIcon />
        </button>
      )}
    </div>
  );
}

/** The tasks that no message before this one has shown. */
function firstShown(message: ChatMessage, shown: Set<string>): ReadonlySet<string> {
  const first = new Set<string>();
  for (const part of message.parts) {
    if (part.type !== "data-task" || shown.has(part.data.id)) continue;
    first.add(part.data.id);
    shown.add(part.data.id);
  }
  return first;
}
