import type { Change } from "../store.ts";
import { type Heap, popHeap, pushHeap } from "./heap.ts";
import {
  dropEmptySession,
  isOpen,
  type MemoryState,
  settledBefore,
  type TaskEntry,
} from "./state.ts";
import { removeTask } from "./task-index.ts";
import { removeFromOrder } from "./task-order.ts";

type Purge = Extract<Change, { type: "purge" }>;

/** Takes note that the last obstacle to deleting the task may be gone. */
export function notePurgeable(state: MemoryState, task: TaskEntry): void {
  if (task.history === null || !isPurgeable(task)) return;
  state.purgeable += 1;
  if (task.history.isCandidate) return;
  task.history.isCandidate = true;
  pushHeap(candidatesFor(state, task), task);
}

/** Takes note that the task is about to be named in `after` of an open one. */
export function noteNotPurgeable(state: MemoryState, task: TaskEntry): void {
  if (isPurgeable(task)) state.purgeable -= 1;
}

export function purge(state: MemoryState, change: Purge): readonly string[] {
  const deleted: string[] = [];
  while (deleted.length < change.limit) {
    const task = nextToDelete(state, change);
    if (task === undefined) break;
    popHeap(candidatesFor(state, task));
    remove(state, task);
    deleted.push(task.id);
  }
  return deleted;
}

function nextToDelete(state: MemoryState, change: Purge): TaskEntry | undefined {
  const succeeded = oldest(state.succeeded);
  const failed = oldest(state.failed);
  const isDue = (task: TaskEntry | undefined, before: number): task is TaskEntry =>
    task !== undefined && settledAt(task) < before;
  const due = firstSettled(
    isDue(succeeded, change.completedBefore) ? succeeded : undefined,
    isDue(failed, change.failedBefore) ? failed : undefined,
  );
  if (due !== undefined || state.purgeable <= change.keep) return due;
  return firstSettled(succeeded, failed);
}

/** A task that an open one came to name in `after` is dropped here, and noted again later. */
function oldest(candidates: Heap<TaskEntry>): TaskEntry | undefined {
  let task = candidates.items[0];
  while (task !== undefined && !isPurgeable(task)) {
    popHeap(candidates);
    if (task.history !== null) task.history.isCandidate = false;
    task = candidates.items[0];
  }
  return task;
}

function isPurgeable(task: TaskEntry): boolean {
  return !isOpen(task) && task.history?.owed === 0 && (task.links?.pins ?? 0) === 0;
}

function candidatesFor(state: MemoryState, task: TaskEntry): Heap<TaskEntry> {
  return task.status === "failed" ? state.failed : state.succeeded;
}

function firstSettled(
  one: TaskEntry | undefined,
  other: TaskEntry | undefined,
): TaskEntry | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return settledBefore(one, other) ? one : other;
}

function settledAt(task: TaskEntry): number {
  return task.history?.settledAt ?? 0;
}

function remove(state: MemoryState, task: TaskEntry): void {
  const { session } = task;
  state.purgeable -= 1;
  removeTask(state.tasks, task.id);
  removeFromOrder(session.order, task);
  if (task.options.idempotencyKey !== null) session.keys?.delete(task.options.idempotencyKey);
  dropEmptySession(state, session);
}
