import type { CallbackManagerForLLMRun } from "@langchain/core/callbacks/manager";
import { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { AIMessage, type BaseMessage, SystemMessage, ToolMessage } from "@langchain/core/messages";
import type { ChatResult } from "@langchain/core/outputs";

/** One answer of the model's. */
export interface Turn {
  readonly text?: string;
  readonly calls?: readonly { readonly name: string; readonly args?: Record<string, unknown> }[];
  /** The provider refuses the call. */
  readonly fails?: string;
  /** Called, and awaited, before it answers. */
  readonly meanwhile?: (messages: readonly BaseMessage[], signal?: AbortSignal) => unknown;
}

export interface ScriptedModel {
  readonly model: BaseChatModel;
  /** What it was sent, each call as short lines: `human:text`, `ai:text+call(name)`, `tool:…`. */
  readonly prompts: string[][];
  /** The tools that it was offered, call by call. */
  readonly offered: unknown[][];
  /** Adds answers behind those that are left. */
  add(...turns: readonly Turn[]): void;
}

/** A model that gives these answers in this order, and refuses an order that providers refuse. */
export function scripted(...turns: readonly Turn[]): ScriptedModel {
  const script = [...turns];
  const prompts: string[][] = [];
  const offered: unknown[][] = [];
  let calls = 0;

  class Scripted extends BaseChatModel {
    _llmType(): string {
      return "scripted";
    }

    override bindTools(tools: unknown[]): this {
      offered.push(tools);
      return this;
    }

    async _generate(
      messages: BaseMessage[],
      options?: this["ParsedCallOptions"],
      _run?: CallbackManagerForLLMRun,
    ): Promise<ChatResult> {
      checkOrder(messages);
      prompts.push(messages.filter((message) => !SystemMessage.isInstance(message)).map(brief));
      const turn = script.shift();
      if (turn === undefined)
        throw new Error(`The script has no answer to call ${prompts.length}.`);
      await turn.meanwhile?.(messages, options?.signal);
      if (turn.fails !== undefined) throw new Error(turn.fails);
      const message = new AIMessage({
        content: turn.text ?? "",
        tool_calls: (turn.calls ?? []).map(({ name, args = {} }) => ({
          type: "tool_call",
          id: `call-${++calls}`,
          name,
          args,
        })),
      });
      return { generations: [{ text: turn.text ?? "", message }] };
    }
  }

  return {
    model: new Scripted({ maxRetries: 0 }),
    prompts,
    offered,
    add: (...more) => void script.push(...more),
  };
}

/** Every provider wants the answers right behind the calls, and something to answer at the end. */
function checkOrder(messages: readonly BaseMessage[]): void {
  const open = new Set<string>();
  for (const message of messages) {
    if (ToolMessage.isInstance(message)) {
      if (!open.delete(message.tool_call_id)) throw new Error("400: an answer without its call");
      continue;
    }
    if (open.size > 0) throw new Error("400: a tool call without its result");
    if (AIMessage.isInstance(message))
      for (const { id } of message.tool_calls ?? []) open.add(id ?? "");
  }
  const last = messages.at(-1);
  if (open.size > 0 || last === undefined || AIMessage.isInstance(last)) {
    throw new Error(`400: the conversation ends with ${open.size > 0 ? "open calls" : last?.type}`);
  }
}

export function brief(message: BaseMessage): string {
  const calls = AIMessage.isInstance(message) ? (message.tool_calls ?? []) : [];
  const parts = [message.text, ...calls.map(({ name }) => `call(${name})`)].filter(Boolean);
  return `${message.type}:${parts.join("+")}`;
}
