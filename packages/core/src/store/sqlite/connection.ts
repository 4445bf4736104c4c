import { accessSync, closeSync, constants, mkdirSync, openSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { setJournalMode } from "./journal-mode.ts";
import { migrate } from "./schema.ts";

export interface ConnectionOptions {
  readonly path: string;
  readonly synchronous: "full" | "normal";
  readonly busyTimeoutMs: number;
}

/** An open database with its prepared statements. */
export interface Connection {
  readonly database: DatabaseSync;
  readonly synchronous: "full" | "normal";
  /** Prepares a statement once: preparing costs more than running it. */
  statement(sql: string): StatementSync;
  /**
   * Where tasks are that started here: saves a look when they settle. Only a hint, whoever uses it
   * checks that the row is the task.
   */
  readonly started: Map<string, RowOfTask>;
}

export interface RowOfTask {
  readonly seq: number;
  readonly session: string;
}

/** Opens or creates the database, and leaves nothing open when that fails. */
export async function openConnection(options: ConnectionOptions): Promise<Connection> {
  const path = resolve(options.path);
  createPrivately(path);
  const { DatabaseSync } = await import("node:sqlite");
  const database = new DatabaseSync(path);
  try {
    prepareDatabase(database, options);
  } catch (error) {
    database.close();
    throw error;
  }
  const statements = new Map<string, StatementSync>();
  return {
    database,
    synchronous: options.synchronous,
    started: new Map(),
    statement(sql) {
      let statement = statements.get(sql);
      if (statement === undefined) {
        statement = database.prepare(sql);
        statements.set(sql, statement);
      }
      return statement;
    },
  };
}

/**
 * Others have no business with what tasks say. The file is only ever opened here when it does not
 * exist yet: closing a second descriptor of a database drops the locks of the first (POSIX).
 */
function createPrivately(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  try {
    closeSync(openSync(path, "wx", 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  // SQLite would open what it cannot write, and say so at the first commit.
  for (const needed of [path, dirname(path)]) accessSync(needed, constants.W_OK);
}

function prepareDatabase(database: DatabaseSync, options: ConnectionOptions): void {
  database.exec(`PRAGMA busy_timeout = ${options.busyTimeoutMs}`);
  database.exec(`PRAGMA synchronous = ${options.synchronous}`);
  setJournalMode(database, process.versions["sqlite"] ?? "0");
  migrate(database);
}
