import type { Clock } from "../../clock/clock.ts";
import { isExhaustion } from "../../proc/exhaustion.ts";

const firstDelayMs = 50;
const longestDelayMs = 2_000;

/**
 * Does something that may fail because the system is out of descriptors, processes or memory, and
 * then waits and tries again, ever more slowly, until it can be done.
 *
 * Throws the signal's reason when that aborts, and any other error at once.
 */
export async function whenPossible<Value>(
  work: () => Promise<Value>,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<Value> {
  for (let delayMs = firstDelayMs; ; delayMs = Math.min(delayMs * 2, longestDelayMs)) {
    signal.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      if (!isExhaustion(error)) throw error;
    }
    await pause(delayMs, clock, signal);
  }
}

/** Resolves after the delay, or when the signal aborts. */
export function pause(delayMs: number, clock: Clock, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      cancel();
      signal.removeEventListener("abort", end);
      resolve();
    };
    const cancel = clock.timer(end, delayMs, true);
    signal.addEventListener("abort", end);
    if (signal.aborted) end();
  });
}
