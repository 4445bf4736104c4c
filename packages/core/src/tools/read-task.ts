import { fence } from "../render/fence.ts";
import { renderOutput } from "../render/render-output.ts";
import { renderTaskHeader } from "../render/task.ts";
import { consume, unknownTask } from "../task/handle.ts";
import { isTerminal } from "../task/status.ts";
import { makeTool, type ToolPort, taskIdSchema } from "./make-tool.ts";
import { settledAnswer } from "./settled-answer.ts";
import { taskText } from "./task-text.ts";
import type { Tool } from "./tool.ts";

const pageBytes = 16_384;

export function readTask(port: ToolPort): Tool {
  const { engine, session } = port;
  return makeTool<{ task_id: string; after?: number }>(port, {
    name: "read_task",
    description:
      "Shows a task: status, result or error, and the end of its output; with `after`, the output from that byte on.",
    inputSchema: {
      type: "object",
      properties: {
        task_id: taskIdSchema,
        after: { type: "integer", minimum: 0, description: "Byte to read the output from." },
      },
      required: ["task_id"],
      additionalProperties: false,
    },
    async answer({ task_id: id, after }) {
      const task = await session.get(id);
      const record = await engine.store.task(id);
      if (record === undefined) throw unknownTask(id);
      const settled = isTerminal(record.status);
      if (after !== undefined) {
        const chunk = await task.output({ after, maxBytes: pageBytes, wholeLines: true });
        const { now, redact } = { now: engine.clock.now(), redact: engine.options.redact };
        const rendered = renderOutput(chunk.text, { maxChars: pageBytes, redact });
        const more = chunk.end
          ? "That is the end of the output."
          : `Read on with after: ${chunk.next}.`;
        const lost = chunk.truncated ? " Output past the limit was dropped." : "";
        const page = `${fence(rendered.text, "output")}\n${more}${lost}`;
        if (settled && chunk.end) {
          // The last page comes with the result, so that nothing is left to be told.
          await consume(engine, record);
          const text = `${taskText(port, record, null)}\n${page}`;
          return { text, isError: false, taskId: id, ended: true };
        }
        const text = `${renderTaskHeader(record, { now, redact })}\n${page}`;
        return { text, isError: false, taskId: id };
      }
      if (settled) {
        const answer = await settledAnswer(port, record);
        await consume(engine, record);
        return answer;
      }
      const chunk = await task.output({ tail: true, maxBytes: pageBytes, wholeLines: true });
      return { text: taskText(port, record, chunk.text), isError: false, taskId: id };
    },
  });
}
