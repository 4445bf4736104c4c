import type { TaskContext } from "../task/context.ts";

/** Waits on the task's clock. @throws the signal's reason */
export async function pause(
  delayMs: number,
  { clock, signal }: Pick<TaskContext, "clock" | "signal">,
): Promise<void> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const abort = (): void => reject(signal.reason);
  const stopTimer = clock.timer(resolve, delayMs, true);
  signal.addEventListener("abort", abort, { once: true });
  try {
    await promise;
  } finally {
    stopTimer();
    signal.removeEventListener("abort", abort);
  }
}
