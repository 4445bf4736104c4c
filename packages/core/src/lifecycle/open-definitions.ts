import type { Engine } from "../manager/engine.ts";
import type { AnyDefinition } from "../task/definition.ts";

const opened = new WeakMap<Engine, AsyncDisposable[]>();

/** Lets a definition make itself ready. What fails here fails again, and is told, when it is used. */
export function openDefinition(engine: Engine, definition: AnyDefinition): void {
  if (definition.open === undefined) return;
  const { clock, options, events } = engine;
  try {
    const resource = definition.open({ clock, commands: options.commands });
    if (resource === undefined) return;
    const resources = opened.get(engine) ?? [];
    resources.push(resource);
    opened.set(engine, resources);
  } catch (error) {
    events.emit({ type: "listener-error", error });
  }
}

/** Disposes what definitions made; their tasks have ended. */
export async function closeDefinitions(engine: Engine): Promise<void> {
  const resources = opened.get(engine) ?? [];
  opened.delete(engine);
  await Promise.all(
    resources.map(async (resource) => {
      try {
        await resource[Symbol.asyncDispose]();
      } catch (error) {
        engine.events.emit({ type: "listener-error", error });
      }
    }),
  );
}
