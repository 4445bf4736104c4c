import { MeanwhileError } from "../errors.ts";
import type { TaskRecord } from "../store/store.ts";

/**
 * Whether the work of a claimed task may begin.
 *
 * @throws MeanwhileError `DEPENDENCY` when a task that it waited for did not complete;
 * `STORE_CORRUPT` when what is stored of it is damaged
 */
export function requireStartable({ facts }: TaskRecord): void {
  const failed = facts?.failedDependency;
  if (failed !== undefined) {
    throw new MeanwhileError(
      "DEPENDENCY",
      `Not started: task ${failed}, which had to complete first, did not.`,
      { details: { taskId: failed } },
    );
  }
  const damaged = facts?.unreadable;
  if (damaged !== undefined) {
    throw new MeanwhileError(
      "STORE_CORRUPT",
      `Not run: what the store holds of this task is damaged (${damaged}). Start it again.`,
      { details: { damaged } },
    );
  }
}
