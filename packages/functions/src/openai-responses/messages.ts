/**
 * An item of `input`. This file has the parts of OpenAI's Responses format that are used here; the
 * types of the `openai` package fit them.
 * Source: https://platform.openai.com/docs/api-reference/responses
 */
export interface ResponsesItem {
  readonly type?: string | null | undefined;
  /** In words, so that a message written in place keeps its role as a literal type. */
  readonly role?: "developer" | "system" | "user" | "assistant" | undefined;
}

/** A tool as the `tools` of a request take it. */
export interface ResponsesTool {
  type: "function";
  name: string;
  description: string;
  parameters: { [keyword: string]: unknown };
  /** The API's default, true, takes only a part of JSON Schema. */
  strict: false;
}

export interface ResponsesOutputItem {
  readonly type: string;
  readonly call_id?: string | null;
  readonly name?: string | null;
  readonly arguments?: unknown;
}

/** A response that is not streamed. */
export interface ResponsesResponse {
  readonly status?: string;
  readonly error?: { readonly message: string } | null;
  readonly output: readonly ResponsesOutputItem[];
}
