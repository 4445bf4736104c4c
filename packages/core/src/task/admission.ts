import { MeanwhileError } from "../errors.ts";
import { openDefinition } from "../lifecycle/open-definitions.ts";
import type { Closure, Engine } from "../manager/engine.ts";
import { encodeJson } from "../schema/json-value.ts";
import { parseInput } from "../schema/parse-input.ts";
import type { TaskOptions, TaskRecord } from "../store/store.ts";
import { checkDefinition, closureName } from "./define.ts";
import type { AnyDefinition } from "./definition.ts";
import { timeAfter } from "./durations.ts";
import { createHandle, type TaskHandle } from "./handle.ts";
import { Insertion } from "./insertion.ts";
import { shown } from "./shown.ts";
import {
  checkStartOptions,
  type StartOptions,
  shortTitle,
  storedOptions,
} from "./start-options.ts";
import { toTaskError } from "./task-error.ts";

const longestInputBytes = 1024 * 1024;

/**
 * Takes a task in: checks everything that can be checked, then stores it. Resolves with a handle on
 * the stored task, or on the one that has the idempotency key already.
 */
export async function admitTask(
  engine: Engine,
  session: string,
  definition: AnyDefinition,
  input: unknown,
  options: StartOptions | undefined,
): Promise<TaskHandle<never>> {
  engine.refuseClosed();
  if (options !== undefined) checkStartOptions(options);
  learn(engine, definition);
  const text = inputText(input);
  // What is checked is what the task will get: the value as it comes back from storage.
  let parsed: unknown = parseInput(definition.input, JSON.parse(text));
  if (parsed instanceof Promise) parsed = await parsed;
  const { commands } = engine;
  if (definition.admit !== undefined) {
    try {
      await definition.admit(parsed, { commands, session });
    } catch (error) {
      throw refusal(error);
    }
  }
  if (!engine.isOpen) await engine.opened();
  const title = options?.title ?? definitionTitle(definition, input);
  return store(engine, session, { definition, title, input: text }, options);
}

/** The same for a closure. Not async: that would cost a promise for each task. */
export function admitClosure(
  engine: Engine,
  session: string,
  closure: Closure,
  options: StartOptions | undefined,
): Promise<TaskHandle<never>> {
  try {
    engine.refuseClosed();
    if (options !== undefined) checkStartOptions(options);
    const title = options?.title ?? (closure.name || closureName);
    const task = { closure, title, input: null };
    if (engine.isOpen) return store(engine, session, task, options);
    return engine.opened().then(() => store(engine, session, task, options));
  } catch (error) {
    return Promise.reject(error);
  }
}

function store(
  engine: Engine,
  session: string,
  task: {
    readonly definition?: AnyDefinition;
    readonly closure?: Closure;
    readonly title: string;
    readonly input: string | null;
  },
  options: StartOptions | undefined,
): Promise<TaskHandle<never>> {
  engine.refuseClosed();
  const stored = storedOptions(task.definition, options);
  const delayMs = options?.delayMs ?? 0;
  const mayStartAtOnce = delayMs === 0 && stored.after.length === 0;
  const starts =
    mayStartAtOnce && !tooManyWait(engine, session) && engine.dispatcher.reserve(session);
  const full = starts ? undefined : whyFull(engine, session);
  if (full !== undefined) return storedBefore(engine, session, stored, full);
  const now = engine.clock.now();
  const record: TaskRecord = {
    id: engine.id("t_"),
    session,
    name: task.definition?.name ?? closureName,
    title: shortTitle(task.title),
    input: task.input,
    options: stored,
    createdAt: now,
    status: starts ? "running" : "queued",
    attempt: starts ? 1 : 0,
    runAt: timeAfter(now, delayMs),
    fence: starts || stored.ephemeral ? engine.ownership.fence : null,
    startedAt: starts ? now : null,
    settledAt: null,
    output: null,
    error: null,
    facts: null,
  };
  if (task.closure !== undefined) engine.closures.set(record.id, task.closure);
  return new Promise((resolve, reject) => {
    engine.journal.add(new Insertion(engine, record, resolve, reject));
  });
}

/** A definition that is started is known from then on, as if it had been named in `tasks`. */
function learn(engine: Engine, definition: AnyDefinition): void {
  if (typeof definition !== "object" || definition === null) {
    throw new MeanwhileError(
      "INVALID_DEFINITION",
      "start takes a definition made by defineTask and its input, or a function.",
    );
  }
  const known = engine.definitions.get(definition.name);
  if (known === definition) return;
  if (known !== undefined) {
    throw new MeanwhileError(
      "INVALID_DEFINITION",
      `The manager knows another definition named ${JSON.stringify(definition.name)}. Start that one, or rename this one.`,
    );
  }
  checkDefinition(definition);
  engine.definitions.set(definition.name, definition);
  // Tasks of this name may have been waiting for it.
  if (!engine.isOpen) return;
  openDefinition(engine, definition);
  engine.mirror.refreshAllSoon();
}

/** What `admit` threw, as the refusal that it stands for. */
function refusal(error: unknown): MeanwhileError {
  if (MeanwhileError.isInstance(error)) return error;
  const { message } = toTaskError(error);
  return new MeanwhileError("INVALID_INPUT", `The input was refused: ${message}`, { cause: error });
}

function definitionTitle({ name, title }: AnyDefinition, input: unknown): string {
  if (title === undefined) return name;
  let given: unknown;
  try {
    given = title(input);
  } catch (cause) {
    const { message } = toTaskError(cause);
    throw new MeanwhileError(
      "INVALID_DEFINITION",
      `The title function of the definition "${name}" threw: ${message}`,
      { cause },
    );
  }
  if (typeof given === "string") return given;
  throw new MeanwhileError(
    "INVALID_DEFINITION",
    `The title function of the definition "${name}" must give a text; it gave ${shown(given)}.`,
  );
}

function inputText(input: unknown): string {
  try {
    return encodeJson(input, { maxBytes: longestInputBytes, what: "The input" });
  } catch (error) {
    if (!MeanwhileError.isInstance(error, "NOT_SERIALIZABLE")) throw error;
    throw new MeanwhileError("INVALID_INPUT", error.message, { cause: error });
  }
}

/** A full queue takes nothing new, but a task that it has already is no new one. */
async function storedBefore(
  engine: Engine,
  session: string,
  { idempotencyKey }: TaskOptions,
  full: MeanwhileError,
): Promise<TaskHandle<never>> {
  if (idempotencyKey === null) throw full;
  const [known] = await engine.store.tasks({ session, idempotencyKey, limit: 1 });
  if (known === undefined) throw full;
  return createHandle<never>(engine, known);
}

/** Tasks that started and gave up their slot: others may start, but not without end. */
function tooManyWait({ waiting, options }: Engine, session: string): boolean {
  const { queued, perSession } = options.limits;
  if (waiting.total === 0) return false;
  return waiting.total >= queued || waiting.of(session) >= perSession.queued;
}

function whyFull(engine: Engine, session: string): MeanwhileError | undefined {
  const { backlog, waiting } = engine;
  const { queued, perSession } = engine.options.limits;
  if (backlog.of(session) + waiting.of(session) >= perSession.queued) {
    return new MeanwhileError(
      "QUEUE_FULL",
      `This session has ${perSession.queued} tasks waiting, as many as limits.perSession.queued allows. Wait until some have ended, or cancel some.`,
      { details: { scope: "session", limit: perSession.queued } },
    );
  }
  if (backlog.total + waiting.total >= queued) {
    return new MeanwhileError(
      "QUEUE_FULL",
      `${queued} tasks are waiting, as many as limits.queued allows. Wait until some have ended.`,
      { details: { scope: "manager", limit: queued } },
    );
  }
  return undefined;
}
