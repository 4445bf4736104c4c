import { AIMessage } from "@langchain/core/messages";
import { MeanwhileError } from "@meanwhile/core";
import type { ThreadState } from "../thread/state.ts";

/** The text of the last answer in a thread. @throws MeanwhileError `ERROR` when there is none */
export function lastAnswer({ messages = [] }: ThreadState): string {
  const last = messages.findLast((message) => AIMessage.isInstance(message));
  if (last !== undefined) return last.text;
  throw new MeanwhileError(
    "ERROR",
    "The graph ended without an answer in messages. Say by result what of its state is the result.",
  );
}
