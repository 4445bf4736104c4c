import type { ModelMessage, UserModelMessage } from "ai";
import { hasOpenCalls } from "../tell/open-calls.ts";
import type { Telling } from "../tell/telling.ts";
import { toldIn } from "../tell/told.ts";
import { isAnswer, type Step } from "./step.ts";

export interface PrepareStepOptions {
  /**
   * Your callback of this name. What the step was told is acknowledged when it has succeeded, so
   * it is the place to save the conversation.
   */
  readonly onStepEnd?: (step: Step) => unknown;
  /** Your callback of this name. */
  readonly onStepError?: (event: { readonly error: unknown }) => unknown;
  /** Your callback of this name, of `streamText`. */
  readonly onAbort?: (event: { readonly reason?: unknown }) => unknown;
  /**
   * Called with what fails in between, such as storage: the AI SDK drops errors of callbacks, and
   * the call goes on without the notifications.
   * @default console.error
   */
  readonly onError?: (error: unknown) => void;
  /**
   * Ids of notifications that the messages tell without being marked so.
   * @default none
   */
  readonly told?: Iterable<string>;
}

/** Options of one call of `generateText` or `streamText`. */
export interface StepPreparation {
  readonly prepareStep: (step: {
    readonly messages: ModelMessage[];
  }) => Promise<{ messages: ModelMessage[] } | undefined>;
  readonly onStepEnd: (step: Step) => Promise<void>;
  readonly onStepError: (event: { readonly error: unknown }) => Promise<void>;
  readonly onAbort: (event: { readonly reason?: unknown }) => Promise<void>;
}

/** Which message a step was given by `prepareStep`: the AI SDK's own results do not have it. */
const prepared = new WeakMap<object, UserModelMessage>();

/** The messages that were put in before a step. */
export function toldBefore(step: object): readonly UserModelMessage[] {
  const message = prepared.get(step);
  if (message !== undefined) return [message];
  const { experimental_steeringMessages: steered } = step as {
    readonly experimental_steeringMessages?: readonly UserModelMessage[];
  };
  return steered ?? [];
}

/** Tells the session's notifications before each step, with nothing experimental. */
export function prepareStep(telling: Telling, options: PrepareStepOptions): StepPreparation {
  const { onError = console.error } = options;
  let message: UserModelMessage | undefined;
  telling.know(options.told ?? []);

  return {
    async prepareStep({ messages }) {
      try {
        if (hasOpenCalls(messages)) return undefined;
        telling.know(toldIn(messages));
        message = await telling.next();
        return message === undefined ? undefined : { messages: [...messages, message] };
      } catch (error) {
        onError(error);
        return undefined;
      }
    },
    async onStepEnd(step) {
      if (message !== undefined) prepared.set(step, message);
      message = undefined;
      try {
        await options.onStepEnd?.(step);
        if (isAnswer(step)) telling.answered();
        else await telling.unanswered();
        await telling.settle();
      } catch (error) {
        await telling.release().catch(onError);
        onError(error);
      }
    },
    async onStepError(event) {
      await telling.release().catch(onError);
      await options.onStepError?.(event);
    },
    async onAbort(event) {
      await telling.release().catch(onError);
      await options.onAbort?.(event);
    },
  };
}
