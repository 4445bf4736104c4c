import { createOpenAI } from "@ai-sdk/openai";
import { type Answer, type Item, type Provider, serve } from "./provider.ts";

interface Message {
  readonly role: string;
  readonly content?: string | readonly { readonly text?: string }[] | null;
  readonly tool_calls?: readonly { readonly id: string }[];
  readonly tool_call_id?: string;
}

export const openAiChat: Provider = {
  name: "OpenAI Chat",
  open: (answers) =>
    serve(answers, "messages", body, (fetch) =>
      createOpenAI({ apiKey: "none", fetch }).chat("gpt-5-mini"),
    ),
  items: (messages) => (messages as Message[]).flatMap(items),
};

function body({ text = "", calls = [] }: Answer, number: number): object {
  const tool_calls = calls.map(({ name, input }, index) => ({
    id: `call_${number}_${index}`,
    type: "function",
    function: { name, arguments: JSON.stringify(input) },
  }));
  const message = { role: "assistant", content: text, tool_calls };
  const finish_reason = calls.length > 0 ? "tool_calls" : "stop";
  return {
    id: "1",
    created: 1,
    model: "gpt-5-mini",
    choices: [{ index: 0, message, finish_reason }],
    usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
  };
}

function items({ role, content, tool_calls = [], tool_call_id = "" }: Message): Item[] {
  if (role === "tool") return [{ is: "result", id: tool_call_id }];
  const parts = typeof content === "string" ? [{ text: content }] : (content ?? []);
  const text = parts.map((part) => part.text).join("");
  const said: Item[] = text === "" ? [] : [{ is: role === "user" ? "user" : "assistant", text }];
  return [...said, ...tool_calls.map(({ id }): Item => ({ is: "call", id }))];
}
