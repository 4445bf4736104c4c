import type { BaseMessage } from "@langchain/core/messages";
import { HumanMessage } from "@langchain/core/messages";
import { type AgentMiddleware, summarizationMiddleware } from "langchain";
import type { ScriptedModel } from "./model.ts";

/** What a user says, as the input of an agent. */
export function say(text: string): { messages: BaseMessage[] } {
  return { messages: [new HumanMessage(text)] };
}

/** LangChain's own compaction; its types do not hold under `exactOptionalPropertyTypes`. */
export function condensing(
  { model }: ScriptedModel,
  { trigger, keep }: { readonly trigger: number; readonly keep: number },
): AgentMiddleware {
  const options = { model, trigger: { messages: trigger }, keep: { messages: keep } };
  return summarizationMiddleware(options as never) as unknown as AgentMiddleware;
}
