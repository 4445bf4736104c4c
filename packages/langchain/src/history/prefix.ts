import { createHash } from "node:crypto";
import { AIMessage, type BaseMessage, SystemMessage, ToolMessage } from "@langchain/core/messages";
import type { HistorySize, TokenCounter } from "./size.ts";

/** The part of a history that a summary stands for: so many messages behind the system's. */
export interface Prefix {
  /** Index of its first message. */
  readonly start: number;
  /** Index behind its last message. */
  readonly end: number;
  /** Of its messages: a summary fits only what it was made of. */
  readonly digest: string;
}

/**
 * What may be summarised, so that `keep` remains: never a tool call without its answers, and never
 * what the model has not answered yet. Undefined when that is less than two messages.
 */
export async function choosePrefix(
  messages: readonly BaseMessage[],
  keep: HistorySize,
  countTokens: TokenCounter,
): Promise<Prefix | undefined> {
  const start = messages.findIndex((message) => !SystemMessage.isInstance(message));
  if (start === -1) return undefined;
  const wanted = Math.min(
    await firstKept(messages, keep, countTokens),
    messages.findLastIndex((message) => AIMessage.isInstance(message)),
  );
  const end = wholeUpTo(messages, wanted);
  return end - start < 2 ? undefined : { start, end, digest: digestOf(messages.slice(start, end)) };
}

/** Whether the history still begins with the messages that the summary was made of. */
export function holds(messages: readonly BaseMessage[], { start, end, digest }: Prefix): boolean {
  return messages.length >= end && digestOf(messages.slice(start, end)) === digest;
}

async function firstKept(
  messages: readonly BaseMessage[],
  keep: HistorySize,
  countTokens: TokenCounter,
): Promise<number> {
  const byMessages = keep.messages === undefined ? 0 : messages.length - keep.messages;
  if (keep.tokens === undefined) return byMessages;
  // The tail grows with each message before it, so the place can be found by halving.
  let low = 0;
  let high = messages.length;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ((await countTokens(messages.slice(middle))) <= keep.tokens) high = middle;
    else low = middle + 1;
  }
  return keep.messages === undefined ? low : Math.min(low, byMessages);
}

/** The last place, at `wanted` or before, between which and the beginning no call is open. */
function wholeUpTo(messages: readonly BaseMessage[], wanted: number): number {
  const open = new Set<string>();
  let whole = 0;
  for (const [index, message] of messages.entries()) {
    if (index > wanted) break;
    if (open.size === 0 && !ToolMessage.isInstance(message)) whole = index;
    if (AIMessage.isInstance(message)) {
      for (const { id } of message.tool_calls ?? []) if (id !== undefined) open.add(id);
    } else if (ToolMessage.isInstance(message)) open.delete(message.tool_call_id);
  }
  return whole;
}

export function digestOf(messages: readonly BaseMessage[]): string {
  const hash = createHash("sha256");
  for (const message of messages) {
    const calls = AIMessage.isInstance(message) ? message.tool_calls : undefined;
    hash.update(JSON.stringify([message.type, message.id, message.content, calls]));
    hash.update("\n");
  }
  return hash.digest("hex");
}
