import { createOpenAI } from "@ai-sdk/openai";
import { type Answer, type Item, type Provider, serve } from "./provider.ts";

interface InputItem {
  readonly type?: string;
  readonly role?: string;
  readonly id?: string;
  readonly call_id?: string;
  readonly content?: readonly { readonly text?: string }[];
}

export const openAiResponses: Provider = {
  name: "OpenAI Responses",
  open: (answers) =>
    serve(answers, "input", body, (fetch) =>
      createOpenAI({ apiKey: "none", fetch }).responses("gpt-4.1"),
    ),
  items: (messages) => (messages as InputItem[]).map(item),
};

/** The ids of a call's item, by which a later request may refer to it, and of the call. */
const prefix = { item: "fc_", call: "call_" };

function body({ text, calls = [] }: Answer, number: number): object {
  const content = [{ type: "output_text", text, annotations: [] }];
  const message = { type: "message", id: `msg_${number}`, role: "assistant", content };
  const output = calls.map(({ name, input }, index) => ({
    type: "function_call",
    id: `${prefix.item}${number}_${index}`,
    call_id: `${prefix.call}${number}_${index}`,
    name,
    arguments: JSON.stringify(input),
  }));
  return {
    id: "1",
    created_at: 1,
    model: "gpt-4.1",
    output: [...(text === undefined ? [] : [message]), ...output],
    usage: { input_tokens: 1, output_tokens: 1 },
  };
}

function item({ type, role, id = "", call_id = "", content = [] }: InputItem): Item {
  if (type === "function_call") return { is: "call", id: call_id };
  if (type === "function_call_output") return { is: "result", id: call_id };
  if (type === "item_reference") {
    return id.startsWith(prefix.item)
      ? { is: "call", id: id.replace(prefix.item, prefix.call) }
      : { is: "assistant", text: id };
  }
  const text = content.map((part) => part.text).join("");
  return { is: role === "user" ? "user" : "assistant", text };
}
