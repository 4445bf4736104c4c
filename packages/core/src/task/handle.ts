import { MeanwhileError } from "../errors.ts";
import type { Engine } from "../manager/engine.ts";
import type { TaskEvent } from "../manager/events.ts";
import { type OutputChunk, type ReadOutputOptions, readOutput } from "../output/reader.ts";
import { cleanOutput } from "../render/render-output.ts";
import { decodeJson } from "../schema/json-value.ts";
import type { TaskRecord } from "../store/store.ts";
import { cancelStored } from "./cancel.ts";
import { requireWhole } from "./durations.ts";
import { taskEvents } from "./events.ts";
import { shown } from "./shown.ts";
import { type TaskSnapshot, toSnapshot } from "./snapshot.ts";
import { isTerminal } from "./status.ts";
import { fromTaskError } from "./task-error.ts";

/** One task, seen from the session that owns it. Holds no state of its own. */
export interface TaskHandle<Output = unknown> {
  /** Unique in the store; shown to the model. */
  readonly id: string;
  /** The session's id. */
  readonly session: string;
  /** The definition's name. */
  readonly name: string;
  /** A line for people and models. */
  readonly title: string;
  /**
   * The task as it is now.
   * @throws MeanwhileError `UNKNOWN_TASK` once retention has deleted it; `CLOSED`
   */
  snapshot(): Promise<TaskSnapshot<Output>>;
  /**
   * Waits for the end and gives the output. Acknowledges the task's notification: whoever read the
   * result is not told again.
   * @throws MeanwhileError with the task's `error.code` when it failed or was cancelled; the
   * signal's reason; `CLOSED` when the manager closes first.
   */
  result(options?: { readonly signal?: AbortSignal }): Promise<Output>;
  /**
   * Ends the task: at once if it is queued, else by aborting its signal. Resolves when it is
   * settled: true if it is cancelled, false if it had ended otherwise. The reason is kept up to 4000
   * characters.
   * @throws MeanwhileError `INVALID_INPUT` for a reason that is no text, `UNKNOWN_TASK`, `CLOSED`
   */
  cancel(reason?: string): Promise<boolean>;
  /**
   * A piece of what the task printed, while it runs and later.
   * @throws MeanwhileError `INVALID_OPTION`, `UNKNOWN_TASK`, `STORE` when the file cannot be read
   */
  output(options?: ReadOutputOptions): Promise<OutputChunk>;
  /**
   * Text for the task: stdin of a command, `context.messages` of a function.
   * @throws MeanwhileError `INVALID_INPUT` for what is no text, `TASK_SETTLED`, `UNKNOWN_TASK`
   */
  send(text: string): Promise<void>;
  /**
   * What happens to the task in this process, from now on; ends with it, or with the signal.
   * @throws MeanwhileError `CLOSED` when the manager closes first
   */
  events(options?: { readonly signal?: AbortSignal }): AsyncIterable<TaskEvent>;
}

export function createHandle<Output>(engine: Engine, task: TaskName): TaskHandle<Output> {
  return new Handle<Output>(engine, task);
}

type TaskName = Pick<TaskRecord, "id" | "session" | "name" | "title">;

/** A class, and not a literal, since a burst of starts makes one for each task. */
class Handle<Output> implements TaskHandle<Output> {
  readonly id: string;
  readonly session: string;
  readonly name: string;
  readonly title: string;
  readonly #engine: Engine;

  constructor(engine: Engine, task: TaskName) {
    this.id = task.id;
    this.session = task.session;
    this.name = task.name;
    this.title = task.title;
    this.#engine = engine;
  }

  async snapshot(): Promise<TaskSnapshot<Output>> {
    return toSnapshot<Output>(await this.#record());
  }

  async result(options: { readonly signal?: AbortSignal } = {}): Promise<Output> {
    await this.#engine.opened();
    const settled = await readSettled(this.#engine, this, options.signal);
    if (settled.status !== "completed") {
      throw fromTaskError(settled.error ?? { code: "ERROR", message: "The task failed." });
    }
    return decodeJson(settled.output ?? "null") as Output;
  }

  async cancel(reason = "Cancelled."): Promise<boolean> {
    if (typeof reason !== "string") {
      throw new MeanwhileError("INVALID_INPUT", "The reason of a cancel must be a text.");
    }
    await this.#engine.opened();
    const state = await cancelStored(this.#engine, this, reason);
    if (state === "unknown") throw unknownTask(this.id);
    if (state === "cancelled") return true;
    const settled = await this.#engine.waiters.wait(this, { reads: false });
    return settled.status === "cancelled";
  }

  async output(options: ReadOutputOptions = {}): Promise<OutputChunk> {
    requireWhole(options.after, "after");
    requireWhole(options.maxBytes, "maxBytes", "INVALID_OPTION", 1);
    const engine = this.#engine;
    await engine.attempts.get(this.id)?.output.flush();
    const { status, facts } = await this.#record();
    const path = engine.files.path(this.id, facts?.outputFile ?? "output");
    const chunk = await readOutput(path, options, {
      settled: isTerminal(status),
      capBytes: facts?.outputBytes ?? engine.options.outputBytes,
    });
    if (options.clean !== true) return chunk;
    return { ...chunk, text: cleanOutput(chunk.text, engine.options.redact).text };
  }

  async send(text: string): Promise<void> {
    if (typeof text !== "string") throw new MeanwhileError("INVALID_INPUT", "send takes a text.");
    await this.#record();
    const { id, session } = this;
    const { journal, attempts } = this.#engine;
    if (!(await journal.commit<"message">({ type: "message", id, session, text }))) {
      throw new MeanwhileError("TASK_SETTLED", `Task ${id} has ended and takes no more messages.`);
    }
    attempts.get(id)?.wakeMessages();
  }

  events(options: { readonly signal?: AbortSignal } = {}): AsyncIterable<TaskEvent> {
    return taskEvents(this.#engine, this, options.signal);
  }

  async #record(): Promise<TaskRecord> {
    await this.#engine.opened();
    const found = await this.#engine.store.task(this.id);
    if (found === undefined || found.session !== this.session) throw unknownTask(this.id);
    return found;
  }
}

/** Waits for the end of a task as a reader of its result, and acknowledges its notification. */
export async function readSettled(
  engine: Engine,
  task: Pick<TaskRecord, "id" | "session">,
  signal?: AbortSignal,
): Promise<TaskRecord> {
  const settled = await engine.waiters.wait(task, { reads: true, signal });
  await consume(engine, settled);
  return settled;
}

/**
 * The task's result was read: its notification is not owed any more. What storage does not take
 * now is tried again later; the reader has its result all the same.
 */
export async function consume(
  engine: Engine,
  task: Pick<TaskRecord, "id" | "session" | "options">,
  tries = 1,
): Promise<void> {
  if (task.options.notify === "never") return;
  const { id: taskId, session } = task;
  try {
    const outcome = await engine.journal.commit<"consume">({ type: "consume", session, taskId });
    if (outcome.acknowledged > 0 && outcome.pending) {
      engine.inboxes.changed(session, -1, outcome.failure ? -1 : 0);
    } else if ((engine.inboxes.peek(session)?.pending ?? 0) > 0) {
      // It may have counted as pending here because its lease had run out.
      engine.mirror.refreshSoon(session);
    }
  } catch (error) {
    engine.events.emit({ type: "store-error", error });
    if (engine.closing) return;
    const again = (): void => void consume(engine, task, tries + 1);
    engine.alarms.after(Math.min(100 * 2 ** tries, 5_000), again);
  }
}

export function unknownTask(id: string): MeanwhileError {
  return new MeanwhileError(
    "UNKNOWN_TASK",
    `This session has no task ${shown(id)}. List its tasks to find the right id.`,
  );
}
