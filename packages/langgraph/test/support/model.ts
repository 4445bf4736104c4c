import {
  AIMessage,
  type BaseMessage,
  HumanMessage,
  isAIMessage,
  isToolMessage,
} from "@langchain/core/messages";
import { type FakeBuiltModel, fakeModel } from "@langchain/core/testing";
import { notificationsIn } from "../../src/thread/told.ts";

/** One answer of the model's. */
export interface Reply {
  readonly text?: string;
  readonly calls?: readonly { readonly name: string; readonly args?: Record<string, unknown> }[];
  /** The provider refuses the call. */
  readonly fails?: string;
}

/**
 * A model that gives these answers in this order and then "ok" for ever, and refuses an order of
 * messages that providers refuse.
 */
export function scripted(...replies: readonly Reply[]): FakeBuiltModel {
  const model = fakeModel();
  const script = [...replies];
  let calls = 0;
  for (let left = 0; left < 200; left += 1) {
    model.respond((messages) => {
      const mistake = mistakeIn(messages);
      if (mistake !== undefined) return new Error(`400: ${mistake}`);
      const reply = script.shift() ?? { text: "ok" };
      if (reply.fails !== undefined) return new Error(reply.fails);
      return new AIMessage({
        content: reply.text ?? "",
        tool_calls: (reply.calls ?? []).map(({ name, args = {} }) => ({
          type: "tool_call",
          id: `call-${++calls}`,
          name,
          args,
        })),
      });
    });
  }
  return model;
}

export function research(...topics: readonly string[]): Reply {
  return { calls: topics.map((topic) => ({ name: "research", args: { topic } })) };
}

export function say(text: string): { messages: BaseMessage[] } {
  return { messages: [new HumanMessage(text)] };
}

/** Every provider wants the answers right behind the calls, and something to answer at the end. */
function mistakeIn(messages: readonly BaseMessage[]): string | undefined {
  const open = new Set<string>();
  for (const message of messages) {
    if (isToolMessage(message)) {
      if (!open.delete(message.tool_call_id)) return "an answer without its call";
      continue;
    }
    if (open.size > 0) return "a tool call without its result";
    if (message.type === "system") return "a system message in the middle";
    if (isAIMessage(message)) for (const { id } of message.tool_calls ?? []) open.add(id ?? "");
  }
  const last = messages.at(-1);
  if (open.size > 0 || last === undefined || isAIMessage(last)) {
    return `the conversation ends with ${open.size > 0 ? "open calls" : last?.type}`;
  }
  return undefined;
}

/** Messages as short lines: `human:…`, `ai:…`, `ai:call(research)`, `tool:…`, `told:tides,moon`. */
export function lines(messages: readonly BaseMessage[]): string[] {
  return messages.map((message) => {
    const text = message.text;
    if (notificationsIn(message).length > 0) {
      return `told:${[...text.matchAll(/all about (\w+)/g)].map(([, topic]) => topic).join(",")}`;
    }
    const calls = isAIMessage(message) ? (message.tool_calls ?? []) : [];
    if (calls.length > 0) return `ai:call(${calls.map(({ name }) => name).join(",")})`;
    return `${message.type}:${message.type === "tool" ? toolText(text) : text}`;
  });
}

function toolText(text: string): string {
  return text.includes("in the background") ? "started" : text;
}

/** How often the lines tell of a topic's result. */
export function tellings(of: readonly string[], topic: string): number {
  return of.filter((line) => line.startsWith("told:") && line.slice(5).split(",").includes(topic))
    .length;
}
