import type { Attempt, Stop } from "./attempt.ts";

/** The attempts that this process has under way. */
export interface Attempts {
  readonly size: number;
  get(taskId: string): Attempt | undefined;
  add(attempt: Attempt): void;
  /** The task is settled, given back or let go: it is no longer this process's. */
  concluded(attempt: Attempt): void;
  all(): readonly Attempt[];
  stopAll(stop: (attempt: Attempt) => Stop | undefined): void;
  /** Resolves when no attempt is under way that is not concluded. */
  idle(): Promise<void>;
}

export function createAttempts(): Attempts {
  /** Until concluded: the ones that may still write. */
  const current = new Map<string, Attempt>();
  let idlers: (() => void)[] = [];

  return {
    get size() {
      return current.size;
    },
    get: (taskId) => current.get(taskId),
    add(attempt) {
      current.set(attempt.record.id, attempt);
    },
    concluded(attempt) {
      if (current.get(attempt.record.id) === attempt) current.delete(attempt.record.id);
      if (current.size > 0) return;
      const waiting = idlers;
      idlers = [];
      for (const resolve of waiting) resolve();
    },
    all: () => [...current.values()],
    stopAll(stop) {
      for (const attempt of [...current.values()]) {
        const why = stop(attempt);
        if (why !== undefined) attempt.stop(why);
      }
    },
    idle() {
      if (current.size === 0) return Promise.resolve();
      return new Promise((resolve) => idlers.push(resolve));
    },
  };
}
