import {
  type Change,
  type Clock,
  type ForeignChange,
  memoryStore,
  type Outcome,
  type Outcomes,
  type Store,
} from "../../src/index.ts";

/** One store that several managers see as processes see a file: each hears of what others wrote. */
export interface SharedStore {
  /** How one process sees the store. */
  view(): Store;
}

const slowLookMs = 1_000;

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
          if (!changedAnything(changes, outcomes)) return outcomes;
          for (const other of listeners.keys()) {
            if (other === view) continue;
            const tell = (): void => listeners.get(other)?.("all");
            // What is not heard at once is noticed by a slow look, as in a store on disk.
            if (isHeard()) clock.immediate(tell);
            else clock.timer(tell, slowLookMs, false);
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

/** A claim that took nothing is no news: two managers that told each other would never stop. */
function changedAnything(changes: readonly Change[], outcomes: readonly Outcome[]): boolean {
  return changes.some(
    ({ type }, index) =>
      type !== "claim" || (outcomes[index] as Outcomes["claim"]).tasks.length > 0,
  );
}
