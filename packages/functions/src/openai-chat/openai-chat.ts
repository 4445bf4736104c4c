import type { Session } from "@meanwhile/core";
import {
  createLoopFunctions,
  type LoopFunctions,
  type LoopOptions,
} from "../loop/loop-functions.ts";
import type { ChatMessage, ChatResponse, ChatTool } from "./messages.ts";
import { chatWire } from "./wire.ts";

export type OpenAIChatFunctions = LoopFunctions<ChatMessage, ChatTool, ChatResponse>;

/**
 * Background tasks for a hand-written loop over OpenAI's Chat Completions, or a service that
 * speaks the same format.
 *
 * @throws MeanwhileError `INVALID_OPTION` when two tools have one name.
 */
export function openaiChat(session: Session, options?: LoopOptions): OpenAIChatFunctions {
  return createLoopFunctions(session, chatWire, options);
}
