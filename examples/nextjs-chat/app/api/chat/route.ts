import { createBackground } from "@meanwhile/ai-sdk";
import { createUIMessageStreamResponse } from "ai";
import { answer } from "../../../agent/answer.ts";
import type { ChatMessage } from "../../../agent/chat-message.ts";
import { chatTasks, manager } from "../../../agent/manager.ts";
import { post } from "../../../server/endpoint.ts";
import { keepAnswer } from "../../../server/keep-answer.ts";
import { publish } from "../../../server/live-turns.ts";
import { question } from "../../../server/question.ts";
import { Refusal } from "../../../server/refusal.ts";

/** The user says something. */
export const POST = post(question, async ({ chat, body }) => {
  const background = createBackground(manager, { session: chat.id });
  const tools = background.tools({ definitions: chatTasks });
  const stream = await background.streamTurn<ChatMessage>({
    messages: () => chat.save(body.message),
    tools,
    stream: answer(tools),
    onEnd: keepAnswer(chat),
  });
  if (stream === undefined) throw new Refusal("ANSWERED", "This was answered already.");
  return createUIMessageStreamResponse({ stream: publish(chat.id, stream) });
});
