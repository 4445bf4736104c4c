import { renderWaiting } from "../render/task.ts";
import { waitingFor } from "../store/facts.ts";
import { makeTool, type ToolPort, taskIdSchema } from "./make-tool.ts";
import { settledAnswer } from "./settled-answer.ts";
import { settledWithin } from "./settled-within.ts";
import type { Tool } from "./tool.ts";

const defaultSeconds = 60;
const mostSeconds = 600;

export function waitForTask(port: ToolPort): Tool {
  const { engine, session } = port;
  return makeTool<{ task_id: string; timeout_seconds?: number }>(port, {
    name: "wait_for_task",
    description:
      "Waits until a task ends and gives its result. Only when you can do nothing else meanwhile.",
    inputSchema: {
      type: "object",
      properties: {
        task_id: taskIdSchema,
        timeout_seconds: {
          type: "number",
          minimum: 0,
          maximum: mostSeconds,
          default: defaultSeconds,
        },
      },
      required: ["task_id"],
      additionalProperties: false,
    },
    async answer({ task_id: id, timeout_seconds: seconds = defaultSeconds }, signal) {
      const task = await session.get(id);
      const settled = await settledWithin(engine, task, seconds * 1_000, signal);
      if (settled !== undefined) return settledAnswer(port, settled);
      const record = await engine.store.task(id);
      const waits = record === undefined ? null : waitingFor(record);
      const state = waits === null ? "goes on" : renderWaiting(waits);
      const text = `Task ${id} has not ended after ${seconds} seconds and ${state}. You will be notified when it ends.`;
      return { text, isError: false, taskId: id };
    },
  });
}
