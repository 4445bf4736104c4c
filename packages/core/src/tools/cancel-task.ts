import { consume, unknownTask } from "../task/handle.ts";
import { makeTool, type ToolPort, taskIdSchema } from "./make-tool.ts";
import { settledAnswer } from "./settled-answer.ts";
import type { Tool } from "./tool.ts";

export function cancelTask(port: ToolPort): Tool {
  const { engine, session } = port;
  return makeTool<{ task_id: string; reason?: string }>(port, {
    name: "cancel_task",
    description: "Ends a queued or running task.",
    inputSchema: {
      type: "object",
      properties: { task_id: taskIdSchema, reason: { type: "string", maxLength: 500 } },
      required: ["task_id"],
      additionalProperties: false,
    },
    async answer({ task_id: id, reason }) {
      const task = await session.get(id);
      const cancelled = await task.cancel(reason);
      const record = await engine.store.task(id);
      if (record === undefined) throw unknownTask(id);
      // The model learns of the end from this answer, so it is not told again.
      const answer = await settledAnswer(port, record);
      await consume(engine, record);
      if (cancelled) return { ...answer, text: `Cancelled.\n${answer.text}` };
      return { ...answer, text: `It had ended already.\n${answer.text}` };
    },
  });
}
