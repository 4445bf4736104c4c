import type { DatabaseSync } from "node:sqlite";
import { MeanwhileError } from "../../errors.ts";

/**
 * Each entry brings a database from the version of its index to the next one. Released entries
 * never change.
 *
 * Statuses: 0 queued, 1 running, 2 completed, 3 failed, 4 cancelled. Stages of a queued task:
 * 0 runnable, 1 waits for its time, 2 waits for other tasks. Short columns come first, so that
 * long texts are only read when they are asked for. Every index but those on ids is partial, so
 * that a task costs what its state makes necessary, however many others there are.
 */
const migrations: readonly string[] = [
  `
  CREATE TABLE epochs (owner TEXT PRIMARY KEY, epoch INTEGER NOT NULL) WITHOUT ROWID;

  CREATE TABLE owners (
    fence TEXT PRIMARY KEY,
    owner TEXT NOT NULL UNIQUE,
    epoch INTEGER NOT NULL,
    until INTEGER NOT NULL,
    identity TEXT NOT NULL
  );

  CREATE TABLE turns (session TEXT PRIMARY KEY, fence TEXT NOT NULL) WITHOUT ROWID;

  CREATE TABLE tasks (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    session TEXT NOT NULL,
    name TEXT NOT NULL,
    status INTEGER NOT NULL CHECK (status BETWEEN 0 AND 4),
    stage INTEGER CHECK ((stage IS NULL) = (status > 0)),
    attempt INTEGER NOT NULL,
    priority REAL NOT NULL,
    created_at INTEGER NOT NULL,
    run_at INTEGER NOT NULL,
    started_at INTEGER,
    settled_at INTEGER,
    fence TEXT,
    key TEXT,
    options TEXT,
    title TEXT NOT NULL,
    facts TEXT,
    error TEXT,
    input TEXT,
    output TEXT
  );
  CREATE UNIQUE INDEX tasks_key ON tasks (session, key) WHERE key IS NOT NULL;
  CREATE INDEX tasks_queued ON tasks (session) WHERE status = 0;
  CREATE INDEX tasks_runnable ON tasks (session, priority DESC, seq, name, fence) WHERE stage = 0;
  CREATE INDEX tasks_delayed ON tasks (session, run_at) WHERE stage = 1;
  CREATE INDEX tasks_owned ON tasks (fence, session, status) WHERE fence IS NOT NULL;
  CREATE INDEX tasks_settled ON tasks (session, status) WHERE status >= 2;

  CREATE TABLE dependencies (
    dependency INTEGER NOT NULL,
    dependent INTEGER NOT NULL,
    waiting INTEGER NOT NULL,
    PRIMARY KEY (dependency, dependent)
  ) WITHOUT ROWID;
  CREATE INDEX dependencies_dependent ON dependencies (dependent);

  CREATE TABLE messages (
    task INTEGER NOT NULL,
    position INTEGER NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (task, position)
  ) WITHOUT ROWID;

  CREATE TABLE notifications (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL,
    session TEXT NOT NULL,
    task INTEGER NOT NULL,
    terminal INTEGER NOT NULL,
    kind TEXT NOT NULL,
    status INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    deliveries INTEGER NOT NULL,
    token TEXT,
    fence TEXT,
    until INTEGER,
    error TEXT,
    text TEXT
  );
  CREATE INDEX notifications_id ON notifications (id);
  CREATE INDEX notifications_session ON notifications (session);
  CREATE INDEX notifications_task ON notifications (task);
  CREATE INDEX notifications_failed ON notifications (session) WHERE kind = 'failed';
  CREATE INDEX notifications_leased ON notifications (session) WHERE token IS NOT NULL;

  CREATE TABLE purgeable (
    failed INTEGER NOT NULL,
    settled_at INTEGER NOT NULL,
    task INTEGER NOT NULL,
    PRIMARY KEY (failed, settled_at, task)
  ) WITHOUT ROWID;
  `,
];

/** Brings the database to this version of the schema, in one transaction. */
export function migrate(database: DatabaseSync): void {
  if (versionOf(database) === migrations.length) return;
  database.exec("BEGIN IMMEDIATE");
  try {
    // Read again under the lock: another process may have migrated meanwhile.
    const version = versionOf(database);
    if (version > migrations.length) throw tooNew(version);
    for (const migration of migrations.slice(version)) database.exec(migration);
    database.exec(`PRAGMA user_version = ${migrations.length}`);
    database.exec("COMMIT");
  } catch (error) {
    if (database.isTransaction !== false) rollback(database);
    throw error;
  }
}

function versionOf(database: DatabaseSync): number {
  const row = database.prepare("PRAGMA user_version").get();
  return Number(row?.["user_version"]);
}

function rollback(database: DatabaseSync): void {
  try {
    database.exec("ROLLBACK");
  } catch {
    // SQLite has rolled back by itself.
  }
}

function tooNew(version: number): MeanwhileError {
  return new MeanwhileError(
    "STORE_TOO_NEW",
    `The store has schema version ${version}, this version of @meanwhile/core knows ${migrations.length}. Update @meanwhile/core.`,
    { details: { found: version, known: migrations.length } },
  );
}
