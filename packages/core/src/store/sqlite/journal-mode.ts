import type { DatabaseSync } from "node:sqlite";
import { MeanwhileError } from "../../errors.ts";

/**
 * Chooses how SQLite keeps a commit whole: by its write-ahead log, or by a rollback journal where
 * this version of SQLite may damage a logged database that several processes write to. That is
 * slower (some three times) but as safe.
 *
 * https://sqlite.org/wal.html#walresetbug
 */
export function setJournalMode(database: DatabaseSync, sqliteVersion: string): void {
  const wanted = mayDamageLog(sqliteVersion) ? "truncate" : "wal";
  if (journalMode(database) === wanted) return;
  try {
    database.exec(`PRAGMA journal_mode = ${wanted}`);
  } catch (error) {
    if (journalMode(database) === wanted) return;
    if (wanted === "wal") throw error;
    throw new MeanwhileError(
      "STORE_UNSUPPORTED",
      `SQLite ${sqliteVersion} may damage a store that a process with a newer SQLite has open. Use a Node with SQLite 3.51.3 or newer, or close the other process.`,
      { cause: error, details: { sqlite: sqliteVersion } },
    );
  }
}

function journalMode(database: DatabaseSync): unknown {
  return database.prepare("PRAGMA journal_mode").get()?.["journal_mode"];
}

/** The fix came with 3.51.3 and was taken back to 3.50.7 and 3.44.6; the bug came with 3.7.0. */
export function mayDamageLog(sqliteVersion: string): boolean {
  const [major = 0, minor = 0, patch = 0] = sqliteVersion.split(".").map(Number);
  if (major !== 3 || minor < 7 || minor > 51) return false;
  if (minor === 51) return patch < 3;
  if (minor === 50) return patch < 7;
  if (minor === 44) return patch < 6;
  return true;
}
