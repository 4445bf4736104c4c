import type {
  NotificationKind,
  OwnerRecord,
  TaskError,
  TaskFacts,
  TaskOptions,
  TaskStatus,
} from "../store.ts";
import { type Heap, heap } from "./heap.ts";
import type { Lane } from "./lanes.ts";
import type { NotificationList } from "./notification-list.ts";
import { type TaskIndex, taskIndex } from "./task-index.ts";
import type { TaskOrder } from "./task-order.ts";

/** Everything that a memory store holds. */
export interface MemoryState {
  readonly tasks: TaskIndex;
  readonly sessions: Map<string, SessionEntry>;
  /** The registered owners, by fence. */
  readonly owners: Map<string, OwnerRecord>;
  /** The last epoch of every name that was ever registered. */
  readonly epochs: Map<string, number>;
  /** Tasks that a purge may delete, the first settled on top. */
  readonly succeeded: Heap<TaskEntry>;
  readonly failed: Heap<TaskEntry>;
  /** How many there are. */
  purgeable: number;
  /** Numbers tasks and notifications in the order in which they were made. */
  sequence: number;
}

/**
 * A task. The store alone has it and changes it in place; readers get copies. What a queued task
 * does not need is kept in two objects of its own, since a backlog is mostly queued tasks.
 */
export interface TaskEntry {
  readonly id: string;
  readonly session: SessionEntry;
  readonly name: string;
  readonly title: string;
  readonly input: string | null;
  readonly options: TaskOptions;
  readonly createdAt: number;
  readonly sequence: number;
  status: TaskStatus;
  attempt: number;
  runAt: number;
  fence: string | null;
  history: TaskHistory | null;
  links: TaskLinks | null;
}

/** What a task gathers once it has begun. */
export interface TaskHistory {
  startedAt: number | null;
  settledAt: number | null;
  output: string | null;
  error: TaskError | null;
  facts: TaskFacts | null;
  /** The terminal notification while it is not acknowledged. */
  notification: NotificationEntry | null;
  /** Notifications of the task that are not acknowledged. */
  owed: number;
  /** In one of the heaps that a purge looks at. */
  isCandidate: boolean;
}

/** What only a task with dependencies, dependents or messages has. */
export interface TaskLinks {
  /** Tasks in `after` that have not completed; 0 as soon as one of them failed. */
  waiting: number;
  /** Tasks that wait for this one. */
  dependents: TaskEntry[];
  /** Open tasks that name this one in `after`: it is not purged before they settle. */
  pins: number;
  messages: string[];
}

/** A notification that is not acknowledged, linked into its session's list. */
export interface NotificationEntry {
  readonly id: string;
  readonly task: TaskEntry;
  readonly kind: NotificationKind;
  readonly status: TaskStatus;
  readonly error: TaskError | null;
  readonly createdAt: number;
  readonly text: string | null;
  deliveries: number;
  lease: Lease | null;
  previous: NotificationEntry | null;
  next: NotificationEntry | null;
}

/** Who has a notification, under which token, and until when. */
export interface Lease {
  readonly fence: string;
  readonly token: string;
  readonly until: number;
}

export interface SessionEntry {
  readonly name: string;
  /** Runnable tasks. */
  lanes: Lane[];
  /** Tasks that only wait for their time. */
  delayed: Heap<TaskEntry> | null;
  /** How many entries of `lanes` and `delayed` are no longer queued. */
  stale: number;
  readonly order: TaskOrder;
  readonly notifications: NotificationList;
  /** Tasks by idempotency key. */
  keys: Map<string, TaskEntry> | null;
  /** The fence that holds the turn. */
  turn: string | null;
  queued: number;
  running: number;
}

export function memoryState(): MemoryState {
  return {
    tasks: taskIndex(),
    sessions: new Map(),
    owners: new Map(),
    epochs: new Map(),
    succeeded: heap(settledBefore),
    failed: heap(settledBefore),
    purgeable: 0,
    sequence: 0,
  };
}

export function sessionEntry(state: MemoryState, name: string): SessionEntry {
  const known = state.sessions.get(name);
  if (known !== undefined) return known;
  const session: SessionEntry = {
    name,
    lanes: [],
    delayed: null,
    stale: 0,
    order: { entries: [], first: 0, holes: 0 },
    notifications: {
      first: null,
      last: null,
      count: 0,
      failures: 0,
      leased: null,
      ids: null,
      indexed: null,
    },
    keys: null,
    turn: null,
    queued: 0,
    running: 0,
  };
  state.sessions.set(name, session);
  return session;
}

/** Forgets a session that has nothing, so that many short ones leave nothing behind. */
export function dropEmptySession(state: MemoryState, session: SessionEntry): void {
  const { order, notifications, turn } = session;
  if (order.entries.length === 0 && notifications.count === 0 && turn === null) {
    state.sessions.delete(session.name);
  }
}

export function historyOf(task: TaskEntry): TaskHistory {
  task.history ??= {
    startedAt: null,
    settledAt: null,
    output: null,
    error: null,
    facts: null,
    notification: null,
    owed: 0,
    isCandidate: false,
  };
  return task.history;
}

export function linksOf(task: TaskEntry): TaskLinks {
  task.links ??= { waiting: 0, dependents: [], pins: 0, messages: [] };
  return task.links;
}

export function isOpen(task: TaskEntry): boolean {
  return task.status === "queued" || task.status === "running";
}

export function settledBefore(first: TaskEntry, second: TaskEntry): boolean {
  const firstAt = first.history?.settledAt ?? 0;
  const secondAt = second.history?.settledAt ?? 0;
  return firstAt < secondAt || (firstAt === secondAt && first.sequence < second.sequence);
}
