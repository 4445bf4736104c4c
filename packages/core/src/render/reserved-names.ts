/**
 * Names of tags that a harness speaks in: our own, and those of the model families' tool and turn
 * formats. A program's text may not open or close one. Hyphen and underscore count alike.
 */
export const reservedNames: ReadonlySet<string> = new Set([
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
  "user-message",
  "user-input",
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

/** Template tokens that are reserved only as the bare tag: they are short, or plain HTML. */
export const reservedTokens: ReadonlySet<string> = new Set(["s", "bos", "eos", "pad", "unk"]);

/** Template tokens between square brackets (Llama, Mistral). */
export const reservedBrackets: ReadonlySet<string> = new Set([
  "inst",
  "system-prompt",
  "available-tools",
  "tool-calls",
  "tool-results",
  "tool-content",
]);
