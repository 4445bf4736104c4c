import { applyChange } from "./memory/apply.ts";
import { listNotifications, listTasks, summarise } from "./memory/read.ts";
import { taskRecord } from "./memory/records.ts";
import { memoryState } from "./memory/state.ts";
import { findTask } from "./memory/task-index.ts";
import type { Change, Outcome, Store } from "./store.ts";

/**
 * Keeps everything in this process: nothing survives its end. The reference of the contract.
 *
 * Every operation costs the same however many tasks and sessions there are. A queued task takes
 * about 230 bytes beside its strings. `close` forgets nothing, so another manager of this process
 * may go on with the same store.
 */
export function memoryStore(): Store {
  const state = memoryState();
  return {
    open: () => Promise.resolve(),
    commit: (changes) => settled(() => applyAll(changes)),
    task: (id) =>
      settled(() => {
        const task = findTask(state.tasks, id);
        return task === undefined ? undefined : taskRecord(task);
      }),
    tasks: (query) => settled(() => listTasks(state, query)),
    notifications: (query) => settled(() => listNotifications(state, query)),
    messages: (taskId, after) =>
      settled(() => findTask(state.tasks, taskId)?.links?.messages.slice(after) ?? []),
    sessions: (now, session) => settled(() => summarise(state, now, session)),
    owners: () => settled(() => [...state.owners.values()]),
    // No other process can reach this store.
    subscribe: () => () => {},
    close: () => Promise.resolve(),
  };

  function applyAll(changes: readonly Change[]): readonly Outcome[] {
    const outcomes: Outcome[] = [];
    for (const change of changes) outcomes.push(applyChange(state, change));
    return outcomes;
  }
}

/** Done before it returns: an async function would say the same, later. */
function settled<Value>(read: () => Value): Promise<Value> {
  try {
    return Promise.resolve(read());
  } catch (error) {
    return Promise.reject(error);
  }
}
