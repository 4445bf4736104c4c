import { mkdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";

/** The folders of tasks below the manager's directory: one for each task that needs one. */
export interface TaskFiles {
  /** Where a task's folder is, whether it exists or not. */
  path(taskId: string, name?: string): string;
  /** Makes the task's folder, mode 0700, and gives its path. */
  folder(taskId: string): Promise<string>;
  remove(taskIds: readonly string[]): Promise<void>;
  /** Removes every folder that was made here. */
  removeMade(): Promise<void>;
}

/** With `remembers` false, `removeMade` removes nothing, and no id is held for each folder. */
export function createTaskFiles(directory: string, remembers: boolean): TaskFiles {
  const path = (taskId: string, name?: string): string =>
    name === undefined ? join(directory, "tasks", taskId) : join(directory, "tasks", taskId, name);
  const made = new Set<string>();

  async function remove(taskIds: Iterable<string>): Promise<void> {
    for (const taskId of taskIds) {
      await rm(path(taskId), { recursive: true, force: true });
      made.delete(taskId);
    }
  }

  return {
    path,
    async folder(taskId) {
      const folder = path(taskId);
      if (remembers) made.add(taskId);
      // Not asynchronous: a trip to the thread pool costs more than the call.
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      return folder;
    },
    remove,
    removeMade: () => remove([...made]),
  };
}
