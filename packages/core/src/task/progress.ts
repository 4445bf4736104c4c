import type { Alarms } from "../clock/alarms.ts";
import type { Progress } from "../store/store.ts";

const intervalMs = 250;
const longestMessage = 500;

/** Stores the first report at once and then the latest, four times a second at most. */
export interface ProgressWriter {
  write(progress: Progress): void;
  /** Stores what was not stored yet: the task ends. */
  end(): void;
}

export function createProgressWriter(
  alarms: Alarms,
  store: (progress: Progress) => void,
): ProgressWriter {
  let waiting: Progress | undefined;
  let cancel: (() => void) | undefined;

  function write(progress: Progress): void {
    if (cancel !== undefined) {
      waiting = progress;
      return;
    }
    store(progress);
    cancel = alarms.after(intervalMs, () => {
      cancel = undefined;
      const latest = waiting;
      waiting = undefined;
      if (latest !== undefined) write(latest);
    });
  }

  return {
    write,
    end() {
      cancel?.();
      if (waiting !== undefined) store(waiting);
      waiting = undefined;
    },
  };
}

/** Keeps what makes sense of a report. */
export function cleanProgress(progress: Progress): Progress {
  const completed = finite(progress.completed);
  const total = finite(progress.total);
  const message =
    progress.message === undefined ? undefined : String(progress.message).slice(0, longestMessage);
  return {
    ...(completed === undefined ? {} : { completed }),
    ...(total === undefined ? {} : { total }),
    ...(message === undefined ? {} : { message }),
  };
}

function finite(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}
