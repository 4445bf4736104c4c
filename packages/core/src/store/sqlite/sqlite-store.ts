import { MeanwhileError } from "../../errors.ts";
import type { Change, ForeignChange, Outcome, Store } from "../store.ts";
import { applyChange } from "./apply.ts";
import { type Batch, beginBatch, readOwners } from "./batch.ts";
import { type Connection, openConnection } from "./connection.ts";
import { type ForeignChanges, foreignChanges } from "./foreign-changes.ts";
import { listMessages, listNotifications, listTasks, readTask, summarise } from "./read.ts";
import { storageError } from "./storage-error.ts";

/** Where a store is kept, and how carefully. */
export interface SqliteStoreOptions {
  /**
   * The file, created with its folder when it is not there; beside it come `-wal`, `-shm` and the
   * folder `.peers`. It must be on a local disk: file locks of network file systems cannot be
   * relied on.
   */
  readonly path: string;
  /**
   * `full` survives the loss of power, `normal` the death of the process: after a loss of power
   * the last commits may be missing. Neither damages the store.
   * @default "full"
   */
  readonly synchronous?: "full" | "normal";
  /**
   * Milliseconds that a commit waits, with the process standing still, while another process
   * writes.
   * @default 5_000
   */
  readonly busyTimeoutMs?: number;
}

/**
 * Keeps everything in one SQLite file, which several processes may use at once. One `commit` is
 * one transaction.
 *
 * Throws `INVALID_OPTION`. Rejects with `STORE_CORRUPT`, `STORE_READ_ONLY`, `STORE_FULL`, `STORE_TOO_NEW` (written by a
 * newer version), `STORE_UNSUPPORTED` (the SQLite of this Node may damage the file) or `STORE`.
 * After a full disk it goes on once there is room. A damaged value takes down nothing but its
 * task, which says so in `facts.unreadable`.
 */
export function sqliteStore(options: SqliteStoreOptions): Store {
  const { path, synchronous = "full", busyTimeoutMs = 5_000 } = options;
  validate(path, synchronous, busyTimeoutMs);
  let connection: Connection | undefined;
  let others: ForeignChanges | undefined;

  return {
    async open({ clock }) {
      try {
        connection = await openConnection({ path, synchronous, busyTimeoutMs });
        others = await foreignChanges(connection, path, clock);
      } catch (error) {
        throw storageError(error, path);
      }
    },
    commit: (changes) =>
      attempt((open) => {
        const { outcomes, touched } = commitAll(open, changes);
        if (touched === "all" || touched.size > 0) others?.tell(touched);
        return outcomes;
      }),
    task: (id) => attempt((open) => readTask(open, id)),
    tasks: (query) => attempt((open) => listTasks(open, query)),
    notifications: (query) => attempt((open) => listNotifications(open, query)),
    messages: (taskId, after) => attempt((open) => listMessages(open, taskId, after)),
    sessions: (now, session) => attempt((open) => summarise(open, now, session)),
    owners: () => attempt(readOwners),
    subscribe: (listener) => others?.subscribe(listener) ?? (() => {}),
    async close() {
      connection?.database.close();
      connection = undefined;
      await others?.close();
      others = undefined;
    },
  };

  /** Done before it returns, so that calls apply in the order in which they are made. */
  function attempt<Value>(use: (open: Connection) => Value): Promise<Value> {
    try {
      if (connection === undefined) {
        throw new MeanwhileError("CLOSED", "The store is not open. Open it before it is used.");
      }
      return Promise.resolve(use(connection));
    } catch (error) {
      return Promise.reject(storageError(error, path));
    }
  }
}

function validate(path: unknown, synchronous: unknown, busyTimeoutMs: unknown): void {
  if (typeof path !== "string" || path === "" || path.includes("\0")) {
    throw invalid("path", "the path of a file", path);
  }
  if (synchronous !== "full" && synchronous !== "normal") {
    throw invalid("synchronous", '"full" or "normal"', synchronous);
  }
  if (!Number.isInteger(busyTimeoutMs) || !isWithin(busyTimeoutMs as number, 0, 2 ** 31 - 1)) {
    throw invalid("busyTimeoutMs", "whole milliseconds from 0 to 2147483647", busyTimeoutMs);
  }
}

function isWithin(value: number, least: number, most: number): boolean {
  return value >= least && value <= most;
}

function invalid(option: string, wanted: string, given: unknown): MeanwhileError {
  return new MeanwhileError(
    "INVALID_OPTION",
    `The option ${option} of sqliteStore must be ${wanted}, not ${JSON.stringify(given)}.`,
    { details: { option } },
  );
}

function commitAll(
  connection: Connection,
  changes: readonly Change[],
): { readonly outcomes: readonly Outcome[]; readonly touched: ForeignChange } {
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
