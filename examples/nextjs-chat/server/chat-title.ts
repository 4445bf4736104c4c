import type { ChatMessage } from "../agent/chat-message.ts";

const maxChars = 60;

/** What a chat is listed as: the beginning of its first message. */
export function chatTitle({ parts }: ChatMessage): string {
  const text = parts.flatMap((part) => (part.type === "text" ? [part.text] : [])).join(" ");
  const [...characters] = text.trim().replace(/\s+/g, " ");
  if (characters.length <= maxChars) return characters.join("") || "Chat";
  return `${characters.slice(0, maxChars).join("")}…`;
}
