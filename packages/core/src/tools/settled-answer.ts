import { outputTail } from "../output/tail.ts";
import type { TaskRecord } from "../store/store.ts";
import type { ToolPort } from "./make-tool.ts";
import { taskText } from "./task-text.ts";
import type { ToolAnswer } from "./tool.ts";

/** The end of a task, told to the model that asked for it. A failed task is no failed call. */
export async function settledAnswer(port: ToolPort, task: TaskRecord): Promise<ToolAnswer> {
  const output = await outputTail(port.engine, task);
  return { text: taskText(port, task, output), isError: false, taskId: task.id, ended: true };
}
