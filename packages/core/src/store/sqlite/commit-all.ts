import type { Change, ForeignChange, Outcome } from "../store.ts";
import { applyChange } from "./apply.ts";
import { type Batch, beginBatch } from "./batch.ts";
import type { Connection } from "./connection.ts";

export interface Committed {
  readonly outcomes: readonly Outcome[];
  /** The sessions that something changed in. */
  readonly touched: ForeignChange;
}

/** The whole batch as one transaction. */
export function commitAll(connection: Connection, changes: readonly Change[]): Committed {
  if (changes.length === 0) return { outcomes: [], touched: new Set() };
  const { statement } = connection;
  // A transaction that begins by reading could not wait for another writer (SQLITE_BUSY_SNAPSHOT).
  statement("BEGIN IMMEDIATE").run();
  try {
    const batch: Batch = beginBatch(connection);
    const outcomes: Outcome[] = [];
    for (const change of changes) outcomes.push(applyChange(batch, change));
    statement("COMMIT").run();
    return { outcomes, touched: batch.touchedAny ? "all" : batch.touched };
  } catch (error) {
    rollback(connection);
    throw error;
  }
}

function rollback({ statement }: Connection): void {
  try {
    statement("ROLLBACK").run();
  } catch {
    // SQLite has rolled back by itself.
  }
}
