import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";

/** The folders of tasks below the manager's directory: one for each task that needs one. */
export interface TaskFiles {
  /** Where a task's folder is, whether it exists or not. */
  path(taskId: string, name?: string): string;
  /** Makes the task's folder, mode 0700, and gives its path. */
  folder(taskId: string): Promise<string>;
  remove(taskIds: readonly string[]): Promise<void>;
}

export function createTaskFiles(directory: string): TaskFiles {
  const path = (taskId: string, name?: string): string =>
    name === undefined ? join(directory, "tasks", taskId) : join(directory, "tasks", taskId, name);
  return {
    path,
    async folder(taskId) {
      const folder = path(taskId);
      await mkdir(folder, { recursive: true, mode: 0o700 });
      return folder;
    },
    async remove(taskIds) {
      for (const taskId of taskIds) await rm(path(taskId), { recursive: true, force: true });
    },
  };
}
