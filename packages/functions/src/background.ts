import {
  BackgroundManager,
  type CloseOptions,
  type Delivery,
  type ManagerOptions,
  type Session,
  type StartOptions,
  type TaskContext,
  type TaskDefinition,
  type TaskSnapshot,
} from "@meanwhile/core";
import { requireTimer } from "@meanwhile/core/adapters";

export interface BackgroundOptions extends ManagerOptions {
  /** Whose tasks these are: one conversation, in a program that has only one. @default "main" */
  readonly session?: string;
}

export interface WaitOptions {
  /** Most milliseconds to wait, up to 2147483647. @default unlimited */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** Background tasks as plain functions; they can be taken apart and passed on. */
export interface Background extends AsyncDisposable {
  /**
   * Starts a task and gives its id; never waits for the work.
   * @throws MeanwhileError, with nothing started; see `Session.start`
   */
  start<Input, Output, Parsed>(
    definition: TaskDefinition<Input, Output, Parsed>,
    input: Input,
    options?: StartOptions,
  ): Promise<string>;
  /** A function: works like a task, but ends with this process. */
  start(work: (context: TaskContext) => unknown, options?: StartOptions): Promise<string>;
  /** How the task stands. Acknowledges nothing. @throws MeanwhileError `UNKNOWN_TASK` */
  check(id: string): Promise<TaskSnapshot>;
  /**
   * Waits for the end of the task: its `status` tells how it ended, `output` or `error` with what.
   * When the time has passed first, it gives the task as it stands, queued or running. A result
   * that was waited for is not told again.
   * @throws MeanwhileError `UNKNOWN_TASK`, `INVALID_OPTION`, `CLOSED`; the signal's reason
   */
  wait(id: string, options?: WaitOptions): Promise<TaskSnapshot>;
  /**
   * Ends the task: true if it is cancelled now, false if it had ended otherwise.
   * @throws MeanwhileError `UNKNOWN_TASK`
   */
  cancel(id: string, reason?: string): Promise<boolean>;
  /**
   * Gives what is owed as a text for a model, "" if that is nothing, and acknowledges it at once.
   * Where the text may get lost on its way, give a callback.
   */
  drain(): Promise<string>;
  /**
   * Hands what is owed to the callback, acknowledges it when that succeeds and releases it when
   * that throws. Calls nothing and gives undefined when nothing is owed.
   */
  drain<Result>(
    callback: (delivery: Delivery) => Result | Promise<Result>,
  ): Promise<Result | undefined>;
  /** @throws what storing throws */
  close(options?: CloseOptions): Promise<void>;
  /** The session behind the functions, for `openaiChat` and the like. */
  readonly session: Session;
}

/**
 * A manager with one session, as plain functions. Does no I/O until the first call.
 *
 * @throws MeanwhileError `INVALID_OPTION`, `INVALID_DEFINITION`
 */
export function background(options: BackgroundOptions = {}): Background {
  const { session: id = "main", ...managerOptions } = options;
  const manager = new BackgroundManager(managerOptions);
  const session = manager.session(id);
  const start = session.start as (...call: unknown[]) => Promise<{ readonly id: string }>;

  return {
    start: async (...call: unknown[]) => (await start(...call)).id,
    check: async (taskId) => (await session.get(taskId)).snapshot(),
    wait: (taskId, waitOptions) => waitFor(session, taskId, waitOptions),
    cancel: (taskId, reason) => session.cancel(taskId, reason),
    drain: (async (callback?: (delivery: Delivery) => unknown) =>
      callback === undefined
        ? ((await session.notifications.drain(({ text }) => text)) ?? "")
        : session.notifications.drain(callback)) as Background["drain"],
    close: (closeOptions) => manager.close(closeOptions),
    session,
    [Symbol.asyncDispose]: () => manager.close(),
  };
}

async function waitFor(
  session: Session,
  id: string,
  { timeoutMs, signal }: WaitOptions = {},
): Promise<TaskSnapshot> {
  requireTimer("timeoutMs", timeoutMs);
  signal?.throwIfAborted();
  const task = await session.get(id);
  const timeout = timeoutMs === undefined ? [] : [AbortSignal.timeout(Math.ceil(timeoutMs))];
  const until = AbortSignal.any(signal === undefined ? timeout : [...timeout, signal]);
  try {
    await task.result({ signal: until });
  } catch (error) {
    signal?.throwIfAborted();
    const snapshot = await task.snapshot();
    const isOpen = snapshot.status === "queued" || snapshot.status === "running";
    // A failed task is an answer; what kept us from waiting is not.
    if (isOpen && !until.aborted) throw error;
    return snapshot;
  }
  return task.snapshot();
}
