import { MeanwhileError } from "../errors.ts";
import type { Engine } from "../manager/engine.ts";
import type { Session } from "../manager/session.ts";
import { checkDefinition } from "../task/define.ts";
import type { AnyDefinition } from "../task/definition.ts";
import { requireDuration } from "../task/durations.ts";
import { cancelTask } from "./cancel-task.ts";
import { definitionTool } from "./definition-tool.ts";
import { listTasks } from "./list-tasks.ts";
import { readTask } from "./read-task.ts";
import { sendToTask } from "./send-to-task.ts";
import type { Tool } from "./tool.ts";
import { waitForTask } from "./wait-for-task.ts";
import { watchTask } from "./watch-task.ts";

/** What `session.tools` makes tools of. */
export interface ToolsOptions {
  /** The definitions that the model may start, in this order. @default the manager's `tasks` */
  readonly definitions?: readonly AnyDefinition[];
  /**
   * Milliseconds that a call waits for the result before it answers that the task runs on.
   * @default 0
   */
  readonly graceMs?: number;
}

const constantNames: ReadonlySet<string> = new Set([
  "list_tasks",
  "read_task",
  "wait_for_task",
  "send_to_task",
  "watch_task",
  "cancel_task",
]);

/** The tools of one session: the same names, schemas and order on every call. */
export function createTools(engine: Engine, session: Session, options: ToolsOptions = {}): Tool[] {
  const { definitions = engine.options.tasks, graceMs = 0 } = options;
  requireDuration(graceMs, "graceMs");
  if (!Array.isArray(definitions)) {
    throw new MeanwhileError("INVALID_OPTION", "definitions must be a list of definitions.");
  }
  const port = { engine, session };
  const names = new Set<string>();
  return [
    ...definitions.map((definition: AnyDefinition) => {
      if (engine.definitions.get(definition?.name) !== definition) checkDefinition(definition);
      refuseTaken(definition, names);
      return definitionTool(port, definition, graceMs);
    }),
    listTasks(port),
    readTask(port),
    waitForTask(port),
    sendToTask(port),
    watchTask(port),
    cancelTask(port),
  ];
}

function refuseTaken(definition: AnyDefinition, names: Set<string>): void {
  const name = definition.toolName ?? definition.name;
  if (names.has(name)) {
    throw new MeanwhileError(
      "INVALID_DEFINITION",
      `Two definitions would be the tool ${name}. Give one of them another name or toolName.`,
    );
  }
  names.add(name);
  if (!constantNames.has(name)) return;
  throw new MeanwhileError(
    "INVALID_DEFINITION",
    `A definition cannot be the tool ${name}, which every session has. Give it another name or toolName.`,
  );
}
