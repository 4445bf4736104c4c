import type { Store } from "../../src/index.ts";

/** A store that its manager can be cut off from. */
export interface Crashable extends Store {
  /** From now on nothing is read or written any more: to the others the process is dead. */
  crash(): void;
}

export function crashable(store: Store): Crashable {
  let crashed = false;
  const unless = <Value>(use: () => Promise<Value>): Promise<Value> =>
    crashed ? Promise.reject(new Error("The process is dead.")) : use();
  return {
    open: (options) => unless(() => store.open(options)),
    commit: (changes) => unless(() => store.commit(changes)),
    task: (id) => unless(() => store.task(id)),
    tasks: (query) => unless(() => store.tasks(query)),
    notifications: (query) => unless(() => store.notifications(query)),
    messages: (id, after) => unless(() => store.messages(id, after)),
    sessions: (now, session) => unless(() => store.sessions(now, session)),
    owners: () => unless(() => store.owners()),
    subscribe: (listener) =>
      store.subscribe((change) => {
        if (!crashed) listener(change);
      }),
    close: () => store.close(),
    crash() {
      crashed = true;
    },
  };
}
