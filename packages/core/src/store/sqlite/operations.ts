import type {
  Change,
  NotificationRecord,
  OwnerRecord,
  SessionSummary,
  Store,
  TaskQuery,
  TaskRecord,
} from "../store.ts";
import { readOwners } from "./batch.ts";
import { type Committed, commitAll, type TimeSync } from "./commit-all.ts";
import type { Connection } from "./connection.ts";
import { listMessages, listNotifications, listTasks, readTask, summarise } from "./read.ts";

/** Everything that is asked of the database, by name, so that it can be asked across threads. */
export interface Operations {
  readonly commit: (changes: readonly Change[]) => Committed;
  readonly task: (id: string) => TaskRecord | undefined;
  readonly tasks: (query: TaskQuery) => readonly TaskRecord[];
  readonly notifications: (
    query: NotificationQuery,
  ) => readonly { readonly notification: NotificationRecord; readonly task: TaskRecord }[];
  readonly messages: (taskId: string, after: number) => readonly string[];
  readonly sessions: (now: number, session?: string) => readonly SessionSummary[];
  readonly owners: () => readonly OwnerRecord[];
  /** A number that moves when another connection has committed, and only then. */
  readonly foreignVersion: () => number;
}

export type Operation = keyof Operations;
export type ArgumentsOf<Name extends Operation> = Parameters<Operations[Name]>;
export type ResultOf<Name extends Operation> = ReturnType<Operations[Name]>;

type NotificationQuery = Parameters<Store["notifications"]>[0];

/** The operations on a connection of this thread. */
export function operationsOn(
  connection: Connection,
  timeSync: TimeSync = (sync) => sync(),
): Operations {
  return {
    commit: (changes) => commitAll(connection, changes, timeSync),
    task: (id) => readTask(connection, id),
    tasks: (query) => listTasks(connection, query),
    notifications: (query) => listNotifications(connection, query),
    messages: (taskId, after) => listMessages(connection, taskId, after),
    sessions: (now, session) => summarise(connection, now, session),
    owners: () => readOwners(connection),
    foreignVersion: () =>
      Number(connection.statement("PRAGMA data_version").get()?.["data_version"]),
  };
}

/** Carries one out that came with its name. */
export function carryOut<Name extends Operation>(
  operations: Operations,
  name: Name,
  given: ArgumentsOf<Name>,
): ResultOf<Name> {
  const operation = operations[name] as (...given: ArgumentsOf<Name>) => ResultOf<Name>;
  return operation(...given);
}

/** A way to the database: on this thread, or on another. */
export interface DatabaseAccess {
  /** Operations take effect in the order in which they are asked for. */
  ask<Name extends Operation>(name: Name, ...given: ArgumentsOf<Name>): Promise<ResultOf<Name>>;
  close(): Promise<void>;
}
