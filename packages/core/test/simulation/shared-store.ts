import { type Clock, type ForeignChange, memoryStore, type Store } from "../../src/index.ts";

/** One store that several managers see as processes see a file: each hears of what others wrote. */
export interface SharedStore {
  /** How one process sees the store. */
  view(): Store;
}

/** `change` can wrap the store that all share, to make it misbehave. */
export function sharedStore(
  change: (store: Store) => Store,
  isHeard: () => boolean,
  clock: Clock,
): SharedStore {
  const store = change(memoryStore());
  const listeners = new Map<Store, (change: ForeignChange) => void>();
  return {
    view() {
      const view: Store = {
        ...store,
        async commit(changes) {
          const outcomes = await store.commit(changes);
          for (const [other, listener] of listeners) {
            if (other !== view && isHeard()) clock.immediate(() => listener("all"));
          }
          return outcomes;
        },
        subscribe(listener) {
          listeners.set(view, listener);
          return () => void listeners.delete(view);
        },
      };
      return view;
    },
  };
}
