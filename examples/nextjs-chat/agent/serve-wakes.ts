import { createBackground, isAgentSession } from "@meanwhile/ai-sdk";
import { storedChat, unansweredChats } from "../server/chats.ts";
import { keepAnswer } from "../server/keep-answer.ts";
import { publish } from "../server/live-turns.ts";
import { answer } from "./answer.ts";
import type { ChatMessage } from "./chat-message.ts";
import { chatTasks, manager } from "./manager.ts";

/**
 * Tells chats of results though nobody spoke: as soon as there are any, also those from before a
 * restart. Pages that are open show it as it is made; the others find it later.
 */
export function serveWakes(): void {
  manager.onWake(async (wake) => {
    const { id } = wake.session;
    if (isAgentSession(id)) return;
    const chat = storedChat(id);
    const background = createBackground(manager, { session: id });
    const tools = background.tools({ definitions: chatTasks });
    await background.wakeTurn<ChatMessage>(wake, {
      messages: chat.messages,
      tools,
      stream: answer(tools),
      onStream: (stream) => void publish(id, stream),
      onEnd: keepAnswer(chat),
    });
  });
}

/** Answers what users said before the process died. */
export function answerUnanswered(): void {
  for (const id of unansweredChats()) answerChat(id).catch(console.error);
}

async function answerChat(id: string): Promise<void> {
  const chat = storedChat(id);
  const background = createBackground(manager, { session: id });
  const tools = background.tools({ definitions: chatTasks });
  const stream = await background.streamTurn<ChatMessage>({
    messages: chat.messages,
    tools,
    stream: answer(tools),
    onEnd: keepAnswer(chat),
  });
  if (stream !== undefined) publish(id, stream);
}
