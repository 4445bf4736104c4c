import type { BackgroundManager } from "@meanwhile/core";

/**
 * What there is one of for each manager, in this process: also where several copies of this code are
 * loaded, as by a package that holds one.
 *
 * @param name of the thing; the same in all copies
 */
export function byManager<Value>(
  name: string,
  make: () => Value,
): (manager: BackgroundManager) => Value {
  const key = Symbol.for(`@meanwhile/langgraph:${name}`);
  const global = globalThis as { [key]?: WeakMap<BackgroundManager, Value> };
  return (manager) => {
    global[key] ??= new WeakMap();
    const known = global[key].get(manager);
    if (known !== undefined) return known;
    const made = make();
    global[key].set(manager, made);
    return made;
  };
}
