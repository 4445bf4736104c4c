import { MeanwhileError } from "../errors.ts";
import { compilePattern } from "../output/pattern/pattern.ts";
import type { TaskStatus } from "../store/store.ts";
import { isTerminal } from "../task/status.ts";
import { makeTool, type ToolPort, taskIdSchema } from "./make-tool.ts";
import type { Tool } from "./tool.ts";

export function watchTask(port: ToolPort): Tool {
  const { engine, session } = port;
  return makeTool<{ task_id: string; pattern: string }>(port, {
    name: "watch_task",
    description:
      "Notifies you when a line of a running task's output matches a pattern (regular expression), such as an error or a URL of a server that is ready.",
    inputSchema: {
      type: "object",
      properties: {
        task_id: taskIdSchema,
        pattern: { type: "string", minLength: 1, maxLength: 500 },
      },
      required: ["task_id", "pattern"],
      additionalProperties: false,
    },
    async answer({ task_id: id, pattern: source }) {
      const task = await session.get(id);
      const pattern = compilePattern(source);
      const attempt = engine.attempts.get(id);
      if (attempt === undefined) throw notRunning(id, (await task.snapshot()).status);
      await attempt.watches.add(pattern);
      const text = `You will be notified when the output of task ${id} matches, including what it printed so far. Its end is told in any case.`;
      return { text, isError: false, taskId: id };
    },
  });
}

function notRunning(id: string, status: TaskStatus): MeanwhileError {
  if (isTerminal(status)) {
    return new MeanwhileError(
      "TASK_SETTLED",
      `Task ${id} has ended, so nothing more will match. Read its output with read_task.`,
    );
  }
  if (status === "queued") {
    return new MeanwhileError(
      "NOT_RUNNING_HERE",
      `Task ${id} has not started yet. Watch it once it runs; its end is told in any case.`,
    );
  }
  return new MeanwhileError(
    "NOT_RUNNING_HERE",
    `Task ${id} does not run in this process, so its output cannot be watched. Read it with read_task.`,
  );
}
