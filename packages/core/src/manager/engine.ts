import { type Alarms, createAlarms } from "../clock/alarms.ts";
import type { Clock, Random } from "../clock/clock.ts";
import type { Dispatcher } from "../dispatch/dispatcher.ts";
import { MeanwhileError } from "../errors.ts";
import { createOwnership, type Ownership } from "../lifecycle/ownership.ts";
import { recoverOrphans } from "../lifecycle/recovery.ts";
import { startRetention } from "../lifecycle/retention.ts";
import { createInboxes, type Inboxes } from "../notifications/inbox.ts";
import { createTurns, type Turns } from "../notifications/turns.ts";
import { createWakes, type Wakes } from "../notifications/wakes.ts";
import { readOutput } from "../output/reader.ts";
import { createTaskFiles, type TaskFiles } from "../output/task-files.ts";
import type {
  ForeignChange,
  NotificationRecord,
  Store,
  TaskError,
  TaskRecord,
  TerminalStatus,
} from "../store/store.ts";
import { Attempt, type Stop } from "../task/attempt.ts";
import { type Attempts, createAttempts } from "../task/attempts.ts";
import type { TaskContext } from "../task/context.ts";
import { closureName } from "../task/define.ts";
import type { AnyDefinition } from "../task/definition.ts";
import { cancelReason } from "../task/outcome.ts";
import { closed, createWaiters, type Waiters } from "../task/waiters.ts";
import { type Backlog, createBacklog } from "./backlog.ts";
import { createEvents, type Events } from "./events.ts";
import { createIds } from "./ids.ts";
import { createJournal, type Journal } from "./journal.ts";
import type { ResolvedOptions } from "./options.ts";
import { createSession, type Session } from "./session.ts";

export type CloseMode = "cancel" | "wait" | "leave";
export type Closure = (context: TaskContext) => unknown;

/** How a task ended, as it was stored. */
export interface TaskEnd {
  readonly status: TerminalStatus;
  readonly output: string | null;
  readonly error: TaskError | null;
  readonly at: number;
  readonly notification: NotificationRecord | null;
  readonly token?: string;
}

/**
 * The inside of a manager: its parts, and what one part has to tell the others. The public classes
 * are thin views of it.
 */
export interface Engine {
  readonly options: ResolvedOptions;
  readonly clock: Clock;
  readonly random: Random;
  readonly id: (prefix: string) => string;
  readonly alarms: Alarms;
  readonly events: Events;
  readonly store: Store;
  readonly journal: Journal;
  readonly ownership: Ownership;
  readonly dispatcher: Dispatcher;
  readonly backlog: Backlog;
  readonly attempts: Attempts;
  readonly waiters: Waiters;
  readonly inboxes: Inboxes;
  readonly turns: Turns;
  readonly wakes: Wakes;
  readonly files: TaskFiles;
  readonly definitions: Map<string, AnyDefinition>;
  /** The functions of ephemeral tasks that have not started. */
  readonly closures: Map<string, Closure>;
  readonly isOpen: boolean;
  readonly closing: boolean;

  session(id: string): Session;
  about(task: TaskRecord): { taskId: string; session: string; name: string };
  /** Opens the store and recovers, once. */
  opened(): Promise<void>;
  /** Begins to open without waiting; a failure is an event, and the next use tries again. */
  openSoon(): void;
  /** @throws MeanwhileError `CLOSED` */
  refuseClosed(): void;
  close(mode: CloseMode): Promise<void>;

  /** A task was stored: as `running` when it has a slot already, else counted in the backlog. */
  inserted(record: TaskRecord): void;
  /** A running task is queued again. */
  requeued(session: string): void;
  /** A queued task is no longer queued, though it did not start. */
  unqueued(session: string): void;
  /** A live task of a dead owner is ours now. */
  adopted(record: TaskRecord): void;
  /** A task reached its end; `record` is what it was before. */
  settled(record: TaskRecord, end: TaskEnd): void;
  /** Looks again at what the store has for the session. */
  refresh(session: string): Promise<void>;
  refreshSoon(session: string): void;
  refreshAll(): Promise<void>;
  /** Looks for dead owners and deals with their tasks. */
  patrol(): Promise<void>;
  outputTail(task: TaskRecord): Promise<string | null>;
}

const tailBytes = 4_096;
const claimRetryMs = 1_000;

export function createEngine(options: ResolvedOptions): Engine {
  const { clock, random, store } = options;
  const alarms = createAlarms(clock);
  const events = createEvents();
  const id = createIds(random);
  const definitions = new Map(options.tasks.map((definition) => [definition.name, definition]));
  const attempts = createAttempts();
  const backlog = createBacklog();
  const closures = new Map<string, Closure>();
  const files = createTaskFiles(options.directory);
  let names: readonly string[] = [];
  let opening: Promise<void> | undefined;
  let closePromise: Promise<void> | undefined;
  let isOpen = false;
  let closing = false;
  let unsubscribe = (): void => {};
  let stopRetention = (): void => {};
  let knownOwners = "";

  const journal = createJournal(store, clock, () => dispatcher.pump());
  const dispatcher = options.dispatcher(
    { claim, at: (time, callback) => alarms.at(time, callback), poke: journal.poke },
    { concurrency: options.limits.concurrency, perSession: options.limits.perSession.concurrency },
  );
  const inboxes = createInboxes({ events, onOwed: (session) => wakes.owed(session) });
  const waiters = createWaiters({
    store: () => store,
    newToken: () => id("r_"),
    hold: alarms.hold,
  });

  const engine: Engine = {
    options,
    clock,
    random,
    id,
    alarms,
    events,
    store,
    journal,
    dispatcher,
    backlog,
    attempts,
    waiters,
    inboxes,
    files,
    definitions,
    closures,
    get ownership() {
      return ownership;
    },
    get turns() {
      return turns;
    },
    get wakes() {
      return wakes;
    },
    get isOpen() {
      return isOpen;
    },
    get closing() {
      return closing;
    },
    session: (session) => createSession(engine, session),
    about: (task) => ({ taskId: task.id, session: task.session, name: task.name }),
    opened,
    openSoon() {
      opened().catch((error: unknown) => events.emit({ type: "store-error", error }));
    },
    refuseClosed() {
      if (closing) throw closed();
    },
    close: (mode) => (closePromise ??= close(mode)),
    inserted,
    requeued(session) {
      backlog.add(session, 1);
      dispatcher.offer(session, 1);
    },
    unqueued: (session) => backlog.add(session, -1),
    adopted,
    settled,
    refresh,
    refreshSoon(session) {
      if (isOpen && !closing) refresh(session).catch(reportStoreError);
    },
    refreshAll,
    patrol,
    outputTail,
  };
  const ownership = createOwnership(engine, { onLost: loseLease });
  const turns = createTurns(engine);
  const wakes = createWakes(engine);
  return engine;

  function opened(): Promise<void> {
    if (isOpen) return ready;
    if (closing) return Promise.reject(closed());
    opening ??= open().catch(async (error: unknown) => {
      opening = undefined;
      throw error;
    });
    return opening;
  }

  async function open(): Promise<void> {
    await store.open({ clock });
    try {
      await ownership.acquire();
    } catch (error) {
      await store.close();
      throw error;
    }
    unsubscribe = store.subscribe(foreign);
    try {
      await ownership.deposeOthers();
      await recoverOrphans(engine);
      await refreshAll();
    } catch (error) {
      unsubscribe();
      await ownership.release().catch(reportStoreError);
      await store.close();
      throw error;
    }
    stopRetention = startRetention(engine);
    isOpen = true;
  }

  function claim(
    session: string,
    limit: number,
    done: (taken: number, nextAt: number | null) => void,
  ): void {
    if (names.length !== definitions.size + 1) names = [closureName, ...definitions.keys()];
    journal.write<"claim">(
      {
        type: "claim",
        session,
        limit,
        fence: ownership.fence,
        names,
        now: clock.now(),
      },
      ({ tasks, nextAt }) => {
        backlog.add(session, -tasks.length);
        done(tasks.length, nextAt);
        for (const task of tasks) run(task, "run");
      },
      (error) => {
        reportStoreError(error);
        done(0, clock.now() + claimRetryMs);
      },
    );
  }

  function run(record: TaskRecord, mode: "run" | "recover"): Attempt {
    const closure = closures.get(record.id);
    closures.delete(record.id);
    const definition = definitions.get(record.name);
    const work =
      closure !== undefined
        ? { closure }
        : definition !== undefined
          ? { definition, mode }
          : { closure: refuseUnknown };
    const attempt = new Attempt(engine, record, work);
    attempts.add(attempt);
    attempt.start();
    return attempt;
  }

  function inserted(record: TaskRecord): void {
    if (events.wanted("task-queued", record.id)) {
      events.emit({ type: "task-queued", ...engine.about(record) });
    }
    if (record.status === "running") run(record, "run");
    else dispatcher.offer(record.session, 1);
  }

  function adopted(record: TaskRecord): void {
    dispatcher.occupy(record.session);
    const attempt = run(record, "recover");
    const reason = record.facts?.cancelRequested;
    if (reason !== undefined) attempt.stop({ kind: "cancel", reason: cancelReason(reason) });
  }

  function settled(record: TaskRecord, end: TaskEnd): void {
    const { session } = record;
    const { status, output, error, at, notification, token } = end;
    closures.delete(record.id);
    if (events.wanted("task-end", record.id)) {
      events.emit({ type: "task-end", ...engine.about(record), status, error });
    }
    const read =
      waiters.has(record.id) &&
      waiters.settled({ ...record, status, output, error, settledAt: at });
    if (notification !== null) {
      inboxes.added(notification, token !== undefined);
      if (token !== undefined && !read) giveBack(notification, token, record.fence as string);
    }
    // Some of those that wait may have waited for this one.
    if (backlog.of(session) > 0) dispatcher.offer(session, 1);
  }

  /** The reader for whom the notification was held back has gone meanwhile. */
  function giveBack(notification: NotificationRecord, token: string, fence: string): void {
    const { id: notificationId, session, kind } = notification;
    journal.write<"release">(
      { type: "release", session, ids: [notificationId], token, fence },
      (count) => inboxes.changed(session, count, kind === "failed" ? count : 0),
      reportStoreError,
    );
  }

  async function refresh(session: string): Promise<void> {
    const [summary] = await store.sessions(clock.now(), session);
    const { pending = 0, pendingFailures = 0, queued = 0 } = summary ?? {};
    inboxes.refreshed({ session, pending, pendingFailures, queued });
    const more = queued - backlog.of(session);
    if (more !== 0) backlog.set(session, queued);
    if (more > 0) dispatcher.offer(session, more);
  }

  async function refreshAll(): Promise<void> {
    for (const summary of await store.sessions(clock.now())) {
      inboxes.refreshed(summary);
      backlog.set(summary.session, summary.queued);
      if (summary.queued > 0) dispatcher.offer(summary.session, summary.queued);
    }
  }

  /** Another process wrote. What it means for us is read from the store. */
  function foreign(change: ForeignChange): void {
    if (closing) return;
    if (change === "all") {
      refreshAll().catch(reportStoreError);
      for (const session of inboxes.observed()) engine.refreshSoon(session);
      for (const attempt of attempts.all()) lookAtAttempt(attempt);
      waiters.checkSession(undefined);
      turns.look(undefined);
      return;
    }
    for (const session of change) {
      engine.refreshSoon(session);
      waiters.checkSession(session);
      turns.look(session);
    }
    for (const attempt of attempts.all()) {
      if (change.has(attempt.record.session)) lookAtAttempt(attempt);
    }
  }

  function lookAtAttempt(attempt: Attempt): void {
    attempt.wakeMessages();
    store.task(attempt.record.id).then((record) => {
      const reason = record?.facts?.cancelRequested;
      if (record?.status === "running" && reason !== undefined) {
        attempt.stop({ kind: "cancel", reason: cancelReason(reason) });
      }
    }, reportStoreError);
  }

  async function patrol(): Promise<void> {
    const deposed = await ownership.deposeOthers();
    const owners = (await store.owners()).map((owner) => owner.fence).join();
    if (deposed || owners !== knownOwners) {
      knownOwners = owners;
      await recoverOrphans(engine);
    }
  }

  function loseLease(): void {
    const reason = new MeanwhileError(
      "LEASE_LOST",
      "This manager gave no sign of life for longer than its lease, so another may have taken its tasks over. Its results are not recorded.",
    );
    attempts.stopAll((): Stop => ({ kind: "lost", reason }));
    turns.lost(reason);
  }

  async function close(mode: CloseMode): Promise<void> {
    closing = true;
    if (opening !== undefined) await opening.catch(() => {});
    if (!isOpen) return;
    dispatcher.stop();
    stopRetention();
    wakes.close();
    turns.close();
    await cancelQueuedClosures();
    stopAttempts(mode);
    await attempts.idle();
    unsubscribe();
    waiters.close();
    for (const session of inboxes.observed()) {
      for (const wake of [...inboxes.open(session).waiters]) wake();
    }
    await journal.idle();
    await ownership.release().catch(reportStoreError);
    await journal.idle();
    isOpen = false;
    alarms.clear();
    events.clear();
    await store.close();
  }

  function stopAttempts(mode: CloseMode): void {
    if (mode === "wait") return;
    const reason = new MeanwhileError("CLOSED", "The manager was closed while the task ran.");
    attempts.stopAll((attempt): Stop => {
      const { recover } = attempt.record.options;
      if (mode === "leave" && recover !== "fail") return { kind: "leave", reason };
      return { kind: "cancel", reason: cancelReason("The manager was closed while the task ran.") };
    });
  }

  /** Nobody else can run a function that only this process holds. */
  async function cancelQueuedClosures(): Promise<void> {
    await Promise.all(
      [...closures.keys()].map(async (taskId) => {
        const record = await store.task(taskId);
        if (record === undefined) return;
        await cancelStored(
          engine,
          record,
          "The manager was closed before the function was started.",
        );
      }),
    );
  }

  async function outputTail(task: TaskRecord): Promise<string | null> {
    try {
      const path = files.path(task.id, task.facts?.outputFile ?? "output");
      const state = { settled: true, capBytes: options.outputBytes };
      const { text } = await readOutput(path, { maxBytes: tailBytes, tail: true }, state);
      return text === "" ? null : text;
    } catch (error) {
      reportStoreError(error);
      return null;
    }
  }

  function reportStoreError(error: unknown): void {
    events.emit({ type: "store-error", error });
  }
}

/** What `opened` gives once it is: one promise for all, since it is asked for at every call. */
const ready: Promise<void> = Promise.resolve();

/**
 * Asks the store for the end of a task, and stops it where it runs. Resolves with what the store
 * answered; a running task may still be stopping then.
 */
export async function cancelStored(
  engine: Engine,
  task: Pick<TaskRecord, "id" | "session" | "title" | "name">,
  reason: string,
): Promise<"cancelled" | "requested" | "settled" | "unknown"> {
  const at = engine.clock.now();
  const error = { code: "CANCELLED", message: cancelReason(reason).message };
  const notification: NotificationRecord = {
    id: `${task.id}.end`,
    taskId: task.id,
    session: task.session,
    kind: "cancelled",
    title: task.title,
    name: task.name,
    status: "cancelled",
    error,
    createdAt: at,
    deliveries: 0,
    text: null,
  };
  const outcome = await engine.journal.commit<"cancel">({
    type: "cancel",
    id: task.id,
    session: task.session,
    reason: error.message,
    at,
    notification,
  });
  if (outcome.state === "cancelled") {
    engine.unqueued(task.session);
    const record = await engine.store.task(task.id);
    if (record !== undefined) {
      const owed = outcome.notified ? notification : null;
      engine.settled(record, { status: "cancelled", output: null, error, at, notification: owed });
    }
  } else if (outcome.state === "requested") {
    engine.attempts.get(task.id)?.stop({ kind: "cancel", reason: cancelReason(reason) });
  }
  return outcome.state;
}

function refuseUnknown(): never {
  throw new MeanwhileError(
    "UNKNOWN_DEFINITION",
    "The task's definition is not known to this manager. Name it in the manager's `tasks`.",
  );
}
