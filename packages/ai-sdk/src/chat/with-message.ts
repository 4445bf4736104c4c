import type { UIMessage } from "ai";

/** The messages with this one: in the place of the one with its id, else behind the others. */
export function withMessage<Message extends UIMessage>(
  messages: readonly Message[],
  message: Message | undefined,
): readonly Message[] {
  if (message === undefined) return messages;
  const place = messages.findIndex(({ id }) => id === message.id);
  return place === -1 ? [...messages, message] : messages.with(place, message);
}
