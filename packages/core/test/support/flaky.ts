import type { Change, Store } from "../../src/index.ts";

/** A store whose commits can be made to fail. */
export interface Flaky extends Store {
  /** Fails the next commits that hold a change of the type, with nothing written. */
  failNext(type: Change["type"], times?: number): void;
  /** Fails the next reads of this kind. */
  failRead(method: "task" | "tasks" | "notifications" | "sessions" | "owners" | "open"): void;
}

export function flaky(store: Store): Flaky {
  const failures = new Map<string, number>();
  const due = (what: string): boolean => {
    const left = failures.get(what) ?? 0;
    if (left > 0) failures.set(what, left - 1);
    return left > 0;
  };
  const unless = <Value>(what: string, use: () => Promise<Value>): Promise<Value> =>
    due(what) ? Promise.reject(new Error("The disk is busy.")) : use();
  return {
    ...store,
    open: (options) => unless("open", () => store.open(options)),
    commit: (changes) =>
      changes.some((change) => due(change.type))
        ? Promise.reject(new Error("The disk is busy."))
        : store.commit(changes),
    task: (id) => unless("task", () => store.task(id)),
    tasks: (query) => unless("tasks", () => store.tasks(query)),
    notifications: (query) => unless("notifications", () => store.notifications(query)),
    sessions: (now, session) => unless("sessions", () => store.sessions(now, session)),
    owners: () => unless("owners", () => store.owners()),
    failNext(type, times = 1) {
      failures.set(type, times);
    },
    failRead(method) {
      failures.set(method, 1);
    },
  };
}
