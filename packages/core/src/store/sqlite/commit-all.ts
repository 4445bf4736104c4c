import type { Change, ForeignChange, Outcome } from "../store.ts";
import { applyChange } from "./apply.ts";
import { type Batch, beginBatch } from "./batch.ts";
import type { Connection } from "./connection.ts";

export interface Committed {
  readonly outcomes: readonly Outcome[];
  /** The sessions that something changed in. */
  readonly touched: ForeignChange;
}

/** Runs what waits for the disk; may take its time. */
export type TimeSync = (sync: () => void) => void;

/** The whole batch as one transaction. */
export function commitAll(
  connection: Connection,
  changes: readonly Change[],
  timeSync: TimeSync,
): Committed {
  if (changes.length === 0) return { outcomes: [], touched: new Set() };
  if (connection.synchronous === "normal" || !changes.every(diesWithItsOwner)) {
    return transact(connection, changes, timeSync);
  }
  const { statement } = connection;
  statement("PRAGMA synchronous = normal").run();
  try {
    return transact(connection, changes, (sync) => sync());
  } finally {
    statement("PRAGMA synchronous = full").run();
  }
}

/**
 * Who holds what is of no interest after a loss of power, since no owner survives that; so it need
 * not wait for the disk. The next commit that does takes it along.
 */
function diesWithItsOwner({ type }: Change): boolean {
  return (
    type === "lease" ||
    type === "release" ||
    type === "renew" ||
    type === "begin-turn" ||
    type === "end-turn"
  );
}

function transact(
  connection: Connection,
  changes: readonly Change[],
  timeSync: TimeSync,
): Committed {
  const { statement } = connection;
  // A transaction that begins by reading could not wait for another writer (SQLITE_BUSY_SNAPSHOT).
  statement("BEGIN IMMEDIATE").run();
  try {
    const batch: Batch = beginBatch(connection);
    const outcomes: Outcome[] = [];
    for (const change of changes) outcomes.push(applyChange(batch, change));
    timeSync(() => statement("COMMIT").run());
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
