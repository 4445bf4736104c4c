/**
 * Names of tags that a harness speaks in: our own, and those of the model families' tool and turn
 * formats. A program's text may not open or close one. They count without hyphens, underscores
 * and capitals, so that `<toolResult>` is one too.
 */
export const reservedNames: ReadonlySet<string> = names([
  // Ours, and those that other harnesses use for the same
  "task",
  "task-notification",
  "task-notifications",
  "task-output",
  "task-result",
  "task-status",
  "task-id",
  "task-error",
  "task-progress",
  "task-message",
  "background-task",
  "background-tasks",
  "notification",
  "notifications",
  "status",
  "output-file",
  "tool-use-id",
  "system-reminder",
  "system-notification",
  "system-message",
  "system-prompt",
  "system-instruction",
  "system-instructions",
  "user-message",
  "user-input",
  "user-query",
  "user-instructions",
  "environment-context",
  "environment-details",
  "local-command-stdout",
  "local-command-stderr",
  "user-prompt-submit-hook",
  // Roles
  "system",
  "human",
  "assistant",
  // Tool calls
  "tool-use",
  "tool-call",
  "tool-calls",
  "tool-result",
  "tool-results",
  "tool-response",
  "tool-output",
  "tool-outputs",
  "tool-code",
  "function-call",
  "function-calls",
  "function-result",
  "function-results",
  "function-response",
  "invoke",
  "think",
  "thinking",
  // Gemma
  "start-of-turn",
  "end-of-turn",
]);

/**
 * Reserved too, but not behind a letter, as in `Promise<User>`, nor before anything but white space,
 * a slash, `>` or `=`, as in `<user@example.com>`.
 */
export const reservedWords: ReadonlySet<string> = names([
  "user",
  "developer",
  "tool",
  "tools",
  "function",
  "functions",
  "instruction",
  "instructions",
]);

/** Template tokens that are reserved only as the bare tag: they are short, or plain HTML. */
export const reservedTokens: ReadonlySet<string> = new Set(["s", "bos", "eos", "pad", "unk"]);

/** Template tokens between square brackets (Llama, Mistral). */
export const reservedBrackets: ReadonlySet<string> = names([
  "inst",
  "system-prompt",
  "available-tools",
  "tool-calls",
  "tool-results",
  "tool-content",
]);

function names(list: readonly string[]): ReadonlySet<string> {
  return new Set(list.map((name) => name.replaceAll("-", "")));
}
