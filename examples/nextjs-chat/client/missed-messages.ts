import type { ChatMessage, Missed } from "../agent/chat-message.ts";

/** The page's messages, with those that it missed. What the server does not have is dropped. */
export function withMissed(shown: readonly ChatMessage[], missed: Missed): ChatMessage[] {
  const index = shown.findIndex(({ id }) => id === missed.after);
  const known = missed.after === null ? [] : shown.slice(0, index + 1);
  const last = shown.at(-1);
  // What the user has said in vain stays there, to be sent again.
  const unsent = last?.role === "user" && !missed.messages.some(({ id }) => id === last.id);
  const isBehind = unsent && last.id !== missed.after;
  return [...known, ...missed.messages, ...(isBehind ? [last] : [])];
}

/** What the server must know to give what is missed. */
export function positionOf(shown: readonly ChatMessage[]): URLSearchParams {
  const index = shown.findLastIndex(({ role }) => role === "user");
  return new URLSearchParams({
    after: shown[index]?.id ?? "",
    count: String(index + 1),
    last: shown.at(-1)?.id ?? "",
  });
}
