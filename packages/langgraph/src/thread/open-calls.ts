import { AIMessage, type BaseMessage, ToolMessage } from "@langchain/core/messages";

/**
 * Whether the model's last answer has tool calls that nobody has answered. Nothing may be said
 * behind them: every provider wants the answers first.
 */
export function hasOpenCalls(messages: readonly BaseMessage[]): boolean {
  const answered = new Set<string>();
  for (const message of messages.toReversed()) {
    if (ToolMessage.isInstance(message)) answered.add(message.tool_call_id);
    if (!AIMessage.isInstance(message)) continue;
    return (message.tool_calls ?? []).some(({ id }) => id !== undefined && !answered.has(id));
  }
  return false;
}

/** Whether the conversation ends with an answer of the model's: it has nothing to say to it. */
export function isAnswered(messages: readonly BaseMessage[]): boolean {
  const last = messages.at(-1);
  return last !== undefined && AIMessage.isInstance(last) && !hasOpenCalls(messages);
}
