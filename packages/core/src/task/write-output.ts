import { MeanwhileError } from "../errors.ts";
import { aboutTask } from "../manager/about-task.ts";
import type { Attempt } from "./attempt.ts";

/**
 * Appends to the output of a task that still runs.
 *
 * @throws MeanwhileError `INVALID_INPUT`, `TASK_SETTLED`
 */
export async function writeOutput(attempt: Attempt, chunk: string | Uint8Array): Promise<void> {
  if (typeof chunk !== "string" && !(chunk instanceof Uint8Array)) {
    throw new MeanwhileError(
      "INVALID_INPUT",
      "write takes text or bytes: a string, a Buffer or a Uint8Array.",
    );
  }
  attempt.refuseWhenConcluded("write");
  const { engine, record, output } = attempt;
  const written = output.write(chunk);
  if (engine.events.wanted("task-output", record.id)) {
    engine.events.emit({ type: "task-output", ...aboutTask(record), bytes: output.bytes });
  }
  await written;
}
