import type { Delivery } from "@meanwhile/core";
import type { ModelMessage, UIMessage, UserModelMessage } from "ai";

/** The key under which a message's part says which notifications it tells. */
const key = "meanwhile";

/**
 * A delivery as the message that tells it. The ids are kept in the part's `providerOptions`, which
 * survive JSON and the way into UI messages and back, and which no model or task can write.
 */
export function toMessage({ notifications, text }: Delivery): UserModelMessage {
  const ids = notifications.map(({ id }) => id);
  return {
    role: "user",
    content: [{ type: "text", text, providerOptions: { [key]: { notifications: ids } } }],
  };
}

/** The ids of the notifications that these messages tell. */
export function toldIn(messages: readonly ModelMessage[]): string[] {
  return messages.flatMap(({ role, content }) =>
    role === "user" && typeof content !== "string"
      ? content.flatMap((part) => idsIn(part.providerOptions))
      : [],
  );
}

/** The same for a chat's messages. */
export function toldInChat(messages: readonly UIMessage[]): string[] {
  return messages.flatMap(({ parts }) =>
    parts.flatMap((part) =>
      part.type === "steering-message"
        ? part.parts.flatMap((carrier) => idsIn(carrier.providerMetadata))
        : [],
    ),
  );
}

function idsIn(options: Readonly<Record<string, unknown>> | undefined): string[] {
  const marked = options?.[key];
  if (typeof marked !== "object" || marked === null || !("notifications" in marked)) return [];
  const ids: unknown = marked.notifications;
  return Array.isArray(ids) ? ids.filter((id) => typeof id === "string") : [];
}
