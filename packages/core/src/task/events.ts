import type { Engine } from "../manager/engine.ts";
import type { TaskEvent } from "../manager/events.ts";
import type { TaskRecord } from "../store/store.ts";
import { isTerminal } from "./status.ts";

/** How many events a slow reader may be behind before the oldest progress and output are dropped. */
const longestQueue = 1_000;

/**
 * The events of one task, ending with its end, also when that happened before or in another
 * process.
 */
export async function* taskEvents(
  engine: Engine,
  task: Pick<TaskRecord, "id" | "session" | "name">,
  signal?: AbortSignal,
): AsyncGenerator<TaskEvent, void, undefined> {
  let queue: TaskEvent[] = [];
  let wake = (): void => {};
  const stopWaiting = new AbortController();
  const stopListening = engine.events.onTask(task.id, (event) => {
    if (queue.length >= longestQueue) queue = queue.filter(isMilestone);
    queue.push(event);
    wake();
  });
  const abort = (): void => {
    stopWaiting.abort();
    wake();
  };
  signal?.addEventListener("abort", abort, { once: true });
  let failure: { readonly error: unknown } | undefined;
  try {
    await engine.opened();
    engine.waiters.wait(task, { reads: false, signal: stopWaiting.signal }).then(
      ({ status, error }) => {
        if (!isTerminal(status) || queue.some((event) => event.type === "task-end")) return;
        queue.push({
          type: "task-end",
          taskId: task.id,
          session: task.session,
          name: task.name,
          status,
          error,
        });
        wake();
      },
      (error: unknown) => {
        if (!stopWaiting.signal.aborted) failure = { error };
        wake();
      },
    );
    for (;;) {
      if (signal?.aborted) return;
      const event = queue.shift();
      if (event !== undefined) {
        yield event;
        if (event.type === "task-end") return;
      } else if (failure !== undefined) throw failure.error;
      else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  } finally {
    stopListening();
    stopWaiting.abort();
    signal?.removeEventListener("abort", abort);
  }
}

function isMilestone(event: TaskEvent): boolean {
  return event.type !== "task-progress" && event.type !== "task-output";
}
