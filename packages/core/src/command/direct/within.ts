import type { Clock } from "../../clock/clock.ts";

/** Whether the promise is fulfilled within so many milliseconds. */
export async function within(
  promise: Promise<unknown>,
  delayMs: number,
  clock: Clock,
): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<false>();
  const cancel = clock.timer(() => resolve(false), delayMs, true);
  try {
    return await Promise.race([promise.then(() => true), late]);
  } finally {
    cancel();
  }
}
