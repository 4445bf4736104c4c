import type { ModelMessage } from "ai";
import { toldBefore } from "../attach/prepare-step.ts";
import type { Step } from "../attach/step.ts";

/** What is read of a result of `generateText`, `streamText` or an agent, once it is there. */
export interface CallResult {
  readonly steps: readonly Step[];
  readonly responseMessages: readonly ModelMessage[];
}

/**
 * The conversation as the model has it after a call: the messages that the call was given, and what
 * its steps added, with the notifications that they were told. The AI SDK's `responseMessages` are
 * without those.
 */
export function conversation(
  messages: readonly ModelMessage[],
  { steps, responseMessages }: CallResult,
): ModelMessage[] {
  const bySteps = steps.flatMap((step) => step.response.messages);
  // A call may begin with the results of tools that were approved, which belong to no step.
  const first = responseMessages.slice(0, responseMessages.length - bySteps.length);
  const rest = steps.flatMap((step) => [...toldBefore(step), ...step.response.messages]);
  return [...messages, ...first, ...rest];
}
