import { DatabaseSync } from "node:sqlite";

/**
 * What SQLite itself can do, by hand: in each batch the tasks are stored and set running in one
 * commit, settled with their notifications in a second, and acknowledged in a third. Nothing is
 * checked, rendered or told to anybody.
 */
export function rawGroupCommit(path: string): { run(tasks: number, inBatch: number): void } {
  const database = new DatabaseSync(path);
  database.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    CREATE TABLE tasks (
      number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, session TEXT NOT NULL,
      input TEXT NOT NULL, status TEXT NOT NULL, created INTEGER NOT NULL,
      started INTEGER, settled INTEGER, output TEXT
    ) STRICT;
    CREATE INDEX queued ON tasks (session, number) WHERE status = 'queued';
    CREATE TABLE notifications (
      number INTEGER PRIMARY KEY, task TEXT NOT NULL UNIQUE, session TEXT NOT NULL,
      kind TEXT NOT NULL, created INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX owed ON notifications (session, number);
  `);
  const insert = database.prepare(
    "INSERT INTO tasks (id, session, input, status, created) VALUES (?, ?, ?, 'queued', ?)",
  );
  const run = database.prepare(
    "UPDATE tasks SET status = 'running', started = ? WHERE id = ? AND status = 'queued'",
  );
  const settle = database.prepare(
    "UPDATE tasks SET status = 'completed', settled = ?, output = ? WHERE id = ? AND status = 'running'",
  );
  const owe = database.prepare(
    "INSERT INTO notifications (task, session, kind, created) VALUES (?, ?, 'completed', ?)",
  );
  const acknowledge = database.prepare("DELETE FROM notifications WHERE task = ?");
  let written = 0;

  function commit(ids: readonly string[], write: (id: string) => void): void {
    database.exec("BEGIN IMMEDIATE");
    for (const id of ids) write(id);
    database.exec("COMMIT");
  }

  return {
    run(tasks, inBatch) {
      for (let done = 0; done < tasks; done += inBatch) {
        const ids = Array.from(
          { length: inBatch },
          (_, index) => `t_${String(written + index).padStart(12, "0")}`,
        );
        written += inBatch;
        const now = Date.now();
        commit(ids, (id) => {
          insert.run(id, "bench", '{"number":1}', now);
          run.run(now, id);
        });
        commit(ids, (id) => {
          settle.run(now, "1", id);
          owe.run(id, "bench", now);
        });
        commit(ids, (id) => acknowledge.run(id));
      }
    },
  };
}
