import type { BackgroundManager, ReceiveOptions, Session, TurnContext } from "@meanwhile/core";
import type { UIMessage } from "ai";
import { type Attachment, type AttachOptions, attach } from "./attach/attach.ts";
import {
  type PrepareStepOptions,
  prepareStep,
  type StepPreparation,
} from "./attach/prepare-step.ts";
import type { ChatRunOptions, ChatStream } from "./chat/chat-options.ts";
import { chatRun } from "./chat/chat-run.ts";
import { type PushOptions, pushTurn } from "./chat/push-turn.ts";
import type { TaskData } from "./chat/task-data.ts";
import { type WakeTurnOptions, wakeTurn } from "./chat/wake-turn.ts";
import { type WatchTasksOptions, watchTasks } from "./chat/watch-tasks.ts";
import type { CallResult } from "./run/conversation.ts";
import type { RunEnd } from "./run/run-turns.ts";
import { type RunOptions, runUntilIdle } from "./run/run-until-idle.ts";
import { endsWithQuestion } from "./tell/ending.ts";
import { createTelling, type Telling } from "./tell/telling.ts";
import { type Backgroundable, createBackgroundable } from "./tools/backgroundable.ts";
import { type CreateTools, createTools } from "./tools/tools.ts";

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
  readonly tools: CreateTools;
  /** Lets the calls of a tool of yours run in the background; see `Backgroundable`. */
  readonly backgroundable: Backgroundable;
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
  /**
   * Calls the model until it has nothing left to do, no task of the session is open, and nothing is
   * owed. Each call is a turn of the session; while it waits, others may take turns.
   * @throws what `generate` and `onTurnEnd` throw: what the conversation does not hold is still
   * owed; MeanwhileError `NESTED_TURN` in a turn of the session, `CLOSED`, `INVALID_OPTION`
   */
  runUntilIdle<Result extends CallResult>(options: RunOptions<Result>): Promise<RunEnd<Result>>;
  /**
   * The same for a chat: until idle as one UI message, with a part `data-task` for each task that
   * changes in place. Resolves with the stream when the turn has begun and the model is called, and
   * with undefined when there was nothing to say. Runs on when the stream's reader leaves.
   * @throws as `runUntilIdle`, before the stream is there; afterwards it is the stream's error
   */
  streamUntilIdle<Message extends UIMessage>(
    options: ChatRunOptions<Message>,
  ): Promise<ChatStream<Message> | undefined>;
  /**
   * Like `streamUntilIdle`, but of one turn only: it waits for no task. For chats that are told by
   * `pushTurn` of what comes later.
   */
  streamTurn<Message extends UIMessage>(
    options: Omit<ChatRunOptions<Message>, "maxTurns" | "maxIdleMs">,
  ): Promise<ChatStream<Message> | undefined>;
  /**
   * Waits until the idle chat is owed something, and answers it in a new message, as `streamTurn`
   * does. Resolves with undefined when nothing came in time. For a request that is kept open; see
   * `listeningTransport`.
   * @throws as `runUntilIdle`, before the stream is there; afterwards it is the stream's error
   */
  pushTurn<Message extends UIMessage>(
    options: PushOptions<Message>,
  ): Promise<ChatStream<Message> | undefined>;
  /**
   * Answers what the chat is owed in a new message, in the turn that a wake is: give it the wake's
   * context. Resolves when the message is saved, or there was nothing to say.
   * @throws what `messages` and `stream` throw: it is still owed, and the wake is tried again
   */
  wakeTurn<Message extends UIMessage>(
    wake: TurnContext,
    options: WakeTurnOptions<Message>,
  ): Promise<void>;
  /**
   * How the chat's tasks stand, each at the beginning and whenever that changes, until the stream
   * is cancelled: for a page on which they move while nobody speaks.
   */
  watchTasks(options?: WatchTasksOptions): ReadableStream<TaskData>;
}

const answer = { isQuestion: endsWithQuestion, fresh: false };

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
    backgroundable: createBackgroundable(session),
    attach: (attachOptions = {}) => attach(session, telling(), attachOptions).attachment,
    prepareStep: (stepOptions = {}) => prepareStep(telling(), stepOptions),
    runUntilIdle: (runOptions) => runUntilIdle(session, receiveOptions, runOptions),
    streamUntilIdle: (chatOptions) =>
      chatRun(manager, session, receiveOptions, { ...chatOptions, ...answer, once: false }).begun,
    streamTurn: (chatOptions) =>
      chatRun(manager, session, receiveOptions, { ...chatOptions, ...answer, once: true }).begun,
    pushTurn: (pushOptions) => pushTurn(manager, session, receiveOptions, pushOptions),
    wakeTurn: (wake, wakeOptions) => wakeTurn(manager, session, receiveOptions, wake, wakeOptions),
    watchTasks: (watchOptions = {}) => watchTasks(manager, session, watchOptions),
  };
}
