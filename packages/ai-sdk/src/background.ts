import type { BackgroundManager, ReceiveOptions, Session } from "@meanwhile/core";
import { type Attachment, type AttachOptions, attach } from "./attach/attach.ts";
import {
  type PrepareStepOptions,
  prepareStep,
  type StepPreparation,
} from "./attach/prepare-step.ts";
import { createTelling, type Telling } from "./tell/telling.ts";
import { createTools } from "./tools/tools.ts";

/** `limit`, `maxChars` and `leaseMs` bound what one message tells; see `ReceiveOptions`. */
export interface BackgroundOptions extends ReceiveOptions {
  /** The id of the chat. */
  readonly session: string;
}

/** Background tasks of one chat, for the AI SDK. */
export interface Background {
  /** The session behind it: to start tasks, to take turns. */
  readonly session: Session;
  /** The session's tools; see `ToolsOptions`. The same on every call, so that prompt caches hold. */
  readonly tools: ReturnType<typeof createTools>;
  /**
   * Options to spread into one call of `generateText`, `streamText`, or `generate` and `stream` of
   * an agent: the notifications that the session is owed enter as messages of the user, at the
   * boundaries between steps, and are acknowledged when the model has answered them. One attachment
   * serves one call.
   * @throws MeanwhileError `INVALID_OPTION` when the AI SDK is too old to have steering
   */
  attach(options?: AttachOptions): Attachment;
  /**
   * The same without anything experimental: options to spread into one call of `generateText` or
   * `streamText`. A notification that comes when the model has finished waits for the next call,
   * and the messages are not in the stream.
   */
  prepareStep(options?: PrepareStepOptions): StepPreparation;
}

/**
 * Background tasks of one chat, for the AI SDK. Holds nothing of its own, so it can be made for
 * each request.
 *
 * @throws MeanwhileError `INVALID_OPTION` for what is no id of a session
 */
export function createBackground(
  manager: BackgroundManager,
  options: BackgroundOptions,
): Background {
  const { session: id, ...receiveOptions } = options;
  const session = manager.session(id);
  const telling = (): Telling => createTelling(session.notifications, receiveOptions);
  return {
    session,
    tools: createTools(session),
    attach: (attachOptions = {}) => attach(session, telling(), attachOptions),
    prepareStep: (stepOptions = {}) => prepareStep(telling(), stepOptions),
  };
}
