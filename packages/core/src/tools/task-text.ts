import { fence } from "../render/fence.ts";
import { renderOutput } from "../render/render-output.ts";
import { renderTaskHeader } from "../render/task.ts";
import { renderValue } from "../render/value.ts";
import type { TaskRecord } from "../store/store.ts";
import type { ToolPort } from "./make-tool.ts";

const outputChars = 6_000;
const resultChars = 6_000;
const errorChars = 2_000;

/** A task with its result or error and a piece of its output, each within its budget and fenced. */
export function taskText({ engine }: ToolPort, task: TaskRecord, output: string | null): string {
  const { redact } = engine.options;
  const parts = [renderTaskHeader(task, { now: engine.clock.now(), redact })];
  if (task.output !== null && task.output !== "null") {
    const { text } = renderValue(task.output, { maxChars: resultChars, redact });
    parts.push(fence(text, "result"));
  }
  if (task.error !== null && task.error.message !== "") {
    const { text } = renderOutput(task.error.message, { maxChars: errorChars, redact });
    parts.push(fence(text, "error"));
  }
  if (output !== null && output !== "") {
    const { text } = renderOutput(output, { maxChars: outputChars, redact });
    parts.push(fence(text, "output"));
  }
  return parts.join("\n");
}
