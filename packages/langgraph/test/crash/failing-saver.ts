import type { BaseCheckpointSaver } from "@langchain/langgraph-checkpoint";

/** The calls that a graph makes to its checkpointer in a run. */
const calls = ["getTuple", "put", "putWrites"] as const;

/**
 * The checkpointer, which fails at its so-manieth call and at every later one, as for a process that
 * has died; by `heal` it works again.
 */
export function failingAt(
  saver: BaseCheckpointSaver,
  at: number,
): { readonly failing: BaseCheckpointSaver; readonly count: () => number; heal(): void } {
  let count = 0;
  let isHealed = false;
  const failing = new Proxy(saver, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value !== "function") return value;
      if (!calls.some((name) => name === key)) return value.bind(target);
      return async (...given: unknown[]) => {
        count += 1;
        if (!isHealed && count >= at) throw new Error(`the checkpointer fails at ${String(key)}`);
        return value.apply(target, given);
      };
    },
  });
  return {
    failing,
    count: () => count,
    heal() {
      isHealed = true;
    },
  };
}
