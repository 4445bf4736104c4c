import { MeanwhileError } from "../errors.ts";
import type { NotificationQueue } from "../notifications/delivery.ts";
import { type DescribeOptions, describeSession } from "../notifications/describe.ts";
import { createNotificationQueue } from "../notifications/queue.ts";
import type { TurnContext } from "../notifications/turns.ts";
import type { TaskStatus } from "../store/store.ts";
import { admitClosure, admitTask } from "../task/admission.ts";
import type { TaskContext } from "../task/context.ts";
import type { AnyDefinition, TaskDefinition } from "../task/definition.ts";
import { requireWhole } from "../task/durations.ts";
import { createHandle, type TaskHandle, unknownTask } from "../task/handle.ts";
import { isKeyText } from "../task/key-text.ts";
import { type TaskSnapshot, toSnapshot } from "../task/snapshot.ts";
import type { StartOptions } from "../task/start-options.ts";
import type { Tool } from "../tools/tool.ts";
import { createTools, type ToolsOptions } from "../tools/tools.ts";
import type { Engine } from "./engine.ts";

/** Which tasks `list` gives. */
export interface ListOptions {
  /** Only tasks with one of these. @default all */
  readonly status?: readonly TaskStatus[];
  /** Most tasks in the answer. @default 100 */
  readonly limit?: number;
  /** Only tasks started after the one with this id, for paging. @default from the oldest */
  readonly after?: string;
}

/** One conversation: it owns tasks and is owed notifications. Holds no state of its own. */
export interface Session {
  /** Your chat's or thread's id, as it was given. */
  readonly id: string;
  /** What the session is owed. */
  readonly notifications: NotificationQueue;
  /**
   * Starts a task and resolves once it is durably stored; never waits for the work.
   * @throws MeanwhileError, with nothing stored: `INVALID_INPUT`, `INVALID_OPTION`,
   * `INVALID_DEFINITION`, `COMMAND_REFUSED`, `QUEUE_FULL`, `UNKNOWN_TASK` (in `after`), `CLOSED`
   */
  start<Input, Output, Parsed>(
    definition: TaskDefinition<Input, Output, Parsed>,
    input: Input,
    options?: StartOptions,
  ): Promise<TaskHandle<Output>>;
  /**
   * A closure: works like a task, but ends with this process.
   * @throws MeanwhileError, with nothing stored: `INVALID_OPTION`, `QUEUE_FULL`, `UNKNOWN_TASK` (in
   * `after`), `CLOSED`
   */
  start<Closure extends (context: TaskContext) => unknown>(
    closure: Closure,
    options?: StartOptions,
  ): Promise<TaskHandle<Awaited<ReturnType<Closure>>>>;
  /**
   * Oldest first.
   * @throws MeanwhileError `INVALID_OPTION`; `UNKNOWN_TASK` when `after` is no task of this session,
   * or was deleted by retention
   */
  list(options?: ListOptions): Promise<readonly TaskSnapshot[]>;
  /** @throws MeanwhileError `UNKNOWN_TASK`, also for a task of another session */
  get<Output = unknown>(id: string): Promise<TaskHandle<Output>>;
  /** Like the handle's `cancel`. @throws MeanwhileError `UNKNOWN_TASK` */
  cancel(id: string, reason?: string): Promise<boolean>;
  /**
   * Runs a turn of the agent. Turns of one session never overlap, wakes included, in all processes
   * on the store.
   * @throws MeanwhileError `NESTED_TURN` inside a turn of the same session; `CLOSED`; the signal's
   * reason when it aborts before the turn begins; what `turn` throws
   */
  turn<Result>(
    turn: (context: TurnContext) => Result | Promise<Result>,
    options?: { readonly signal?: AbortSignal },
  ): Promise<Result>;
  /**
   * A short text on live tasks and unread results, to announce them again after the history was
   * condensed. "" when there are none. A last line says when something was left out.
   * @throws MeanwhileError `INVALID_OPTION`, `CLOSED`
   */
  describe(options?: DescribeOptions): Promise<string>;
  /**
   * Tools for a model: one for each definition and six constant ones, in no framework's shape.
   * @throws MeanwhileError `INVALID_DEFINITION` for two tools of one name, or an input that is no
   * object; `INVALID_OPTION`
   */
  tools(options?: ToolsOptions): Tool[];
}

export function createSession(engine: Engine, id: string): Session {
  async function get<Output>(taskId: string): Promise<TaskHandle<Output>> {
    await engine.opened();
    engine.refuseClosed();
    const record = typeof taskId === "string" ? await engine.store.task(taskId) : undefined;
    if (record === undefined || record.session !== id) throw unknownTask(taskId);
    return createHandle<Output>(engine, record);
  }

  function start(
    work: AnyDefinition | ((context: TaskContext) => unknown),
    second?: unknown,
    third?: StartOptions,
  ): Promise<TaskHandle<never>> {
    return typeof work === "function"
      ? admitClosure(engine, id, work, second as StartOptions | undefined)
      : admitTask(engine, id, work, second, third);
  }

  const session: Session = {
    id,
    notifications: createNotificationQueue(engine, id),
    start: start as Session["start"],
    async list(options = {}) {
      requireWhole(options.limit, "limit", "INVALID_OPTION", 1);
      if (options.status !== undefined) checkStatuses(options.status);
      await engine.opened();
      // Else a page after a foreign task would tell that there is such a task.
      if (options.after !== undefined) await get(options.after);
      const records = await engine.store.tasks({
        session: id,
        limit: options.limit ?? 100,
        ...(options.status === undefined ? {} : { status: options.status }),
        ...(options.after === undefined ? {} : { after: options.after }),
      });
      return records.map((record) => toSnapshot(record));
    },
    get,
    cancel: async (taskId, reason) => (await get(taskId)).cancel(reason),
    turn: (turn, options) => engine.turns.run(id, turn, options),
    describe: (options) => describeSession(engine, id, options),
    tools: (options) => createTools(engine, session, options),
  };
  return session;
}

const statuses: readonly unknown[] = ["queued", "running", "completed", "failed", "cancelled"];

function checkStatuses(status: unknown): void {
  if (Array.isArray(status) && status.every((one) => statuses.includes(one))) return;
  throw new MeanwhileError(
    "INVALID_OPTION",
    `status must be a list of any of ${statuses.join(", ")}.`,
  );
}

/** @throws MeanwhileError `INVALID_OPTION` */
export function checkSessionId(id: unknown): asserts id is string {
  if (isKeyText(id, 500)) return;
  throw new MeanwhileError(
    "INVALID_OPTION",
    "A session's id must be a text of 1 to 500 characters, without NUL and half surrogate pairs, such as the id of the chat or thread.",
  );
}
