import type { Engine } from "../manager/engine.ts";
import type { TaskRecord } from "../store/store.ts";
import { readSettled } from "../task/handle.ts";

/**
 * Reads the end of a task, as `readSettled` does, if it comes within the time; else gives
 * undefined.
 *
 * @throws the signal's reason when that aborts first
 */
export async function settledWithin(
  engine: Engine,
  task: Pick<TaskRecord, "id" | "session">,
  delayMs: number,
  signal: AbortSignal | undefined,
): Promise<TaskRecord | undefined> {
  const patience = new AbortController();
  let timedOut = false;
  const cancel = engine.alarms.after(delayMs, () => {
    timedOut = true;
    patience.abort();
  });
  const abort = (): void => patience.abort(signal?.reason);
  signal?.addEventListener("abort", abort, { once: true });
  // It may have aborted before this was called.
  if (signal?.aborted) abort();
  try {
    return await readSettled(engine, task, patience.signal);
  } catch (error) {
    if (timedOut) return undefined;
    throw error;
  } finally {
    cancel();
    signal?.removeEventListener("abort", abort);
  }
}
