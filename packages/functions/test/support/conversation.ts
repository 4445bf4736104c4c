/** Every text of a conversation in one string, whatever the wire: to count what the model reads. */
export function textOf(messages: readonly object[]): string {
  return JSON.stringify(messages);
}

/** How often the conversation tells of the result. */
export function tellings(messages: readonly object[], result: string): number {
  return textOf(messages).split(result).length - 1;
}

/** Freezes the messages and all they hold, so that a change to them throws. */
export function frozen<Value extends object>(value: Value): Value {
  for (const part of Object.values(value)) {
    if (typeof part === "object" && part !== null) frozen(part);
  }
  return Object.freeze(value);
}
