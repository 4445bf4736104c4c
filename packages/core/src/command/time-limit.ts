import { MeanwhileError } from "../errors.ts";
import type { TaskContext } from "../task/context.ts";
import type { CommandCheckpoint } from "./checkpoint.ts";

/**
 * The signal that ends a command: the task's, the time that its policy allows, counted from its
 * start also under an earlier manager, or a failure to feed its stdin.
 */
export function commandSignal(
  { signal, clock }: TaskContext,
  { timeMs, startedAt }: CommandCheckpoint,
  failed: Promise<never> | undefined,
): { readonly signal: AbortSignal; readonly dispose: () => void } {
  if (timeMs === undefined && failed === undefined) return { signal, dispose: () => {} };
  const own = new AbortController();
  failed?.catch((error: unknown) => own.abort(error));
  let cancel = (): void => {};
  function look(limitMs: number): void {
    const leftMs = startedAt + limitMs - clock.now();
    if (leftMs > 0) {
      cancel = clock.timer(() => look(limitMs), Math.min(leftMs, longestTimerMs), true);
      return;
    }
    const details = { timeoutMs: limitMs };
    const why = `The command did not end within ${limitMs} ms.`;
    own.abort(new MeanwhileError("TIMEOUT", why, { details }));
  }
  if (timeMs !== undefined) look(timeMs);
  return { signal: AbortSignal.any([signal, own.signal]), dispose: () => cancel() };
}

const longestTimerMs = 2 ** 31 - 1;
