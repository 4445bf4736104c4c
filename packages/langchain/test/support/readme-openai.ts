import { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { AIMessage, type BaseMessage } from "@langchain/core/messages";
import type { ChatResult } from "@langchain/core/outputs";

const call = JSON.parse(process.env["README_CALL"] ?? "{}") as {
  readonly name?: string;
  readonly args?: Record<string, unknown>;
};

/** Calls the one tool that the test names, and answers differently once it was told of a task. */
export class ChatOpenAI extends BaseChatModel {
  #tools: readonly { readonly name: string }[] = [];

  constructor() {
    super({});
  }

  _llmType(): string {
    return "readme";
  }

  override bindTools(tools: { readonly name: string }[]): ChatOpenAI {
    const bound = new ChatOpenAI();
    bound.#tools = tools;
    return bound;
  }

  async _generate(messages: BaseMessage[]): Promise<ChatResult> {
    const isTold = messages.some(({ text }) => text.includes("<task-notification"));
    const hasTool = this.#tools.some(({ name }) => name === call.name);
    const calls = hasTool && !messages.some((message) => AIMessage.isInstance(message));
    const text = isTold ? "It is in." : "It runs.";
    const message = new AIMessage(
      calls
        ? {
            content: "",
            tool_calls: [
              { type: "tool_call", id: "a", name: call.name ?? "", args: call.args ?? {} },
            ],
          }
        : { content: text },
    );
    return { generations: [{ text, message }] };
  }
}
