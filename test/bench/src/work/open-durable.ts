import type { BackgroundManager } from "@meanwhile/core";
import { sqliteStore } from "@meanwhile/core/sqlite";
import { noOp } from "./no-op.ts";
import { openManager } from "./open-manager.ts";

/** A manager that knows `noOp`, on a SQLite store with its default durability, FULL. */
export function openDurable(folder: string, atATime: number): Promise<BackgroundManager> {
  const store = sqliteStore({ path: `${folder}/state.db` });
  return openManager(folder, atATime, { store, tasks: [noOp] });
}
