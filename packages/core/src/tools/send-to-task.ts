import { makeTool, type ToolPort, taskIdSchema } from "./make-tool.ts";
import type { Tool } from "./tool.ts";

export function sendToTask(port: ToolPort): Tool {
  const { session } = port;
  return makeTool<{ task_id: string; text: string }>(port, {
    name: "send_to_task",
    description: "Sends text to a running task: the stdin of a command (end lines with \\n).",
    inputSchema: {
      type: "object",
      properties: { task_id: taskIdSchema, text: { type: "string" } },
      required: ["task_id", "text"],
      additionalProperties: false,
    },
    async answer({ task_id: id, text }) {
      await (await session.get(id)).send(text);
      return { text: `Sent to task ${id}.`, isError: false, taskId: id };
    },
  });
}
