import { renderTask } from "../render/task.ts";
import { makeTool, type ToolPort } from "./make-tool.ts";
import type { Tool } from "./tool.ts";

const most = 50;

export function listTasks({ engine, session }: ToolPort): Tool {
  return makeTool<{ all?: boolean }>({
    name: "list_tasks",
    description: "Lists your background tasks: those queued or running, or all.",
    inputSchema: {
      type: "object",
      properties: { all: { type: "boolean", description: "Also ended tasks." } },
      additionalProperties: false,
    },
    async answer({ all = false }) {
      await engine.opened();
      const open = ["queued", "running"] as const;
      const tasks = await engine.store.tasks({
        session: session.id,
        limit: most + 1,
        ...(all ? {} : { status: open }),
      });
      const now = engine.clock.now();
      const { redact } = engine.options;
      const lines = tasks.slice(0, most).map((task) => renderTask(task, { now, redact }));
      if (tasks.length > most) lines.push(`More than ${most} tasks: the oldest ${most} are shown.`);
      if (lines.length === 0) lines.push(all ? "No tasks." : "No task is queued or running.");
      return { text: lines.join("\n"), isError: false };
    },
  });
}
