import { MeanwhileError } from "../errors.ts";
import type { Closure, Engine } from "../manager/engine.ts";
import type { AnyDefinition } from "./definition.ts";
import { encodeJson } from "../schema/json-value.ts";
import { parseInput } from "../schema/parse-input.ts";
import type { TaskRecord } from "../store/store.ts";
import { checkDefinition, closureName } from "./define.ts";
import { checkStartOptions, type StartOptions, shortTitle, storedOptions } from "./start-options.ts";

const longestInputBytes = 1024 * 1024;

/** What is to be started: a definition with its input, or a closure. */
export type Request =
  | { readonly definition: AnyDefinition; readonly input: unknown }
  | { readonly closure: Closure };

/**
 * Takes a task in: checks everything that can be checked, then stores it. Resolves with the stored
 * record, or that of the task that has the idempotency key already.
 */
export async function admit(
  engine: Engine,
  session: string,
  request: Request,
  options: StartOptions | undefined,
): Promise<TaskRecord> {
  engine.refuseClosed();
  if (options !== undefined) checkStartOptions(options);
  const definition = "definition" in request ? knownDefinition(engine, request.definition) : undefined;
  const input = "definition" in request ? await admittedInput(engine, session, request) : null;
  if (!engine.isOpen) await engine.opened();
  engine.refuseClosed();

  const stored = storedOptions(definition, options);
  const now = engine.clock.now();
  const delayMs = options?.delayMs ?? 0;
  const mayStartAtOnce = delayMs === 0 && stored.after.length === 0;
  const starts = mayStartAtOnce && engine.dispatcher.reserve(session);
  if (!starts) refuseFull(engine, session);
  const record: TaskRecord = {
    id: engine.id("t_"),
    session,
    name: definition?.name ?? closureName,
    title: titleOf(request, options),
    input,
    options: stored,
    createdAt: now,
    status: starts ? "running" : "queued",
    attempt: starts ? 1 : 0,
    runAt: delayMs === 0 ? now : now + delayMs,
    fence: starts || stored.ephemeral ? engine.ownership.fence : null,
    startedAt: starts ? now : null,
    settledAt: null,
    output: null,
    error: null,
    facts: null,
  };
  if ("closure" in request) engine.closures.set(record.id, request.closure);
  return insert(engine, record);
}

function insert(engine: Engine, record: TaskRecord): Promise<TaskRecord> {
  const { session, id } = record;
  const starts = record.status === "running";
  // Counted before it is stored, so that starts of one turn of the event loop see each other.
  if (!starts) engine.backlog.add(session, 1);
  const undo = (): void => {
    engine.closures.delete(id);
    if (starts) engine.dispatcher.free(session);
    else engine.backlog.add(session, -1);
  };
  return new Promise((resolve, reject) => {
    engine.journal.write<"insert">(
      { type: "insert", task: record },
      (outcome) => {
        if (outcome.inserted) {
          resolve(record);
          return engine.inserted(record);
        }
        undo();
        if ("existing" in outcome) resolve(outcome.existing);
        else if ("unknownTask" in outcome) reject(unknownDependency(outcome.unknownTask));
        else reject(leaseLost(engine));
      },
      (error) => {
        undo();
        reject(error);
      },
    );
  });
}

function knownDefinition(engine: Engine, definition: AnyDefinition): AnyDefinition {
  if (typeof definition !== "object" || definition === null) {
    throw new MeanwhileError(
      "INVALID_DEFINITION",
      "start takes a definition made by defineTask and its input, or a function.",
    );
  }
  const known = engine.definitions.get(definition.name);
  if (known === definition) return definition;
  if (known !== undefined) {
    throw new MeanwhileError(
      "INVALID_DEFINITION",
      `The manager knows another definition named ${JSON.stringify(definition.name)}. Start that one, or rename this one.`,
    );
  }
  checkDefinition(definition);
  engine.definitions.set(definition.name, definition);
  return definition;
}

/** Gives the JSON text to store: that of the input as given, once it is known to be acceptable. */
async function admittedInput(
  engine: Engine,
  session: string,
  { definition, input }: { readonly definition: AnyDefinition; readonly input: unknown },
): Promise<string> {
  let text: string;
  try {
    text = encodeJson(input, { maxBytes: longestInputBytes, what: "the input" });
  } catch (error) {
    if (!MeanwhileError.isInstance(error, "NOT_SERIALIZABLE")) throw error;
    throw new MeanwhileError("INVALID_INPUT", error.message, { cause: error });
  }
  // What is checked is what the task will get: the value as it comes back from storage.
  let parsed: unknown = parseInput(definition.input, JSON.parse(text));
  if (parsed instanceof Promise) parsed = await parsed;
  await definition.admit?.(parsed, { commands: engine.options.commands, session });
  return text;
}

function refuseFull(engine: Engine, session: string): void {
  const { queued, perSession } = engine.options.limits;
  if (engine.backlog.of(session) >= perSession.queued) {
    throw new MeanwhileError(
      "QUEUE_FULL",
      `This session has ${perSession.queued} tasks waiting, as many as limits.perSession.queued allows. Wait until some have ended, or cancel some.`,
      { details: { scope: "session", limit: perSession.queued } },
    );
  }
  if (engine.backlog.total >= queued) {
    throw new MeanwhileError(
      "QUEUE_FULL",
      `${queued} tasks are waiting, as many as limits.queued allows. Wait until some have ended.`,
      { details: { scope: "manager", limit: queued } },
    );
  }
}

function titleOf(request: Request, options: StartOptions | undefined): string {
  if (options?.title !== undefined) return shortTitle(options.title);
  if ("closure" in request) return shortTitle(request.closure.name || closureName);
  const { definition, input } = request;
  return shortTitle(definition.title === undefined ? definition.name : definition.title(input));
}

function unknownDependency(id: string): MeanwhileError {
  return new MeanwhileError(
    "UNKNOWN_TASK",
    `after names ${JSON.stringify(id)}, but this session has no such task. Use ids that start or list gave.`,
  );
}

function leaseLost(engine: Engine): MeanwhileError {
  void engine.ownership.suspect();
  return new MeanwhileError(
    "LEASE_LOST",
    "This manager has just lost its lease, so the task was not stored. Start it again.",
  );
}
