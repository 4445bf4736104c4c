"use client";

import { useChat } from "@ai-sdk/react";
import { type ReactNode, useEffect, useState, useSyncExternalStore } from "react";
import type { ChatMessage } from "../agent/chat-message.ts";
import { createChatClient } from "../client/chat-client.ts";
import { latestTasks } from "../client/latest-tasks.ts";
import { chatTitle } from "../server/chat-title.ts";
import type { ChatEntry } from "../server/chats.ts";
import { Announcer } from "./announcer.tsx";
import { Composer } from "./composer.tsx";
import { Conversation } from "./conversation.tsx";
import { Header } from "./header.tsx";
import { RunningTasks } from "./running-tasks.tsx";
import { Sidebar } from "./sidebar.tsx";
import { Welcome } from "./welcome.tsx";

/** An answer that broke off before its first part is none. */
const isSaid = ({ parts }: ChatMessage): boolean => parts.some(({ type }) => type !== "step-start");

/** A chat, with the list of the others beside it. */
export function ChatPage({
  id,
  chats: listed,
  messages: initial,
  model,
}: {
  readonly id: string;
  readonly chats: readonly ChatEntry[];
  readonly messages: ChatMessage[];
  readonly model: string;
}): ReactNode {
  const [client] = useState(() => createChatClient(id, initial));
  useEffect(() => client.open(), [client]);
  const { messages, status, regenerate, sendMessage, experimental_queuedMessages } = useChat({
    chat: client.chat,
  });
  const { get, subscribe } = client.feed;
  const feed = useSyncExternalStore(subscribe, get, get);
  const tasks = latestTasks(messages, feed.tasks);
  const isBegun = messages.length > 0;
  const isIdle = status === "ready" || status === "error";
  const isUnanswered = isIdle && messages.findLast(isSaid)?.role === "user";
  const chats = withCurrent(listed, id, messages[0]);

  const say = (text: string): void => void sendMessage({ text });

  return (
    <div className="shell" data-alive={feed.isHeard}>
      <a className="skip-link" href="#message">
        Skip to the message field
      </a>
      <Sidebar chats={chats} current={id} />
      <div className="chat">
        <Header chats={chats} current={id} model={model} />
        <main className="chat-main">
          {isBegun ? (
            <Conversation
              chatId={id}
              messages={messages}
              queued={experimental_queuedMessages}
              status={status}
              tasks={tasks}
              questions={feed.questions}
            />
          ) : (
            <Welcome onSay={say} />
          )}
        </main>
        <footer className="chat-footer">
          <RunningTasks
            tasks={tasks}
            questions={feed.questions}
            isConnected={feed.isConnected}
            isUnanswered={isUnanswered}
            onRetry={() => void regenerate()}
          />
          <Composer onSay={say} />
        </footer>
      </div>
      <Announcer messages={messages} status={status} tasks={tasks} questions={feed.questions} />
    </div>
  );
}

/** The list with this chat, which the server did not list yet when it had no message. */
function withCurrent(
  listed: readonly ChatEntry[],
  id: string,
  first: ChatMessage | undefined,
): readonly ChatEntry[] {
  if (first === undefined || listed.some((chat) => chat.id === id)) return listed;
  return [{ id, title: chatTitle(first) }, ...listed];
}
