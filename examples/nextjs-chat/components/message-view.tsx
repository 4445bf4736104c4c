import type { TaskData } from "@meanwhile/ai-sdk";
import type { ReactNode } from "react";
import type { Question } from "../agent/approvals.ts";
import type { ChatMessage } from "../agent/chat-message.ts";
import { TaskCard } from "./task-card.tsx";
import { Told } from "./told.tsx";

type Part = ChatMessage["parts"][number];

/** One message: its texts, and a card for each task that it started. */
export function MessageView({
  chatId,
  message,
  startedHere,
  tasks,
  questions,
  isQueued = false,
}: {
  readonly chatId: string;
  readonly message: ChatMessage;
  readonly startedHere: ReadonlySet<string>;
  readonly tasks: ReadonlyMap<string, TaskData>;
  readonly questions: ReadonlyMap<string, Question>;
  readonly isQueued?: boolean;
}): ReactNode {
  const isUser = message.role === "user";

  function view(part: Part, index: number): ReactNode {
    const key = `${part.type}-${index}`;
    if (part.type === "text") {
      return (
        <p key={key} className="text">
          {part.text}
        </p>
      );
    }
    if (part.type === "steering-message") return <Told key={key} part={part} />;
    if (part.type !== "data-task" || !startedHere.has(part.data.id)) return null;
    return (
      <TaskCard
        key={part.data.id}
        chatId={chatId}
        task={tasks.get(part.data.id) ?? part.data}
        question={questions.get(part.data.id)}
      />
    );
  }

  return (
    <li className={`message ${isUser ? "from-user" : "from-agent"}`} data-queued={isQueued}>
      <span className="visually-hidden">{isUser ? "You said:" : "The agent said:"}</span>
      {message.parts.map(view)}
    </li>
  );
}
