import { MeanwhileError } from "@meanwhile/core";
import type { Tail, Wire, WireAnswer } from "../wire.ts";
import type { AnthropicMessage, AnthropicResponse, AnthropicTool } from "./messages.ts";

type Block = Readonly<Record<string, unknown>>;

/**
 * The user message after `tool_use` blocks must begin with the `tool_result` of each. Text goes
 * after them in the same message; a last user message is always extended rather than followed by
 * another, since not every service behind this format merges the two.
 */
export const anthropicWire: Wire<AnthropicTool, AnthropicResponse> = {
  spec: ({ name, description, inputSchema }) => ({
    name,
    description,
    input_schema: { ...inputSchema, type: "object" },
  }),

  tail(messages): Tail {
    const answered = new Set<unknown>();
    const last = messages.at(-1) as AnthropicMessage | undefined;
    for (const message of messages.toReversed() as AnthropicMessage[]) {
      const blocks = blocksOf(message);
      // The provider's own tools are answered in the assistant's message, ours in the next one.
      for (const block of blocks) answered.add(block["tool_use_id"]);
      if (message.role !== "assistant") continue;
      const isOpen = (type: string) =>
        blocks.some((block) => block["type"] === type && !answered.has(block["id"]));
      if (isOpen("tool_use")) return "calls";
      if (message === last && isOpen("server_tool_use")) return "paused";
      break;
    }
    return last === undefined || last.role === "assistant" ? "answer" : "question";
  },

  append(messages, text) {
    const carrier = { type: "text", text };
    const last = messages.at(-1) as AnthropicMessage | undefined;
    if (last?.role !== "user") {
      return { messages: [...messages, { role: "user", content: [carrier] }], carrier };
    }
    const extended = { ...last, content: [...blocksOf(last), carrier] };
    return { messages: [...messages.slice(0, -1), extended], carrier };
  },

  reply(response) {
    if (!Array.isArray(response?.content)) {
      throw new MeanwhileError(
        "INVALID_INPUT",
        "`create` gave no message with `content`. Return the client's response as it is; for a stream, use `inject`, `call` and `commit`.",
      );
    }
    const { content } = response;
    return {
      messages: content.length === 0 ? [] : [{ role: "assistant", content }],
      calls: content
        .filter(({ type }) => type === "tool_use")
        .map(({ id = "", name = "", input }) => ({ id, name, arguments: input })),
      paused: response.stop_reason === "pause_turn",
    };
  },

  answers: (answers) => [{ role: "user", content: answers.map(toolResult) }],
};

function toolResult({ call, text, isError }: WireAnswer): object {
  const result = { type: "tool_result", tool_use_id: call.id, content: text };
  return isError ? { ...result, is_error: true } : result;
}

/** A text as content stands for one text block. */
function blocksOf({ content }: AnthropicMessage): readonly Block[] {
  if (Array.isArray(content)) return content;
  return typeof content === "string" && content !== "" ? [{ type: "text", text: content }] : [];
}
