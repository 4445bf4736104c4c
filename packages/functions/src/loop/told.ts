/**
 * Which objects of a conversation carry which notifications. Kept beside the messages, by their
 * identity, so that nothing a model or a task wrote can pass for it.
 */
const carriers = new WeakMap<object, readonly string[]>();

/** Remembers that the message, or the block of one, holds the notifications' text. */
export function markTold(carrier: object, ids: readonly string[]): void {
  carriers.set(carrier, ids);
}

/** The ids of the notifications that these messages already hold. */
export function toldIn(messages: readonly object[]): Set<string> {
  const told = new Set<string>();
  for (const message of messages) {
    collect(message, told);
    const content: unknown = "content" in message ? message.content : undefined;
    if (Array.isArray(content)) for (const block of content) collect(block, told);
  }
  return told;
}

function collect(candidate: unknown, told: Set<string>): void {
  if (typeof candidate !== "object" || candidate === null) return;
  for (const id of carriers.get(candidate) ?? []) told.add(id);
}
