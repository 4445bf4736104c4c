import type { Engine } from "../manager/engine.ts";
import { closureName } from "../task/define.ts";

/** So many of the oldest waiting tasks are looked at: enough to notice a name that was forgotten. */
const looked = 500;

/**
 * Announces queued tasks that this manager cannot run, once for each name and session: another
 * manager on the store may know the definition; if none does, they wait for ever.
 */
export async function reportMissingDefinitions(engine: Engine): Promise<void> {
  const queued = await engine.store.tasks({ status: ["queued"], limit: looked });
  const told = new Set<string>();
  for (const { name, session } of queued) {
    if (name === closureName || engine.definitions.has(name)) continue;
    const key = JSON.stringify([name, session]);
    if (told.has(key)) continue;
    told.add(key);
    engine.events.emit({ type: "definition-missing", name, session });
  }
}
