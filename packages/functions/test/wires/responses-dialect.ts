import { type Fields, list, only, refusal, refuse, text, toolShape, unique } from "./checks.ts";
import type { Body, Dialect } from "./model-server.ts";

/** What https://api.openai.com/v1/responses refuses, with its messages. */
export const responsesDialect: Dialect = {
  path: "/responses",
  refuse: (body) => refusal(() => check(body)),
  error: (_status, message) => ({
    error: { message, type: "invalid_request_error", param: "input", code: null },
  }),
  respond: (scripted) => ({
    id: "resp_1",
    object: "response",
    created_at: 0,
    model: "scripted",
    status: "completed",
    error: null,
    output: [
      { type: "reasoning", id: "rs_1", summary: [] },
      ...("calls" in scripted
        ? scripted.calls.map(({ id, name, input }) => ({
            type: "function_call",
            id: `fc_${id}`,
            call_id: id,
            name,
            arguments: typeof input === "string" ? input : JSON.stringify(input),
            status: "completed",
          }))
        : [
            {
              type: "message",
              id: "msg_1",
              role: "assistant",
              status: "completed",
              content: [{ type: "output_text", text: scripted.text, annotations: [] }],
            },
          ]),
    ],
  }),
};

function check(body: Body): void {
  text(body["model"], "model");
  if (body["tools"] !== undefined) checkTools(list(body["tools"], "tools"));
  const items = list(body["input"], "input");
  const callIds: string[] = [];
  let open: string[] = [];
  items.forEach((item, index) => {
    const path = `input[${index}]`;
    const type = item["type"] ?? "message";
    if (type === "function_call") {
      const id = text(item["call_id"], `${path}.call_id`);
      text(item["name"], `${path}.name`);
      if (typeof item["arguments"] !== "string") refuse(`${path}.arguments: expected a string`);
      callIds.push(id);
      open.push(id);
    } else if (type === "function_call_output") {
      const id = text(item["call_id"], `${path}.call_id`);
      if (!open.includes(id))
        refuse(`No tool call found for function call output with call_id ${id}.`);
      open = open.filter((other) => other !== id);
      text(item["output"], `${path}.output`);
    } else if (type === "message") {
      noneOpen(open);
      checkMessage(item, path);
    } else if (type === "reasoning") {
      const next = items[index + 1]?.["type"];
      if (next !== "message" && next !== "function_call") {
        refuse(
          `Item '${item["id"]}' of type 'reasoning' was provided without its required following item.`,
        );
      }
    } else {
      refuse(`Invalid value: '${type}'. ${path}.type`);
    }
  });
  noneOpen(open);
  unique(callIds, "input.call_id");
  if (items.at(-1)?.["role"] === "assistant") refuse("the last item must not be the model's");
}

function noneOpen(open: readonly string[]): void {
  if (open.length > 0) refuse(`No tool output found for function call ${open[0]}.`);
}

function checkMessage(item: Fields, path: string): void {
  const { role, content } = item;
  if (role !== "user" && role !== "assistant" && role !== "system" && role !== "developer") {
    refuse(`Invalid value for ${path}.role`);
  }
  if (typeof content === "string") text(content, `${path}.content`);
  else
    for (const part of list(content, `${path}.content`)) text(part["text"], `${path}.content.text`);
}

function checkTools(tools: readonly Fields[]): void {
  tools.forEach((tool, index) => {
    const path = `tools[${index}]`;
    if (tool["name"] === undefined) refuse(`Missing required parameter: '${path}.name'.`);
    only(tool, ["type", "name", "description", "parameters", "strict"], path);
    if (tool["type"] !== "function") refuse(`Invalid value for ${path}.type`);
    toolShape(tool["name"], tool["parameters"], path);
    // Left out it is true, and then every object of the schema must be closed.
    if (tool["strict"] !== false) {
      const schema = tool["parameters"] as Fields;
      if (schema["additionalProperties"] !== false) {
        refuse(
          `Invalid schema for function '${tool["name"]}': 'additionalProperties' is required to be supplied and to be false.`,
        );
      }
    }
  });
  unique(
    tools.map((tool) => tool["name"]),
    "tools",
  );
}
