import type { Engine } from "../manager/engine.ts";

/** How long settled tasks, their results and their output are kept once they are acknowledged. */
export interface RetentionOptions {
  /** Milliseconds for completed and for cancelled tasks. @default 86400000 (a day) */
  readonly completedMs?: number;
  /** Milliseconds for failed tasks. @default 604800000 (a week) */
  readonly failedMs?: number;
  /** Most settled and acknowledged tasks kept; the oldest go first. @default 10000 */
  readonly tasks?: number;
}

const sweepIntervalMs = 60_000;
// Small, since a commit of the store may hold up the event loop.
const batch = 100;

/**
 * Deletes what is past its time, once a minute. What is not acknowledged stays. Returns what ends
 * that, and resolves when nothing of it goes on.
 */
export function startRetention(engine: Engine): () => Promise<void> {
  const { completedMs, failedMs, tasks: keep } = engine.options.retention;
  let cancel = (): void => {};
  let sweeping: Promise<void> | undefined;

  function schedule(): void {
    const begin = (): void => {
      sweeping = sweep();
    };
    cancel = engine.alarms.after(sweepIntervalMs, begin, false);
  }

  async function sweep(): Promise<void> {
    try {
      for (;;) {
        const now = engine.clock.now();
        const ids = await engine.journal.commit<"purge">({
          type: "purge",
          completedBefore: now - completedMs,
          failedBefore: now - failedMs,
          keep,
          limit: batch,
        });
        await engine.files.remove(ids);
        if (ids.length < batch || engine.closing) break;
      }
    } catch (error) {
      engine.events.emit({ type: "store-error", error });
    }
    if (!engine.closing) schedule();
  }

  schedule();
  return async () => {
    cancel();
    await sweeping;
  };
}
