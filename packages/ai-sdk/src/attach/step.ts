import type { ModelMessage } from "ai";

/** What is read of a step of the AI SDK's; each of its `StepResult`s is one. */
export interface Step {
  readonly stepNumber: number;
  readonly finishReason: string;
  readonly text: string;
  readonly content: readonly { readonly type: string }[];
  readonly response: { readonly messages: readonly ModelMessage[] };
}

/** Whether the provider gave an answer, rather than an error in its place. */
export function isAnswer(step: Step): boolean {
  return step.finishReason !== "error";
}

/** Whether the model called a tool, so that it is not done yet. */
export function callsTools(step: Step): boolean {
  return step.content.some(({ type }) => type === "tool-call");
}
