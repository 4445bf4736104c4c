import type { RunEvent } from "../../src/index.ts";

export interface WatchedRun {
  readonly onEvent: (event: RunEvent<object>) => void;
  readonly events: readonly RunEvent<object>[];
  /** Resolves when the run has done this so many times. */
  reached(type: RunEvent<object>["type"], times?: number): Promise<void>;
}

/** Collects the events of a run, so that a test can await one instead of sleeping. */
export function watchRun(): WatchedRun {
  const events: RunEvent<object>[] = [];
  let looks: (() => void)[] = [];
  const count = (type: string) => events.filter((event) => event.type === type).length;
  return {
    events,
    onEvent(event) {
      events.push(event);
      for (const look of looks) look();
    },
    reached: (type, times = 1) =>
      new Promise((resolve) => {
        const look = () => {
          if (count(type) < times) return;
          looks = looks.filter((other) => other !== look);
          resolve();
        };
        looks.push(look);
        look();
      }),
  };
}
