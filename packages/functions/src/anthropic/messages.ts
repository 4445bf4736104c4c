/**
 * This file has the parts of Anthropic's Messages format that are used here; the types of
 * `@anthropic-ai/sdk` fit them.
 * Source: https://platform.claude.com/docs/en/api/messages
 */
export interface AnthropicMessage {
  readonly role: "user" | "assistant" | "system";
  readonly content: unknown;
}

/** A tool as the `tools` of a request take it. */
export interface AnthropicTool {
  name: string;
  description: string;
  input_schema: { type: "object"; [keyword: string]: unknown };
}

export interface AnthropicBlock {
  readonly type: string;
  readonly id?: string;
  readonly name?: string;
  readonly input?: unknown;
}

/** A message of the model's that is not streamed. */
export interface AnthropicResponse {
  readonly content: readonly AnthropicBlock[];
  readonly stop_reason: string | null;
}
