import { MeanwhileError, type Session } from "@meanwhile/core";
import type { ModelMessage } from "ai";
import { attach } from "../attach/attach.ts";
import { isAnswer, type Step } from "../attach/step.ts";
import { endsWithQuestion } from "../tell/ending.ts";
import type { Telling } from "../tell/telling.ts";
import { type CallResult, conversation } from "./conversation.ts";
import type { RunCall } from "./run-options.ts";

/** What one call has added to a conversation. */
export interface TurnEnd<Result> {
  /** The whole conversation: the messages before the call, and those of the steps that ended. */
  readonly messages: ModelMessage[];
  /** What the call gave; undefined when it was aborted or failed. */
  readonly result: Result | undefined;
}

export interface TurnPort<Result extends CallResult> {
  readonly session: Session;
  readonly telling: Telling;
  readonly messages: readonly ModelMessage[];
  readonly signal: AbortSignal;
  /** Whether the model is called even when nothing is owed. */
  readonly isQuestion: boolean;
  readonly call: (call: RunCall) => PromiseLike<Result>;
  readonly turnEnded: (turn: TurnEnd<Result>) => Promise<void>;
}

/** One call of the AI SDK, told of what is owed; no call when there is nothing to say. */
export async function runTurn<Result extends CallResult>(
  port: TurnPort<Result>,
): Promise<TurnEnd<Result> & { called: boolean; reason: "done" | "aborted" | "error" }> {
  const { session, telling, signal, turnEnded } = port;
  const messages = [...port.messages];
  const steps: Step[] = [];
  const errors: unknown[] = [];
  const teller = attach(
    session,
    telling,
    {
      signal,
      onStepEnd: (step) => steps.push(step),
      onError: (error) => errors.push(error),
    },
    "caller",
  );
  try {
    const isTold = await teller.begin(messages);
    if (!isTold && !port.isQuestion) {
      // What the conversation told already has been answered in it, unless it ends with that.
      if (endsWithQuestion(messages)) await telling.unanswered();
      else telling.answered();
      return { messages, result: undefined, called: false, reason: "done" };
    }
    const call = { ...teller.attachment, messages, abortSignal: signal };
    const result = await resultOf(() => port.call(call), errors);
    if (result !== undefined && result.steps.length > 0 && steps.length === 0) {
      errors.push(notGiven());
    }
    const ended = { messages: conversation(messages, answers(result ?? soFar(steps))), result };
    const called = result !== undefined || steps.length > 0;
    if (called) await turnEnded(ended);
    if (signal.aborted) return { ...ended, called, reason: "aborted" };
    if (errors.length > 0) throw errors[0];
    const isDone = !teller.hasFailed() && (result ?? soFar(steps)).steps.every(isAnswer);
    return { ...ended, called, reason: isDone ? "done" : "error" };
  } finally {
    await teller.end();
  }
}

async function resultOf<Result>(
  call: () => PromiseLike<Result>,
  errors: unknown[],
): Promise<Result | undefined> {
  try {
    return await call();
  } catch (error) {
    errors.push(error);
    return undefined;
  }
}

/** The steps of a call that gave no result. */
function soFar(steps: readonly Step[]): CallResult {
  return { steps, responseMessages: steps.flatMap((step) => step.response.messages) };
}

/** An error of the provider's is no part of a conversation, nor is what that step was told. */
function answers({ steps, responseMessages }: CallResult): CallResult {
  const failed = steps.filter((step) => !isAnswer(step));
  const count = failed.flatMap((step) => step.response.messages).length;
  return {
    steps: steps.filter(isAnswer),
    responseMessages: responseMessages.slice(0, responseMessages.length - count),
  };
}

/** Else it would be told the same for ever, and each call is paid. */
function notGiven(): MeanwhileError {
  return new MeanwhileError(
    "INVALID_OPTION",
    "The AI SDK was not given all options of `call`. Spread it behind your own: `(call) => generateText({ model, tools, ...call })`.",
  );
}
