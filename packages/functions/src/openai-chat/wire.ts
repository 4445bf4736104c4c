import { MeanwhileError } from "@meanwhile/core";
import type { Tail, Wire, WireCall } from "../wire.ts";
import type { ChatAssistantMessage, ChatResponse, ChatTool, ChatToolCall } from "./messages.ts";

type Message = Readonly<Record<string, unknown>>;

/** Every tool call must be followed by its `tool` message before any other message. */
export const chatWire: Wire<ChatTool, ChatResponse> = {
  spec: ({ name, description, inputSchema }) => ({
    type: "function",
    function: { name, description, parameters: { ...inputSchema } },
  }),

  tail(messages): Tail {
    const answered = new Set<unknown>();
    for (const message of messages.toReversed() as Message[]) {
      if (message["role"] === "tool") answered.add(message["tool_call_id"]);
      if (message["role"] !== "assistant") continue;
      const calls = (message as unknown as ChatAssistantMessage).tool_calls ?? [];
      if (calls.some(({ id }) => !answered.has(id))) return "calls";
      break;
    }
    const last = messages.at(-1) as Message | undefined;
    return last === undefined || last["role"] === "assistant" ? "answer" : "question";
  },

  append(messages, text) {
    const carrier = { role: "user", content: text };
    return { messages: [...messages, carrier], carrier };
  },

  reply(response) {
    const message = response?.choices?.[0]?.message;
    if (message === undefined) {
      throw new MeanwhileError(
        "INVALID_INPUT",
        "`create` gave no chat completion with a choice. Return the client's response as it is; for a stream, use `inject`, `call` and `commit`.",
      );
    }
    const calls = message.tool_calls ?? [];
    const isEmpty = calls.length === 0 && !message.content && !message.refusal;
    return { messages: isEmpty ? [] : [message], calls: calls.map(toCall), paused: false };
  },

  answers: (answers) =>
    answers.map(({ call, text }) => ({ role: "tool", tool_call_id: call.id, content: text })),
};

function toCall({ id, function: called }: ChatToolCall): WireCall {
  return { id, name: called?.name ?? "", arguments: called?.arguments };
}
