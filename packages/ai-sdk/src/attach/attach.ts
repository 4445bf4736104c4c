import { MeanwhileError, type Session } from "@meanwhile/core";
import { waitForNews } from "@meanwhile/core/adapters";
import type { ModelMessage } from "ai";
import { hasOpenCalls } from "../tell/open-calls.ts";
import type { Telling } from "../tell/telling.ts";
import { toldIn } from "../tell/told.ts";
import { createSteering, onSteeringEnd, type Steering } from "./steering.ts";
import { callsTools, isAnswer, type Step } from "./step.ts";

export interface AttachOptions {
  /**
   * What a call does when the model has finished while tasks are open: `"end"` ends it, `"wait"`
   * waits in it for the next notification and goes on. A step's time limit counts the wait.
   * @default "end"
   */
  readonly idle?: "end" | "wait";
  /** Most milliseconds without news in one wait. @default unlimited */
  readonly maxIdleMs?: number;
  /** Aborts the call, as its `abortSignal`, and the wait. */
  readonly signal?: AbortSignal;
  /**
   * Your callback of this name. What the step was told is acknowledged when it has succeeded, so
   * it is the place to save the conversation.
   */
  readonly onStepEnd?: (step: Step) => unknown;
  /** Your callback of this name. */
  readonly onStart?: (event: CallStart) => unknown;
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

/** What is read of the AI SDK's event at the start of a call. */
export interface CallStart {
  readonly messages: readonly ModelMessage[];
}

/** Options of one call of `generateText`, `streamText` or an agent. */
export interface Attachment {
  readonly experimental_steering: Steering;
  readonly onStart: (event: CallStart) => Promise<void>;
  readonly onStepEnd: (step: Step) => Promise<void>;
  readonly abortSignal?: AbortSignal;
}

/** An attachment whose first message can be given to it before the call. */
export interface Teller {
  readonly attachment: Attachment;
  /**
   * Receives what is owed, to be told in the first step. Else the call itself begins with that.
   * Gives whether there was something, and never waits.
   */
  begin(messages: readonly ModelMessage[]): Promise<boolean>;
  /** Gives back what was told and not answered. The call must have ended. */
  end(): Promise<void>;
  /** Whether the call ended by an error. A stream whose first steps went well does not reject. */
  hasFailed(): boolean;
}

/**
 * Tells the session's notifications to one call, at the boundaries between its steps. What was
 * answered is acknowledged at the end of its step, or left to the caller.
 */
export function attach(
  session: Session,
  telling: Telling,
  options: AttachOptions,
  acknowledge: "each-step" | "caller" = "each-step",
): Teller {
  const { idle = "end", signal, onError = console.error } = options;
  const steering = createSteering();
  const over = new AbortController();
  const until = signal === undefined ? over.signal : AbortSignal.any([signal, over.signal]);
  let begun = false;
  let failed = false;
  let outcome: ReturnType<Steering["steer"]> | undefined;
  telling.know(options.told ?? []);

  let ending: Promise<void> | undefined;
  const end = (): Promise<void> => {
    over.abort();
    signal?.removeEventListener("abort", endSoon);
    ending ??= telling.unanswered();
    return ending;
  };
  const endSoon = (): void => void end().catch(onError);
  onSteeringEnd(steering, (reason) => {
    failed ||= reason === "error";
    endSoon();
  });
  if (signal?.aborted) endSoon();
  else signal?.addEventListener("abort", endSoon, { once: true });

  async function begin(messages: readonly ModelMessage[]): Promise<boolean> {
    if (begun) return false;
    begun = true;
    if (hasOpenCalls(messages)) return false;
    telling.know(toldIn(messages));
    return tell();
  }

  /** Whether there was something to tell. */
  async function tell(): Promise<boolean> {
    if (over.signal.aborted) return false;
    const message = await telling.next();
    if (over.signal.aborted) {
      await telling.unanswered();
      return false;
    }
    if (message === undefined) return false;
    outcome = steering.steer(message);
    return true;
  }

  async function settle(step: Step): Promise<void> {
    // What was told before this step began has its outcome by now, or will never have one.
    const isTold = outcome !== undefined;
    const given = await Promise.race([outcome, Promise.resolve(undefined)]);
    outcome = undefined;
    if (isTold && given?.type !== "delivered") {
      // Telling it again in this call would have no end.
      endSoon();
      onError(given === undefined ? notSteered() : leftOut());
    } else if (isAnswer(step)) {
      await options.onStepEnd?.(step);
      telling.answered();
      if (acknowledge === "each-step") await telling.settle();
      return;
    } else {
      await telling.unanswered();
    }
    await options.onStepEnd?.(step);
  }

  async function waitAndTell(): Promise<void> {
    for (;;) {
      const news = await waitForNews(session, { signal: until, maxIdleMs: options.maxIdleMs });
      // A task that ended just now is off the list a moment before its notification is known here.
      if (news !== "news" && news !== "none-open") return;
      if ((await tell()) || news === "none-open") return;
    }
  }

  const attachment: Attachment = {
    experimental_steering: steering,
    onStart: (event) =>
      guarded(async () => {
        await options.onStart?.(event);
        await begin(event.messages);
      }),
    onStepEnd: (step) =>
      guarded(async () => {
        await settle(step);
        if (!isAnswer(step) || hasOpenCalls(step.response.messages)) return;
        if ((await tell()) || idle === "end" || callsTools(step)) return;
        await waitAndTell();
      }),
    ...(signal === undefined ? {} : { abortSignal: signal }),
  };
  return { attachment, begin, end, hasFailed: () => failed };

  async function guarded(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      await telling.release().catch(onError);
      onError(error);
    }
  }
}

function notSteered(): MeanwhileError {
  return new MeanwhileError(
    "INVALID_OPTION",
    "The call did not take `experimental_steering`, so what it should tell of background tasks stays owed. Spread all options into `generateText`, `streamText` or an agent of an `ai` that has it (7.0.160 or newer), or use `prepareStep()`.",
  );
}

function leftOut(): MeanwhileError {
  return new MeanwhileError(
    "INVALID_OPTION",
    "A `prepareStep` returned messages without the one that tells of background tasks, so they stay owed. Keep the messages in its `experimental_steeringMessages`.",
  );
}
