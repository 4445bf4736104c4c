import { MeanwhileError } from "../errors.ts";
import { aboutTask } from "../manager/about-task.ts";
import type { Progress } from "../store/store.ts";
import type { Attempt } from "./attempt.ts";
import { cleanProgress } from "./progress.ts";

/** Announces how far a task is, and has it stored. After the task's end it is of no interest. */
export function reportProgress(attempt: Attempt, progress: Progress): void {
  if (typeof progress !== "object" || progress === null) {
    throw new MeanwhileError(
      "INVALID_INPUT",
      "report takes an object with completed, total and message, as far as known.",
    );
  }
  if (attempt.concluded) return;
  const { engine, record } = attempt;
  const latest = cleanProgress(progress);
  if (engine.events.wanted("task-progress", record.id)) {
    engine.events.emit({ type: "task-progress", ...aboutTask(record), progress: latest });
  }
  attempt.progress.write(latest);
}
