import { MeanwhileError, type Session } from "@meanwhile/core";
import type { ModelMessage } from "ai";
import { hasOpenCalls } from "../tell/open-calls.ts";
import type { Telling } from "../tell/telling.ts";
import { toldIn } from "../tell/told.ts";
import { createSteering, onSteeringEnd, type Steering } from "./steering.ts";
import { callsTools, isAnswer, type Step } from "./step.ts";
import { waitForNews } from "./wait-for-news.ts";

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

/** Tells the session's notifications to one call, at the boundaries between its steps. */
export function attach(session: Session, telling: Telling, options: AttachOptions): Attachment {
  const { idle = "end", signal, onError = console.error } = options;
  const steering = createSteering();
  const over = new AbortController();
  const until = signal === undefined ? over.signal : AbortSignal.any([signal, over.signal]);
  let outcome: ReturnType<Steering["steer"]> | undefined;
  telling.know(options.told ?? []);

  const end = (): void => {
    if (over.signal.aborted) return;
    over.abort();
    signal?.removeEventListener("abort", end);
    void telling.release().catch(onError);
  };
  onSteeringEnd(steering, end);
  if (signal?.aborted) end();
  else signal?.addEventListener("abort", end, { once: true });

  /** Whether there was something to tell. */
  async function tell(): Promise<boolean> {
    if (over.signal.aborted) return false;
    const message = await telling.next();
    if (over.signal.aborted) {
      await telling.release();
      return false;
    }
    if (message === undefined) return false;
    outcome = steering.steer(message);
    return true;
  }

  async function settle(step: Step): Promise<void> {
    // What was told before this step began has its outcome by now.
    const given = await outcome;
    outcome = undefined;
    if (given?.type === "not-delivered") {
      // Telling it again in this call would have no end.
      end();
      onError(leftOut());
    } else if (isAnswer(step)) {
      await options.onStepEnd?.(step);
      telling.answered();
      await telling.settle();
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

  return {
    experimental_steering: steering,
    async onStart(event) {
      await guarded(async () => {
        await options.onStart?.(event);
        if (hasOpenCalls(event.messages)) return;
        telling.know(toldIn(event.messages));
        await tell();
      });
    },
    async onStepEnd(step) {
      await guarded(async () => {
        await settle(step);
        if (!isAnswer(step) || hasOpenCalls(step.response.messages)) return;
        if ((await tell()) || idle === "end" || callsTools(step)) return;
        await waitAndTell();
      });
    },
    ...(signal === undefined ? {} : { abortSignal: signal }),
  };

  async function guarded(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      await telling.unanswered().catch(onError);
      onError(error);
    }
  }
}

function leftOut(): MeanwhileError {
  return new MeanwhileError(
    "INVALID_OPTION",
    "A `prepareStep` returned messages without the one that tells of background tasks, so they stay owed. Keep the messages in its `experimental_steeringMessages`.",
  );
}
