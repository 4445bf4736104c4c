import { setTimeout as sleep } from "node:timers/promises";
import type { CallbackManagerForLLMRun } from "@langchain/core/callbacks/manager";
import {
  BaseChatModel,
  type BaseChatModelParams,
} from "@langchain/core/language_models/chat_models";
import { AIMessage, AIMessageChunk, type BaseMessage } from "@langchain/core/messages";
import { ChatGenerationChunk, type ChatResult } from "@langchain/core/outputs";
import { type Heard, hear } from "./heard.ts";

export interface Reply {
  readonly text?: string;
  readonly calls?: readonly { readonly tool: string; readonly input: Record<string, unknown> }[];
}

/** What to say to a conversation. It goes by that alone, as a real model does. */
export type Script = (heard: readonly Heard[]) => Reply;

const thinkingMs = 250;
const wordMs = 20;

/** A stand-in for a model, which needs neither a key nor a network. Streams word by word. */
export class ScriptedModel extends BaseChatModel {
  readonly #script: Script;

  constructor({ script, ...params }: BaseChatModelParams & { readonly script: Script }) {
    super(params);
    this.#script = script;
  }

  _llmType(): string {
    return "scripted";
  }

  /** Scripts know the tools that there are. */
  override bindTools(): this {
    return this;
  }

  async _generate(
    messages: BaseMessage[],
    options: this["ParsedCallOptions"],
  ): Promise<ChatResult> {
    await sleep(thinkingMs, undefined, until(options));
    const { text = "", calls = [] } = this.#script(hear(messages));
    const tool_calls = calls.map(({ tool, input }) => ({
      id: `call_${crypto.randomUUID()}`,
      name: tool,
      args: input,
      type: "tool_call" as const,
    }));
    return { generations: [{ text, message: new AIMessage({ content: text, tool_calls }) }] };
  }

  override async *_streamResponseChunks(
    messages: BaseMessage[],
    options: this["ParsedCallOptions"],
    run?: CallbackManagerForLLMRun,
  ): AsyncGenerator<ChatGenerationChunk> {
    await sleep(thinkingMs, undefined, until(options));
    const { text = "", calls = [] } = this.#script(hear(messages));
    const id = `scripted_${crypto.randomUUID()}`;
    for (const word of text === "" ? [] : text.split(/(?<=\s)/)) {
      await sleep(wordMs, undefined, until(options));
      const chunk = new ChatGenerationChunk({
        text: word,
        message: new AIMessageChunk({ id, content: word }),
      });
      yield chunk;
      await run?.handleLLMNewToken(word, undefined, undefined, undefined, undefined, { chunk });
    }
    const tool_call_chunks = calls.map(({ tool, input }, index) => ({
      id: `call_${crypto.randomUUID()}`,
      name: tool,
      args: JSON.stringify(input),
      index,
      type: "tool_call_chunk" as const,
    }));
    yield new ChatGenerationChunk({
      text: "",
      message: new AIMessageChunk({ id, content: "", tool_call_chunks }),
    });
  }
}

function until({ signal }: { readonly signal?: AbortSignal }): { readonly signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}
