import type { Session } from "@meanwhile/core";
import {
  createLoopFunctions,
  type LoopFunctions,
  type LoopOptions,
} from "../loop/loop-functions.ts";
import type { ResponsesItem, ResponsesResponse, ResponsesTool } from "./messages.ts";
import { responsesWire } from "./wire.ts";

export type OpenAIResponsesFunctions = LoopFunctions<
  ResponsesItem,
  ResponsesTool,
  ResponsesResponse
>;

/**
 * Background tasks for a hand-written loop over OpenAI's Responses. The messages are the items of
 * the request's `input`.
 *
 * @throws MeanwhileError `INVALID_OPTION` when two tools have one name.
 */
export function openaiResponses(session: Session, options?: LoopOptions): OpenAIResponsesFunctions {
  return createLoopFunctions(session, responsesWire, options);
}
