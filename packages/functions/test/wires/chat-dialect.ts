import { type Fields, list, only, refusal, refuse, text, toolShape, unique } from "./checks.ts";
import type { Body, Dialect } from "./model-server.ts";

/** What https://api.openai.com/v1/chat/completions refuses, with its messages. */
export const chatDialect: Dialect = {
  path: "/chat/completions",
  refuse: (body) => refusal(() => check(body)),
  error: (_status, message) => ({
    error: { message, type: "invalid_request_error", param: null, code: null },
  }),
  respond: (scripted) => ({
    id: "chatcmpl-1",
    object: "chat.completion",
    created: 0,
    model: "scripted",
    choices: [
      {
        index: 0,
        logprobs: null,
        finish_reason: "calls" in scripted ? "tool_calls" : "stop",
        message:
          "calls" in scripted
            ? {
                role: "assistant",
                content: null,
                refusal: null,
                tool_calls: scripted.calls.map(({ id, name, input }) => ({
                  id,
                  type: "function",
                  function: {
                    name,
                    arguments: typeof input === "string" ? input : JSON.stringify(input),
                  },
                })),
              }
            : { role: "assistant", content: scripted.text, refusal: null },
      },
    ],
  }),
};

function check(body: Body): void {
  text(body["model"], "model");
  if (body["tools"] !== undefined) checkTools(list(body["tools"], "tools"));
  const messages = list(body["messages"], "messages");
  const callIds: unknown[] = [];
  let open: string[] = [];
  messages.forEach((message, index) => {
    const path = `messages[${index}]`;
    const { role } = message;
    if (role === "tool") {
      const id = text(message["tool_call_id"], `${path}.tool_call_id`);
      if (
        messages[index - 1]?.["role"] !== "tool" &&
        messages[index - 1]?.["tool_calls"] === undefined
      ) {
        refuse(
          "messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.",
        );
      }
      if (!open.includes(id))
        refuse(
          `Invalid parameter: 'tool_call_id' ${id} not found in 'tool_calls' of previous message.`,
        );
      open = open.filter((other) => other !== id);
      text(message["content"], `${path}.content`);
      return;
    }
    noneOpen(open);
    if (role === "assistant") {
      open = checkAssistant(message, path);
      callIds.push(...open);
    } else if (role === "user" || role === "system" || role === "developer") {
      text(message["content"], `${path}.content`);
    } else {
      refuse(`Invalid value for ${path}.role`);
    }
  });
  noneOpen(open);
  unique(callIds, "tool_calls");
  if (messages.at(-1)?.["role"] === "assistant") refuse("the last message must not be the model's");
}

function noneOpen(open: readonly string[]): void {
  if (open.length === 0) return;
  refuse(
    `An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: ${open.join(", ")}`,
  );
}

function checkAssistant(message: Fields, path: string): string[] {
  if (message["tool_calls"] === undefined) {
    text(message["content"], `${path}.content`);
    return [];
  }
  return list(message["tool_calls"], `${path}.tool_calls`).map((call) => {
    const called = call["function"] as Fields | undefined;
    text(called?.["name"], `${path}.tool_calls.function.name`);
    if (typeof called?.["arguments"] !== "string") refuse(`${path}: arguments must be a string`);
    return text(call["id"], `${path}.tool_calls.id`);
  });
}

function checkTools(tools: readonly Fields[]): void {
  tools.forEach((tool, index) => {
    const path = `tools[${index}]`;
    if (tool["type"] !== "function") refuse(`Invalid value for ${path}.type`);
    only(tool, ["type", "function"], path);
    const described = (tool["function"] ??
      refuse(`Missing required parameter: '${path}.function'.`)) as Fields;
    only(described, ["name", "description", "parameters", "strict"], `${path}.function`);
    toolShape(described["name"], described["parameters"], `${path}.function`);
  });
  unique(
    tools.map((tool) => (tool["function"] as Fields)["name"]),
    "tools",
  );
}
