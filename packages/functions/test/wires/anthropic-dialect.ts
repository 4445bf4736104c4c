import { type Fields, list, only, refusal, refuse, text, toolShape, unique } from "./checks.ts";
import type { Body, Dialect } from "./model-server.ts";

/** What https://api.anthropic.com/v1/messages refuses, with its messages; roles must alternate. */
export const anthropicDialect: Dialect = {
  path: "/v1/messages",
  refuse: (body) => refusal(() => check(body)),
  error: (status, message) => ({
    type: "error",
    error: { type: status === 400 ? "invalid_request_error" : "api_error", message },
  }),
  respond: (scripted) => ({
    id: "msg_1",
    type: "message",
    role: "assistant",
    model: "scripted",
    stop_reason: "calls" in scripted ? "tool_use" : "end_turn",
    stop_sequence: null,
    usage: { input_tokens: 1, output_tokens: 1 },
    content:
      "calls" in scripted
        ? scripted.calls.map(({ id, name, input }) => ({ type: "tool_use", id, name, input }))
        : [{ type: "text", text: scripted.text, citations: null }],
  }),
};

function check(body: Body): void {
  text(body["model"], "model");
  if (typeof body["max_tokens"] !== "number") refuse("max_tokens: Field required");
  if (body["tools"] !== undefined) checkTools(list(body["tools"], "tools"));
  const messages = list(body["messages"], "messages");
  const useIds: string[] = [];
  let open: string[] = [];
  messages.forEach((message, index) => {
    const path = `messages.${index}`;
    const role = index % 2 === 0 ? "user" : "assistant";
    if (message["role"] !== role) {
      refuse(
        index === 0
          ? 'messages: first message must use the "user" role'
          : `messages: roles must alternate between "user" and "assistant"`,
      );
    }
    const blocks = blocksOf(message, path);
    if (role === "user") {
      checkResults(blocks, open, path);
      open = [];
    } else {
      open = blocks
        .filter(({ type }) => type === "tool_use")
        .map(({ id }) => text(id, `${path}.id`));
      useIds.push(...open);
    }
  });
  if (open.length > 0) refuse(missing(open, messages.length - 1));
  if (messages.length % 2 === 0)
    refuse(
      "This model does not support assistant message prefill. The conversation must end with a user message.",
    );
  if (new Set(useIds).size !== useIds.length) refuse("messages: `tool_use` ids must be unique");
}

function blocksOf(message: Fields, path: string): readonly Fields[] {
  const { content } = message;
  if (typeof content === "string")
    return [{ type: "text", text: text(content, `${path}.content`) }];
  const blocks = list(content, `${path}.content`);
  for (const block of blocks) {
    if (block["type"] === "text" && !block["text"])
      refuse("messages: text content blocks must be non-empty");
    if (
      block["type"] === "tool_use" &&
      (typeof block["input"] !== "object" || block["input"] === null)
    ) {
      refuse(`${path}.tool_use.input: Input should be a valid dictionary`);
    }
  }
  return blocks;
}

function checkResults(blocks: readonly Fields[], open: readonly string[], path: string): void {
  const results = blocks.filter(({ type }) => type === "tool_result");
  const first = blocks.slice(0, results.length);
  if (first.some(({ type }) => type !== "tool_result")) {
    refuse(`${path}: \`tool_result\` blocks must come first in the content`);
  }
  const ids = results.map((result) => text(result["tool_use_id"], `${path}.tool_use_id`));
  for (const result of results) text(result["content"], `${path}.tool_result.content`);
  unique(ids, `${path}: each tool_use must have a single result`);
  const unexpected = ids.filter((id) => !open.includes(id));
  if (unexpected.length > 0) {
    refuse(
      `${path}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${unexpected.join(", ")}`,
    );
  }
  const lacking = open.filter((id) => !ids.includes(id));
  if (lacking.length > 0) refuse(missing(lacking, path));
}

function missing(ids: readonly string[], path: unknown): string {
  return `${path}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${ids.join(", ")}`;
}

function checkTools(tools: readonly Fields[]): void {
  tools.forEach((tool, index) => {
    const path = `tools.${index}.custom`;
    only(tool, ["name", "description", "input_schema"], path);
    toolShape(tool["name"], tool["input_schema"], path);
  });
  unique(
    tools.map((tool) => tool["name"]),
    "tools: Tool names",
  );
}
