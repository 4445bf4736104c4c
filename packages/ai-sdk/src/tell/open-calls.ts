import type { ModelMessage } from "ai";

/**
 * Whether the conversation has tool calls of the last answer that nobody has answered: calls that
 * wait for an approval or for the client. Nothing may be said behind them. An approval that was
 * given or refused counts as an answer, since the next run begins by carrying it out.
 */
export function hasOpenCalls(messages: readonly ModelMessage[]): boolean {
  const answered = new Set<string>();
  const decided = new Set<string>();
  for (const message of messages.toReversed()) {
    if (message.role === "tool") {
      for (const part of message.content) {
        if (part.type === "tool-result") answered.add(part.toolCallId);
        else if (part.type === "tool-approval-response") decided.add(part.approvalId);
      }
    }
    if (message.role !== "assistant") continue;
    if (typeof message.content === "string") return false;
    for (const part of message.content) {
      if (part.type === "tool-result") answered.add(part.toolCallId);
      else if (part.type === "tool-approval-request" && decided.has(part.approvalId)) {
        answered.add(part.toolCallId);
      }
    }
    return message.content.some(
      (part) =>
        part.type === "tool-call" && !part.providerExecuted && !answered.has(part.toolCallId),
    );
  }
  return false;
}
