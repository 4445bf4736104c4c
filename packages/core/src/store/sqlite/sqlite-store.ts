import { MeanwhileError } from "../../errors.ts";
import type { Store } from "../store.ts";
import { adaptiveAccess } from "./adaptive-access.ts";
import { directAccess } from "./direct-access.ts";
import { type ForeignChanges, foreignChanges } from "./foreign-changes.ts";
import type { DatabaseAccess } from "./operations.ts";
import { storageError } from "./storage-error.ts";
import { workerAccess } from "./worker-access.ts";

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
   * Milliseconds that a commit waits while another process writes; its thread stands still then.
   * @default 5_000
   */
  readonly busyTimeoutMs?: number;
  /**
   * The thread that waits for the disk: the caller's, one of the store's own, or the caller's until
   * commits turn out to be slow.
   * @default "auto"
   */
  readonly thread?: "auto" | "main" | "worker";
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
  const { path, synchronous = "full", busyTimeoutMs = 5_000, thread = "auto" } = options;
  validate(path, synchronous, busyTimeoutMs, thread);
  let access: DatabaseAccess = notOpen;
  let others: ForeignChanges | undefined;

  return {
    async open({ clock }) {
      const connection = { path, synchronous, busyTimeoutMs };
      try {
        if (thread === "auto") access = await adaptiveAccess(connection, clock);
        else access = await (thread === "main" ? directAccess : workerAccess)(connection);
        others = await foreignChanges(access, path, clock);
      } catch (error) {
        throw storageError(error, path);
      }
    },
    async commit(changes) {
      const { outcomes, touched } = await access.ask("commit", changes);
      if (touched === "all" || touched.size > 0) others?.tell(touched);
      return outcomes;
    },
    task: (id) => access.ask("task", id),
    tasks: (query) => access.ask("tasks", query),
    notifications: (query) => access.ask("notifications", query),
    messages: (taskId, after) => access.ask("messages", taskId, after),
    sessions: (now, session) => access.ask("sessions", now, session),
    owners: () => access.ask("owners"),
    subscribe: (listener) => others?.subscribe(listener) ?? (() => {}),
    async close() {
      const open = access;
      access = notOpen;
      await others?.close();
      others = undefined;
      await open.close();
    },
  };
}

const notOpen: DatabaseAccess = {
  ask: () =>
    Promise.reject(
      new MeanwhileError("CLOSED", "The store is not open. Open it before it is used."),
    ),
  close: () => Promise.resolve(),
};

function validate(
  path: unknown,
  synchronous: unknown,
  busyTimeoutMs: unknown,
  thread: unknown,
): void {
  if (typeof path !== "string" || path === "" || path.includes("\0")) {
    throw invalid("path", "the path of a file", path);
  }
  if (synchronous !== "full" && synchronous !== "normal") {
    throw invalid("synchronous", '"full" or "normal"', synchronous);
  }
  if (thread !== "auto" && thread !== "main" && thread !== "worker") {
    throw invalid("thread", '"auto", "main" or "worker"', thread);
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
