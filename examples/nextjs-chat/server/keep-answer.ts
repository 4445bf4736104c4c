import type { UIMessageStreamOnEndCallback } from "ai";
import type { ChatMessage } from "../agent/chat-message.ts";
import type { StoredChat } from "./chats.ts";

/** Saves an answer, unless the provider failed before it said or did anything: it is asked again. */
export function keepAnswer(chat: StoredChat): UIMessageStreamOnEndCallback<ChatMessage> {
  return ({ outcome, responseMessage }) => {
    const isAnswer = responseMessage.parts.some(
      ({ type }) => type === "text" || type === "dynamic-tool" || type.startsWith("tool-"),
    );
    if (outcome.status !== "failed" || isAnswer) chat.save(responseMessage);
  };
}
