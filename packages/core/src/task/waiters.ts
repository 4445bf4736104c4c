import { MeanwhileError } from "../errors.ts";
import type { Store, TaskRecord } from "../store/store.ts";
import { isTerminal } from "./status.ts";

interface Waiter {
  readonly session: string;
  /** Whether the result goes to a reader, so that its notification is not owed any more. */
  readonly reads: boolean;
  readonly resolve: (record: TaskRecord) => void;
  readonly reject: (error: unknown) => void;
}

/** Those who wait for a task to settle. */
export interface Waiters {
  /**
   * Resolves with the settled record, at once if it is settled already.
   * @throws the signal's reason; `CLOSED` when the manager closes.
   */
  wait(
    task: { readonly id: string; readonly session: string },
    options: { readonly reads: boolean; readonly signal?: AbortSignal | undefined },
  ): Promise<TaskRecord>;
  /**
   * The token under which a notification is born leased because a reader waits for the result;
   * undefined when nobody does.
   */
  readerToken(taskId: string): string | undefined;
  has(taskId: string): boolean;
  /** The task settled in this process. Gives whether a reader got the result. */
  settled(record: TaskRecord): boolean;
  /** Looks the task up again, if anybody waits for it. */
  check(taskId: string): void;
  /** The same for every task of the session that is waited for, or of all sessions. */
  checkSession(session: string | undefined): void;
  close(): void;
}

export function createWaiters(options: {
  readonly store: Store;
  readonly newToken: () => string;
  readonly hold: () => () => void;
}): Waiters {
  const byTask = new Map<string, Set<Waiter>>();
  let release: (() => void) | undefined;
  let isClosed = false;

  function add(id: string, waiter: Waiter): void {
    const waiters = byTask.get(id);
    if (waiters === undefined) byTask.set(id, new Set([waiter]));
    else waiters.add(waiter);
    release ??= options.hold();
  }

  function remove(id: string, waiter: Waiter): void {
    const waiters = byTask.get(id);
    if (waiters?.delete(waiter) && waiters.size === 0) byTask.delete(id);
    letGoIfEmpty();
  }

  function letGoIfEmpty(): void {
    if (byTask.size > 0) return;
    release?.();
    release = undefined;
  }

  function settled(record: TaskRecord): boolean {
    const waiters = byTask.get(record.id);
    if (waiters === undefined) return false;
    byTask.delete(record.id);
    let read = false;
    for (const waiter of waiters) {
      read ||= waiter.reads;
      waiter.resolve(record);
    }
    letGoIfEmpty();
    return read;
  }

  function check(id: string): void {
    if (!byTask.has(id)) return;
    options.store.task(id).then(
      (record) => {
        if (record !== undefined && isTerminal(record.status)) settled(record);
      },
      // The next change, or the next slow look, tries again.
      () => {},
    );
  }

  return {
    wait(task, { reads, signal }) {
      return new Promise<TaskRecord>((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const stop = (): void => signal?.removeEventListener("abort", abort);
        const waiter: Waiter = {
          session: task.session,
          reads,
          resolve(record) {
            stop();
            resolve(record);
          },
          reject(error) {
            stop();
            reject(error);
          },
        };
        function abort(): void {
          remove(task.id, waiter);
          waiter.reject(signal?.reason);
        }
        signal?.addEventListener("abort", abort, { once: true });
        // Registered before the look: what settles in between is told either way.
        add(task.id, waiter);
        options.store.task(task.id).then(
          (record) => {
            if (record === undefined) {
              remove(task.id, waiter);
              waiter.reject(deleted(task.id));
            } else if (isTerminal(record.status)) {
              remove(task.id, waiter);
              waiter.resolve(record);
            } else if (isClosed) {
              remove(task.id, waiter);
              waiter.reject(closed());
            }
          },
          (error: unknown) => {
            remove(task.id, waiter);
            waiter.reject(error);
          },
        );
      });
    },
    readerToken(taskId) {
      const waiters = byTask.get(taskId);
      if (waiters === undefined) return undefined;
      for (const waiter of waiters) if (waiter.reads) return options.newToken();
      return undefined;
    },
    has: (taskId) => byTask.has(taskId),
    settled,
    check,
    checkSession(session) {
      for (const [id, waiters] of byTask) {
        const [first] = waiters;
        if (session === undefined || first?.session === session) check(id);
      }
    },
    close() {
      isClosed = true;
      const open = [...byTask.values()];
      byTask.clear();
      letGoIfEmpty();
      for (const waiters of open) {
        for (const waiter of waiters) waiter.reject(closed());
      }
    },
  };
}

export function closed(): MeanwhileError {
  return new MeanwhileError(
    "CLOSED",
    "The manager is closed. Tasks in a durable store go on under the next manager on that store.",
  );
}

function deleted(id: string): MeanwhileError {
  return new MeanwhileError(
    "UNKNOWN_TASK",
    `There is no task ${id} any more: it was deleted by the manager's retention.`,
  );
}
