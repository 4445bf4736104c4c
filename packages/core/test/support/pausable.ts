import type { Clock, Store } from "../../src/index.ts";

/** What a process sees that is stopped for a while, as by SIGSTOP: nothing, and then all at once. */
export interface Pausable {
  readonly store: Store;
  readonly clock: Clock;
  pause(): void;
  /** Timers that became due meanwhile fire now, unless `renew` is false: then with the next. */
  resume(options?: { readonly renew?: boolean }): Promise<void>;
}

export function pausable(store: Store, clock: Clock): Pausable {
  let resumed: Promise<void> | undefined;
  let resume = (): void => {};
  let missed: (() => void)[] = [];
  const later = async <Value>(use: () => Promise<Value>): Promise<Value> => {
    await resumed;
    return use();
  };
  return {
    store: {
      open: (options) => later(() => store.open(options)),
      commit: (changes) => later(() => store.commit(changes)),
      task: (id) => later(() => store.task(id)),
      tasks: (query) => later(() => store.tasks(query)),
      notifications: (query) => later(() => store.notifications(query)),
      messages: (id, after) => later(() => store.messages(id, after)),
      sessions: (now, session) => later(() => store.sessions(now, session)),
      owners: () => later(() => store.owners()),
      subscribe: (listener) => store.subscribe(listener),
      close: () => store.close(),
    },
    clock: {
      ...clock,
      timer(callback, delayMs, keepAlive) {
        let cancelled = false;
        const cancel = clock.timer(
          () => {
            const ring = (): void => {
              if (!cancelled) callback();
            };
            if (resumed === undefined) ring();
            else missed.push(ring);
          },
          delayMs,
          keepAlive,
        );
        return () => {
          cancelled = true;
          cancel();
        };
      },
    },
    pause() {
      if (resumed !== undefined) return;
      resumed = new Promise((resolve) => {
        resume = resolve;
      });
    },
    async resume({ renew = true } = {}) {
      const due = missed;
      missed = [];
      resumed = undefined;
      resume();
      if (renew) for (const ring of due) ring();
      for (let turn = 0; turn < 20; turn += 1) {
        await new Promise((resolve) => setImmediate(resolve));
      }
      if (!renew) for (const ring of due) ring();
    },
  };
}
