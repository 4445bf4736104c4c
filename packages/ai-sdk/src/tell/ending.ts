import type { ModelMessage } from "ai";
import { toldIn } from "./told.ts";

/** Whether the conversation ends with something that the model has not answered. */
export function endsWithQuestion(messages: readonly ModelMessage[]): boolean {
  const last = messages.at(-1);
  return last !== undefined && last.role !== "assistant";
}

/** Whether it ends with notifications that the model has not answered: its last call failed. */
export function endsWithNews(messages: readonly ModelMessage[]): boolean {
  return toldIn(messages.slice(-1)).length > 0;
}
