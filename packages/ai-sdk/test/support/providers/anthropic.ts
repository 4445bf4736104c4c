import { createAnthropic } from "@ai-sdk/anthropic";
import { type Answer, type Item, type Provider, serve } from "./provider.ts";

interface Turn {
  readonly role: "user" | "assistant";
  readonly content: readonly {
    readonly type: string;
    readonly text?: string;
    readonly id?: string;
    readonly tool_use_id?: string;
  }[];
}

export const anthropic: Provider = {
  name: "Anthropic",
  open: (answers) =>
    serve(answers, "messages", body, (fetch) =>
      createAnthropic({ apiKey: "none", fetch })("claude-sonnet-4-5"),
    ),
  items: (messages) => {
    const turns = messages as readonly Turn[];
    return turns.flatMap((turn, index) => items(turn, turns[index - 1]));
  },
};

function body({ text, calls = [] }: Answer, number: number): object {
  const uses = calls.map(({ name, input }, index) => ({
    type: "tool_use",
    id: `call_${number}_${index}`,
    name,
    input,
  }));
  return {
    type: "message",
    id: "1",
    model: "claude-sonnet-4-5",
    role: "assistant",
    content: [...(text === undefined ? [] : [{ type: "text", text }]), ...uses],
    stop_reason: calls.length > 0 ? "tool_use" : "end_turn",
    usage: { input_tokens: 1, output_tokens: 1 },
  };
}

function items({ role, content }: Turn, before: Turn | undefined): Item[] {
  if (role === before?.role) throw new Error(`400: two turns of the ${role}`);
  const firstText = content.findIndex(({ type }) => type === "text");
  const lastResult = content.findLastIndex(({ type }) => type === "tool_result");
  if (firstText !== -1 && firstText < lastResult) throw new Error("400: text before a result");
  return content.map(({ type, text = "", id = "", tool_use_id = "" }): Item => {
    if (type === "tool_use") return { is: "call", id };
    if (type === "tool_result") return { is: "result", id: tool_use_id };
    return { is: role, text };
  });
}
