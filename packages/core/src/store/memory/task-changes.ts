import { copyError, mergeFacts } from "../facts.ts";
import type { Change, Outcome, TaskRecord } from "../store.ts";
import { dequeue, enqueueDelayed, enqueueNew, nextDue, noteStale, promoteDue } from "./lanes.ts";
import { appendNotification, setLease } from "./notification-list.ts";
import { noteNotPurgeable, notePurgeable } from "./purge.ts";
import { notificationEntry, taskEntry, taskRecord } from "./records.ts";
import {
  historyOf,
  isOpen,
  type Lease,
  linksOf,
  type MemoryState,
  sessionEntry,
  type TaskEntry,
} from "./state.ts";
import { addTask, findTask } from "./task-index.ts";
import { addToOrder } from "./task-order.ts";

type Of<Type extends Change["type"]> = Extract<Change, { type: Type }>;

const inserted: Outcome<"insert"> = Object.freeze({ inserted: true });

export function insert(state: MemoryState, { task: record }: Of<"insert">): Outcome<"insert"> {
  const { fence, options } = record;
  if (fence !== null && !state.owners.has(fence)) return { inserted: false, lost: true };
  const known = state.sessions.get(record.session);
  const existing =
    (options.idempotencyKey === null ? undefined : known?.keys?.get(options.idempotencyKey)) ??
    findTask(state.tasks, record.id);
  if (existing !== undefined) {
    return existing.session === known
      ? { inserted: false, existing: taskRecord(existing) }
      : { inserted: false, lost: true };
  }
  for (const id of options.after) {
    const dependency = findTask(state.tasks, id);
    if (dependency === undefined || dependency.session !== known) {
      return { inserted: false, unknownTask: id };
    }
  }

  const session = known ?? sessionEntry(state, record.session);
  const task = taskEntry(state, session, record);
  addTask(state.tasks, task);
  addToOrder(session.order, task);
  if (options.idempotencyKey !== null) {
    session.keys ??= new Map();
    session.keys.set(options.idempotencyKey, task);
  }
  if (options.after.length > 0) {
    for (const id of new Set(options.after)) {
      waitFor(state, task, findTask(state.tasks, id) as TaskEntry);
    }
  }
  if (task.status === "running") {
    session.running += 1;
    if (task.links !== null) task.links.waiting = 0;
  } else {
    session.queued += 1;
    if (task.links === null || task.links.waiting === 0) enqueueNew(session, task);
  }
  return inserted;
}

export function claim(state: MemoryState, change: Of<"claim">): Outcome<"claim"> {
  const session = state.sessions.get(change.session);
  if (session === undefined || !state.owners.has(change.fence)) return { tasks: [], nextAt: null };
  promoteDue(session, change.now);
  const tasks: TaskRecord[] = [];
  while (tasks.length < change.limit) {
    const task = dequeue(session, change.fence, change.names, change.now);
    if (task === undefined) break;
    task.status = "running";
    task.attempt += 1;
    task.fence = change.fence;
    historyOf(task).startedAt = change.now;
    session.queued -= 1;
    session.running += 1;
    tasks.push(taskRecord(task));
  }
  return { tasks, nextAt: nextDue(session) };
}

export function update(state: MemoryState, change: Of<"update">): boolean {
  const task = runningUnder(state, change);
  if (task === undefined) return false;
  const history = historyOf(task);
  history.facts = mergeFacts(history.facts, change.facts);
  return true;
}

export function requeue(state: MemoryState, change: Of<"requeue">): boolean {
  const task = runningUnder(state, change);
  if (task === undefined) return false;
  const history = historyOf(task);
  history.facts = mergeFacts(history.facts, change.facts);
  task.status = "queued";
  task.runAt = change.runAt;
  if (!task.options.ephemeral) task.fence = null;
  task.session.running -= 1;
  task.session.queued += 1;
  enqueueDelayed(task.session, task);
  return true;
}

export function adopt(state: MemoryState, change: Of<"adopt">): boolean {
  const task = runningUnder(state, change);
  if (task === undefined) return false;
  task.fence = change.fence;
  return true;
}

export function settle(state: MemoryState, change: Of<"settle">): boolean {
  const task = runningUnder(state, change) ?? queuedUnderDeposed(state, change);
  if (task === undefined) return false;
  const { fence, token } = change;
  const until = Number.POSITIVE_INFINITY;
  end(state, task, change, token === undefined ? null : { fence, token, until });
  return true;
}

export function cancel(state: MemoryState, change: Of<"cancel">): Outcome<"cancel"> {
  const task = taskOf(state, change.session, change.id);
  if (task === undefined) return { state: "unknown" };
  if (task.status === "running") {
    const history = historyOf(task);
    if (history.facts?.cancelRequested === undefined) {
      history.facts = mergeFacts(history.facts, { cancelRequested: change.reason });
    }
    return { state: "requested" };
  }
  if (task.status !== "queued") return { state: "settled" };
  const notified = task.options.notify === "always";
  const { at, notification } = change;
  const ending: Ending = {
    status: "cancelled",
    output: null,
    error: notification.error,
    at,
    notification: notified ? notification : null,
  };
  end(state, task, ending, null);
  return { state: "cancelled", notified };
}

export function message(state: MemoryState, change: Of<"message">): boolean {
  const task = taskOf(state, change.session, change.id);
  if (task === undefined || !isOpen(task)) return false;
  linksOf(task).messages.push(change.text);
  return true;
}

export function notify(state: MemoryState, change: Of<"notify">): boolean {
  const { fence, attempt, notification } = change;
  const task = runningUnder(state, { id: notification.taskId, fence, attempt });
  if (task === undefined) return false;
  historyOf(task).owed += 1;
  appendNotification(task.session.notifications, notificationEntry(task, notification));
  return true;
}

/** The task of this session; one of another session is as unknown as none. */
function taskOf(state: MemoryState, session: string, id: string): TaskEntry | undefined {
  const task = findTask(state.tasks, id);
  return task?.session.name === session ? task : undefined;
}

interface Attempt {
  readonly id: string;
  readonly fence: string;
  readonly holder?: string;
  readonly attempt: number;
}

/** The task, if this very attempt runs under the writer's fence or under that of a deposed one. */
function runningUnder(state: MemoryState, change: Attempt): TaskEntry | undefined {
  const { fence, holder = fence } = change;
  if (!state.owners.has(fence) || (holder !== fence && state.owners.has(holder))) return undefined;
  const task = findTask(state.tasks, change.id);
  if (task === undefined || task.status !== "running" || task.attempt !== change.attempt) {
    return undefined;
  }
  return task.fence === holder ? task : undefined;
}

function queuedUnderDeposed(state: MemoryState, change: Attempt): TaskEntry | undefined {
  const { fence, holder } = change;
  if (holder === undefined || !state.owners.has(fence) || state.owners.has(holder)) {
    return undefined;
  }
  const task = findTask(state.tasks, change.id);
  if (task === undefined || task.status !== "queued" || task.attempt !== change.attempt) {
    return undefined;
  }
  return task.fence === holder ? task : undefined;
}

type Ending = Pick<Of<"settle">, "status" | "output" | "error" | "at" | "notification">;

/** The one way into a terminal status. */
function end(state: MemoryState, task: TaskEntry, ending: Ending, lease: Lease | null): void {
  const { session, links } = task;
  const { error, notification } = ending;
  const wasEnqueued = task.status === "queued" && (links === null || links.waiting === 0);
  if (task.status === "queued") session.queued -= 1;
  else session.running -= 1;
  task.status = ending.status;
  task.fence = null;
  if (wasEnqueued) noteStale(session);
  const history = historyOf(task);
  history.settledAt = ending.at;
  history.output = ending.output;
  history.error = error === null ? null : copyError(error);
  if (notification !== null) {
    const entry = notificationEntry(task, notification);
    history.notification = entry;
    history.owed += 1;
    appendNotification(session.notifications, entry);
    if (lease !== null) {
      entry.deliveries += 1;
      setLease(session.notifications, entry, lease);
    }
  }
  if (task.options.after.length > 0) unpin(state, task);
  if (links !== null) releaseDependents(task, links.dependents, ending.at);
  notePurgeable(state, task);
}

function waitFor(state: MemoryState, task: TaskEntry, dependency: TaskEntry): void {
  noteNotPurgeable(state, dependency);
  const awaited = linksOf(dependency);
  const links = linksOf(task);
  awaited.pins += 1;
  if (dependency.status === "completed") return;
  if (isOpen(dependency)) {
    awaited.dependents.push(task);
    if (historyOf(task).facts?.failedDependency === undefined) links.waiting += 1;
  } else {
    fail(task, dependency, task.createdAt);
  }
}

function releaseDependents(task: TaskEntry, dependents: TaskEntry[], at: number): void {
  for (const dependent of dependents.splice(0)) {
    const links = linksOf(dependent);
    if (dependent.status !== "queued" || links.waiting === 0) continue;
    if (task.status === "completed") links.waiting -= 1;
    else fail(dependent, task, at);
    if (links.waiting === 0) enqueueDelayed(dependent.session, dependent);
  }
}

/** Nothing more to wait for, not even its time: whoever claims it settles it. */
function fail(task: TaskEntry, dependency: TaskEntry, at: number): void {
  const history = historyOf(task);
  linksOf(task).waiting = 0;
  if (history.facts?.failedDependency !== undefined) return;
  history.facts = mergeFacts(history.facts, { failedDependency: dependency.id });
  task.runAt = Math.min(task.runAt, at);
}

function unpin(state: MemoryState, task: TaskEntry): void {
  for (const id of new Set(task.options.after)) {
    const dependency = findTask(state.tasks, id);
    if (dependency === undefined) continue;
    linksOf(dependency).pins -= 1;
    notePurgeable(state, dependency);
  }
}
