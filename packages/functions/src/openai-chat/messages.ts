/**
 * This file has the parts of OpenAI's Chat Completions format that are used here; the types of the
 * `openai` package fit them.
 * Source: https://platform.openai.com/docs/api-reference/chat
 */
export interface ChatMessage {
  readonly role: "developer" | "system" | "user" | "assistant" | "tool" | "function";
}

/** A tool as the `tools` of a request take it. */
export interface ChatTool {
  type: "function";
  function: { name: string; description: string; parameters: { [keyword: string]: unknown } };
}

export interface ChatToolCall {
  readonly id: string;
  readonly type: string;
  readonly function?: { readonly name: string; readonly arguments: string };
}

export interface ChatAssistantMessage {
  readonly role: "assistant";
  readonly content?: unknown;
  readonly refusal?: string | null;
  readonly tool_calls?: readonly ChatToolCall[] | null;
}

/** A chat completion that is not streamed. */
export interface ChatResponse {
  readonly choices: readonly { readonly message: ChatAssistantMessage }[];
}
