import type { Session } from "@meanwhile/core";
import {
  createLoopFunctions,
  type LoopFunctions,
  type LoopOptions,
} from "../loop/loop-functions.ts";
import type { AnthropicMessage, AnthropicResponse, AnthropicTool } from "./messages.ts";
import { anthropicWire } from "./wire.ts";

export type AnthropicFunctions = LoopFunctions<AnthropicMessage, AnthropicTool, AnthropicResponse>;

/**
 * Background tasks for a hand-written loop over Anthropic's Messages.
 *
 * @throws MeanwhileError `INVALID_OPTION` when two tools have one name.
 */
export function anthropic(session: Session, options?: LoopOptions): AnthropicFunctions {
  return createLoopFunctions(session, anthropicWire, options);
}
