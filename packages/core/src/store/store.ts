import type { ErrorDetails } from "../errors.ts";

/** `completed`, `failed` and `cancelled` are terminal. */
export type TaskStatus = "queued" | "running" | "completed" | "failed" | "cancelled";
/** A status that a task never leaves. */
export type TerminalStatus = "completed" | "failed" | "cancelled";

/** Why a task did not complete. `code` is an `ErrorCode`, or the `code` that user code chose. */
export interface TaskError {
  readonly code: string;
  readonly message: string;
  readonly details?: ErrorDetails;
}

/** How far a task says it is. `total` and `completed` have the task's own unit (bytes, files). */
export interface Progress {
  /** How much is done; what is no finite number is left out. */
  readonly completed?: number;
  /** How much there is to do in all. */
  readonly total?: number;
  /** What it does just now; cut to 500 characters. */
  readonly message?: string;
}

/**
 * How surely a cancelled command leaves nothing behind, strongest first: `cgroup`,
 * `pid-namespace`, `process-group-sweep`, `process-group`.
 */
export type Containment = "cgroup" | "pid-namespace" | "process-group-sweep" | "process-group";

/** What a caller asked for at start. Most tasks share one frozen default. */
export interface TaskOptions {
  /** Higher runs first within its session. */
  readonly priority: number;
  /** Milliseconds for one attempt; null for none. */
  readonly timeoutMs: number | null;
  readonly notify: "always" | "failure" | "never";
  /** Ids of tasks of the same session that must complete first. */
  readonly after: readonly string[];
  readonly idempotencyKey: string | null;
  /** What may happen to a running task whose owner died. */
  readonly recover: "fail" | "restart" | "custom";
  /** True for a closure: only the process that holds it can run it. */
  readonly ephemeral: boolean;
}

/** Facts that a task gathers while it runs. Null in a record as long as there are none. */
export interface TaskFacts {
  readonly progress?: Progress;
  /** JSON text saved by `context.checkpoint.save`. */
  readonly checkpoint?: string;
  readonly containment?: Containment;
  /** What the attempt waits for without a slot, and since when; of no account unless it runs. */
  readonly waiting?: { readonly for: string; readonly since: number };
  /** Milliseconds that the attempt waited before that; they do not count for its timeout. */
  readonly waitedMs?: number;
  /** The reason given when a cancel was requested while the task ran. */
  readonly cancelRequested?: string;
  /** The task named in `after` that did not complete. */
  readonly failedDependency?: string;
  /** The error of the previous attempt. */
  readonly lastError?: TaskError;
  /** How many attempts ended with their process rather than by themselves. */
  readonly interruptions?: number;
  /**
   * Which stored fields are damaged, `options` for one; a default stands in for them. Never
   * written. Such a task is not to be run but settled as failed.
   */
  readonly unreadable?: string;
  /** Where the output is, within the task's folder, when it is not the file `output`. */
  readonly outputFile?: string;
  /** Most bytes that it may have, where that is not what the manager says. */
  readonly outputBytes?: number;
  /** The patterns that the output is watched for. */
  readonly watches?: readonly WatchFact[];
}

/** A pattern, and the byte of the output up to which its matches were told. */
export interface WatchFact {
  readonly pattern: string;
  readonly after: number;
}

/** Replaces what is named; null removes. */
export type FactChanges = { readonly [Fact in keyof TaskFacts]?: TaskFacts[Fact] | null };

/** A task as it is stored. Times are wall milliseconds since 1970. */
export interface TaskRecord {
  readonly id: string;
  readonly session: string;
  /** The definition's name. */
  readonly name: string;
  readonly title: string;
  /** JSON text of the input as it was given; null for a closure. */
  readonly input: string | null;
  readonly options: TaskOptions;
  readonly createdAt: number;
  readonly status: TaskStatus;
  /** 0 while never started; 1 during the first attempt. */
  readonly attempt: number;
  /** Not to be started before. */
  readonly runAt: number;
  /** The fence of the owner that runs it, or that alone may run it; null otherwise. */
  readonly fence: string | null;
  readonly startedAt: number | null;
  readonly settledAt: number | null;
  /** JSON text of the result. */
  readonly output: string | null;
  readonly error: TaskError | null;
  readonly facts: TaskFacts | null;
}

/** The first three tell of the end of a task; the others of what it says, prints or reports. */
export type NotificationKind =
  | "completed"
  | "failed"
  | "cancelled"
  | "progress"
  | "match"
  | "message";

/** A message owed to a session about a task, as its receiver sees it. */
export interface Notification {
  /** Stable: a redelivery has the same id. */
  readonly id: string;
  /** The task that it is about. */
  readonly taskId: string;
  /** The id of the session that it is owed to. */
  readonly session: string;
  readonly kind: NotificationKind;
  /** The task's title. */
  readonly title: string;
  /** The task's status when the notification was made. */
  readonly status: TaskStatus;
  /** Why the task did not complete; null for other kinds. */
  readonly error: TaskError | null;
  /** Wall milliseconds since 1970. */
  readonly createdAt: number;
  /** How often it was handed out before, this time included. */
  readonly deliveries: number;
}

/** A notification as it is stored. */
export interface NotificationRecord extends Notification {
  /** The definition's name. */
  readonly name: string;
  /**
   * Raw text of the task's, bounded by the writer: the tail of the output, or the message. Not
   * yet fit to be shown to a model.
   */
  readonly text: string | null;
}

/** A process that owns a lease. `identity` tells whether it still lives, where that can be known. */
export interface OwnerRecord {
  /** The owner's name, unique among the live ones of a store. */
  readonly owner: string;
  /** Grows by one with each holder of the name. */
  readonly epoch: number;
  /** `${owner}#${epoch}`: what every write of the owner carries. */
  readonly fence: string;
  /** Wall milliseconds; afterwards others may depose it. */
  readonly until: number;
  /** Opaque to the store. */
  readonly identity: string;
}

/** What a session has in the store, for mirrors in memory. */
export interface SessionSummary {
  readonly session: string;
  /** Tasks with status `queued`, those that must still wait included. */
  readonly queued: number;
  /** Notifications neither acknowledged nor leased. */
  readonly pending: number;
  /** Those among `pending` that are of kind `failed`. */
  readonly pendingFailures: number;
}

export interface TaskQuery {
  readonly session?: string;
  readonly status?: readonly TaskStatus[];
  readonly fence?: string;
  /** Only tasks that carry a fence. */
  readonly held?: boolean;
  /** Only the task of the named `session` that has this key. */
  readonly idempotencyKey?: string;
  /** Only tasks created after this one, for paging. */
  readonly after?: string;
  readonly limit: number;
}

/**
 * One conditional write. A batch of them is one durable commit; each change is applied or refused
 * for itself, in order, and sees those before it. A change with a `fence` is refused when that
 * fence is not the one of a registered owner.
 */
export type Change =
  /** Stores a new task, `queued`, or `running` with attempt 1 and a fence when it starts at once. */
  | { readonly type: "insert"; readonly task: TaskRecord }
  /**
   * Takes up to `limit` runnable tasks of the session: queued, `runAt` reached, nothing left to
   * wait for, a known name, and no fence of another. Highest priority first, then oldest. They
   * become `running`, their attempt grows by one, `startedAt` is `now`. A task with a failed
   * dependency counts as runnable, whatever it was delayed to.
   */
  | {
      readonly type: "claim";
      readonly session: string;
      readonly limit: number;
      readonly fence: string;
      readonly names: readonly string[];
      readonly now: number;
    }
  /** Replaces the given facts of a running task; null removes one. */
  | {
      readonly type: "update";
      readonly id: string;
      readonly fence: string;
      readonly attempt: number;
      readonly facts: FactChanges;
    }
  /**
   * Puts a running task back: `queued`, to run at `runAt`. The fence is kept for an ephemeral
   * task, cleared otherwise. `holder` is the fence that the task has now, when it is not `fence`
   * (recovery from a deposed owner).
   */
  | {
      readonly type: "requeue";
      readonly id: string;
      readonly fence: string;
      readonly holder?: string;
      readonly attempt: number;
      readonly runAt: number;
      readonly facts: FactChanges;
    }
  /** Hands a running task from the deposed `holder` to `fence`, attempt unchanged. */
  | {
      readonly type: "adopt";
      readonly id: string;
      readonly fence: string;
      readonly holder: string;
      readonly attempt: number;
    }
  /**
   * The terminal transition with its notification, if one is owed. Refused unless the task is
   * running with this attempt under `holder ?? fence`, or, for an attempt that was never claimed
   * (a queued task of a deposed owner), queued under `holder`. Tasks that waited for this one
   * become runnable, with `failedDependency` when it did not complete. With `token` the
   * notification is born leased to `fence` under that token, for a reader that already waits: its
   * `deliveries` grow, and only the end of the owner ends the lease.
   */
  | {
      readonly type: "settle";
      readonly id: string;
      readonly fence: string;
      readonly holder?: string;
      readonly attempt: number;
      readonly status: TerminalStatus;
      readonly output: string | null;
      readonly error: TaskError | null;
      readonly at: number;
      readonly notification: NotificationRecord | null;
      readonly token?: string;
    }
  /**
   * Asks for the end of a task. A queued one is settled `cancelled` at once, with the error of
   * the notification, and with that itself if the task's `notify` is "always". For a running one
   * the first such request is recorded.
   */
  | {
      readonly type: "cancel";
      readonly id: string;
      readonly session: string;
      readonly reason: string;
      readonly at: number;
      readonly notification: NotificationRecord;
    }
  /** Text for a task that has not settled. Every attempt can read all of its messages. */
  | {
      readonly type: "message";
      readonly id: string;
      readonly session: string;
      readonly text: string;
    }
  /** A notification that is not terminal. Refused unless the task is running with this attempt. */
  | {
      readonly type: "notify";
      readonly fence: string;
      readonly attempt: number;
      readonly notification: NotificationRecord;
    }
  /** Leases those of the ids that are neither acknowledged nor leased; their `deliveries` grow. */
  | {
      readonly type: "lease";
      readonly session: string;
      readonly ids: readonly string[];
      readonly token: string;
      readonly fence: string;
      /** Wall milliseconds; afterwards the lease counts as given back. */
      readonly until: number;
      readonly now: number;
    }
  /**
   * Settles for good what is leased under the token, however late; all of the ids or, if one is
   * lost, none. What is settled for good already is not lost.
   */
  | {
      readonly type: "ack";
      readonly session: string;
      readonly ids: readonly string[];
      readonly token: string;
      readonly fence: string;
    }
  /** Gives back what is leased under the token. */
  | {
      readonly type: "release";
      readonly session: string;
      readonly ids: readonly string[];
      readonly token: string;
      readonly fence: string;
    }
  /** Settles for good the terminal notification of a task, leased or not: its result was read. */
  | { readonly type: "consume"; readonly session: string; readonly taskId: string }
  /** Takes the session's turn. Refused while another registered fence, or the same, holds it. */
  | { readonly type: "begin-turn"; readonly session: string; readonly fence: string }
  | { readonly type: "end-turn"; readonly session: string; readonly fence: string }
  /**
   * Registers the owner under the next epoch of its name. Refused while the name is registered;
   * the outcome then names the holder.
   */
  | {
      readonly type: "register";
      readonly owner: string;
      readonly identity: string;
      readonly until: number;
    }
  | { readonly type: "renew"; readonly fence: string; readonly until: number }
  /**
   * Ends a registration: the owner's own at close, or a dead one's. Its turns and notification
   * leases are free again; its tasks keep the fence, so that the next owner finds them.
   */
  | { readonly type: "depose"; readonly fence: string }
  /**
   * Deletes terminal tasks whose notifications are acknowledged: those settled before the given
   * times (`failedBefore` for failed ones, the other for completed and cancelled ones), then the
   * oldest beyond the `keep` last settled; at most `limit` in one change. A task that an open one
   * names in `after` stays, and does not count.
   */
  | {
      readonly type: "purge";
      readonly completedBefore: number;
      readonly failedBefore: number;
      readonly keep: number;
      readonly limit: number;
    };

/** What became of each kind of change. */
export interface Outcomes {
  readonly insert:
    | { readonly inserted: true }
    /** A task of the session has the same idempotency key. */
    | { readonly inserted: false; readonly existing: TaskRecord }
    /** `after` names a task that the session does not have; or the fence is not registered. */
    | { readonly inserted: false; readonly unknownTask: string }
    | { readonly inserted: false; readonly lost: true };
  readonly claim: {
    readonly tasks: readonly TaskRecord[];
    /** When the earliest task that only waits for its time becomes runnable; null for none. */
    readonly nextAt: number | null;
  };
  readonly update: boolean;
  readonly requeue: boolean;
  readonly adopt: boolean;
  readonly settle: boolean;
  readonly cancel:
    | { readonly state: "cancelled"; readonly notified: boolean }
    | { readonly state: "requested" | "settled" | "unknown" };
  readonly message: boolean;
  readonly notify: boolean;
  /** The ids that are now leased. */
  readonly lease: readonly string[];
  /** False when one of the ids is owed but not leased under the token, or the fence is not registered. */
  readonly ack: boolean;
  /** How many are pending again. */
  readonly release: number;
  /** How many acknowledged: 0 or 1; `pending` says whether it was pending (not leased). */
  readonly consume: {
    readonly acknowledged: 0 | 1;
    readonly pending: boolean;
    readonly failure: boolean;
  };
  readonly "begin-turn": boolean;
  readonly "end-turn": boolean;
  readonly register:
    | { readonly registered: true; readonly owner: OwnerRecord }
    | { readonly registered: false; readonly holder: OwnerRecord };
  readonly renew: boolean;
  readonly depose: boolean;
  /** The ids of the deleted tasks. */
  readonly purge: readonly string[];
}

export type Outcome<Type extends Change["type"] = Change["type"]> = Outcomes[Type];

/** Which sessions another process changed; `"all"` when that is not known. */
export type ForeignChange = ReadonlySet<string> | "all";

/**
 * Keeps tasks, notifications and leases. A literal from a factory; `memoryStore()` is the
 * reference, and `testStore()` of `@meanwhile/core/testing` is the contract as a test suite.
 *
 * A store writes only what `commit` is given, keeps no clock and starts no timer of its own but
 * for noticing other processes. Sessions, ids, names, keys and tokens are any text without NUL;
 * ids of tasks and notifications are new ones.
 */
export interface Store {
  /** Opens what has to be opened; called once, before anything else. */
  open(options: { readonly clock: import("../clock/clock.ts").Clock }): Promise<void>;
  /**
   * One durable commit of the whole batch, in order; resolves with an outcome for each change once
   * it is on disk. Rejects with nothing written when storage fails.
   */
  commit(changes: readonly Change[]): Promise<readonly Outcome[]>;
  task(id: string): Promise<TaskRecord | undefined>;
  /** Oldest first. */
  tasks(query: TaskQuery): Promise<readonly TaskRecord[]>;
  /**
   * Notifications not acknowledged, in the order in which they were made, each with its task.
   * Leased ones only with `leased`. A lease whose `until` is past `now`, or whose fence is not
   * registered, does not count.
   */
  notifications(query: {
    readonly session: string;
    readonly limit: number;
    readonly now: number;
    readonly leased?: boolean;
  }): Promise<readonly { readonly notification: NotificationRecord; readonly task: TaskRecord }[]>;
  /** Messages of a task in order, from index `after`. */
  messages(taskId: string, after: number): Promise<readonly string[]>;
  /** Summaries of the sessions that have queued tasks or notifications; or of the one named. */
  sessions(now: number, session?: string): Promise<readonly SessionSummary[]>;
  owners(): Promise<readonly OwnerRecord[]>;
  /** Calls back after another process committed to the same store. Returns what ends that. */
  subscribe(listener: (change: ForeignChange) => void): () => void;
  close(): Promise<void>;
}
