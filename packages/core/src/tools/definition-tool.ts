import { renderLabel } from "../render/label.ts";
import { renderWaiting } from "../render/task.ts";
import { modelSchema } from "../schema/model-schema.ts";
import type { TaskRecord } from "../store/store.ts";
import type { AnyDefinition } from "../task/definition.ts";
import { readSettled, type TaskHandle } from "../task/handle.ts";
import { makeTool, type ToolPort } from "./make-tool.ts";
import { settledAnswer } from "./settled-answer.ts";
import { settledWithin } from "./settled-within.ts";
import type { Tool, ToolAnswer } from "./tool.ts";

/** Starts a task of the definition. Answers that it runs, or with its result if that comes soon. */
export function definitionTool(port: ToolPort, definition: AnyDefinition, graceMs: number): Tool {
  return makeTool<unknown>(port, {
    name: definition.toolName ?? definition.name,
    description: `${definition.description} Runs in the background: you are notified when it ends, so go on and do not poll.`,
    inputSchema: modelSchema(definition),
    // `start` checks the input itself.
    check: null,
    async answer(input, signal, idempotencyKey) {
      const options = idempotencyKey === undefined ? {} : { idempotencyKey };
      const task = await port.session.start(definition, input, options);
      const settled =
        idempotencyKey !== undefined && (await hasEnded(task))
          ? await readSettled(port.engine, task, signal)
          : await resultSoon(port, task, graceMs, signal);
      return settled === undefined ? acknowledgement(port, task) : settledAnswer(port, settled);
    },
  });
}

/** As the task of a call may have that was made before. */
async function hasEnded(task: TaskHandle): Promise<boolean> {
  const { status } = await task.snapshot();
  return status !== "queued" && status !== "running";
}

async function resultSoon(
  { engine }: ToolPort,
  task: TaskHandle,
  graceMs: number,
  signal: AbortSignal | undefined,
): Promise<TaskRecord | undefined> {
  if (graceMs === 0) return undefined;
  try {
    return await settledWithin(engine, task, graceMs, signal);
  } catch (error) {
    // The task was started all the same, and its end will be told.
    if (signal?.aborted) return undefined;
    throw error;
  }
}

function acknowledgement({ engine }: ToolPort, task: TaskHandle): ToolAnswer {
  const attempt = engine.attempts.get(task.id);
  const waits = attempt?.waitsFor;
  const state = attempt === undefined ? "is queued" : waits ? renderWaiting(waits) : "is running";
  return {
    text: `Task ${task.id} (${renderLabel(task.title, { maxChars: 100, redact: engine.options.redact })}) ${state} in the background. You will be notified when it ends.`,
    isError: false,
    taskId: task.id,
  };
}
