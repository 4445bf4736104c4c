import type { TaskEntry } from "./state.ts";

/**
 * Tasks by id, spread over many maps: one map of a million entries stops the event loop for some
 * 50 ms whenever it doubles, one of these for less than 3 ms.
 */
export type TaskIndex = readonly Map<string, TaskEntry>[];

const shards = 64;

export function taskIndex(): TaskIndex {
  return Array.from({ length: shards }, () => new Map());
}

export function findTask(index: TaskIndex, id: string): TaskEntry | undefined {
  return shardOf(index, id).get(id);
}

export function addTask(index: TaskIndex, task: TaskEntry): void {
  shardOf(index, task.id).set(task.id, task);
}

export function removeTask(index: TaskIndex, id: string): void {
  shardOf(index, id).delete(id);
}

/** The end of an id varies most, whether it is random or counted. */
function shardOf(index: TaskIndex, id: string): Map<string, TaskEntry> {
  const last = id.length - 1;
  const mixed = (id.charCodeAt(last) * 31) ^ (id.charCodeAt(last - 1) * 7);
  return index[mixed & (shards - 1)] as Map<string, TaskEntry>;
}
