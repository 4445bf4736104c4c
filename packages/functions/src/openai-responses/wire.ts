import { MeanwhileError } from "@meanwhile/core";
import type { Tail, Wire } from "../wire.ts";
import type { ResponsesResponse, ResponsesTool } from "./messages.ts";

type Item = Readonly<Record<string, unknown>>;

/** Every `function_call` item must have its `function_call_output` in the input. */
export const responsesWire: Wire<ResponsesTool, ResponsesResponse> = {
  spec: ({ name, description, inputSchema }) => ({
    type: "function",
    name,
    description,
    parameters: { ...inputSchema },
    strict: false,
  }),

  tail(items): Tail {
    const answered = new Set<unknown>();
    for (const item of items as readonly Item[]) {
      if (isOfType(item, "_call_output")) answered.add(item["call_id"]);
    }
    // Calls that the provider itself answers (web search and the like) have no `call_id`.
    const isOpen = (item: Item) =>
      isOfType(item, "_call") &&
      typeof item["call_id"] === "string" &&
      !answered.has(item["call_id"]);
    if ((items as readonly Item[]).some(isOpen)) return "calls";
    const last = items.at(-1) as Item | undefined;
    return last === undefined || isFromModel(last) ? "answer" : "question";
  },

  append(items, text) {
    const carrier = { type: "message", role: "user", content: text };
    return { messages: [...items, carrier], carrier };
  },

  reply(response) {
    if (!Array.isArray(response?.output)) {
      throw new MeanwhileError(
        "INVALID_INPUT",
        "`create` gave no response with `output`. Return the client's response as it is; for a stream, use `inject`, `call` and `commit`.",
      );
    }
    const { status = "completed", error } = response;
    if (status !== "completed" && status !== "incomplete") {
      throw new MeanwhileError(
        "INVALID_INPUT",
        `The response is ${status}${error ? `: ${error.message}` : ""}. Let \`create\` resolve once it is completed.`,
      );
    }
    const calls = response.output.filter(({ type }) => type === "function_call");
    return {
      messages: response.output,
      calls: calls.map((call) => ({
        id: call.call_id ?? "",
        name: call.name ?? "",
        arguments: call.arguments,
      })),
      paused: false,
    };
  },

  answers: (answers) =>
    answers.map(({ call, text }) => ({
      type: "function_call_output",
      call_id: call.id,
      output: text,
    })),
};

function isFromModel(item: Item): boolean {
  return item["role"] === "assistant" || item["type"] === "reasoning" || isOfType(item, "_call");
}

function isOfType(item: Item, ending: string): boolean {
  return typeof item["type"] === "string" && item["type"].endsWith(ending);
}
