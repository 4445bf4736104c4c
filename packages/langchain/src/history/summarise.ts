import type { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { type BaseMessage, getBufferString, trimMessages } from "@langchain/core/messages";
import { initChatModel } from "langchain";
import { modelText } from "../tools/model-text.ts";
import type { TokenCounter } from "./size.ts";

export const defaultSummaryPrompt = `The messages below are the older part of a conversation between a user and an assistant that uses tools. Your text will take their place, and the conversation goes on behind it. Keep what that needs: what the user wants and decided, what was done and found out, names, numbers, ids and paths, and what is still open. Leave out what no longer matters. Answer with that text alone.

<messages>
{messages}
</messages>`;

export interface SummariseOptions {
  readonly model: BaseChatModel | string;
  readonly summaryPrompt: string;
  readonly countTokens: TokenCounter;
  readonly trimTokensToSummarize: number | undefined;
}

/** @throws what the model throws; Error for an empty summary */
export async function summarise(
  messages: readonly BaseMessage[],
  options: SummariseOptions,
  signal: AbortSignal,
): Promise<string> {
  const model =
    typeof options.model === "string" ? await initChatModel(options.model) : options.model;
  const shown = getBufferString(await trimmed(messages, options));
  // A function, since a text may hold what `replace` would take for a pattern.
  const prompt = options.summaryPrompt.replace("{messages}", () => shown);
  const summary = modelText(await model.invoke(prompt, { signal })).trim();
  if (summary === "") throw new Error("The model gave an empty summary.");
  return summary;
}

async function trimmed(
  messages: readonly BaseMessage[],
  { countTokens, trimTokensToSummarize }: SummariseOptions,
): Promise<BaseMessage[]> {
  if (trimTokensToSummarize === undefined) return [...messages];
  return trimMessages([...messages], {
    maxTokens: trimTokensToSummarize,
    tokenCounter: async (some) => countTokens(some),
    strategy: "last",
    allowPartial: true,
    includeSystem: true,
  });
}
