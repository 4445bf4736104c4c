import type {
  Change,
  NotificationRecord,
  Outcomes,
  Store,
  TaskOptions,
  TaskRecord,
} from "../../store/store.ts";
import { type VirtualClock, virtualClock } from "../virtual-clock.ts";

/** What `testStore` needs to know of a store. */
export interface StoreSuiteOptions {
  /** Begins the name of each test. */
  readonly name: string;
  /** Registers one test with the runner in use: `test` of vitest or of `node:test`. */
  readonly test: (name: string, run: () => Promise<void>) => unknown;
  /** A new and empty store, not opened yet. */
  readonly create: () => Store | Promise<Store>;
  /** Another store on the same data, not opened yet: what a second process would have. */
  readonly reopen?: (store: Store) => Store | Promise<Store>;
  /** Removes what `create` left behind; the store is closed by then. */
  readonly remove?: (store: Store) => void | Promise<void>;
}

/** One sentence of the contract. */
export interface Scenario {
  readonly name: string;
  readonly run: (fixture: Fixture) => Promise<void>;
}

export type OutcomeOf<Given extends Change> = Outcomes[Given["type"]];

/** An open store with two registered owners, and short ways to write to it. */
export interface Fixture {
  readonly store: Store;
  readonly clock: VirtualClock;
  /** The fence of the owner that acts by default. */
  readonly fence: string;
  /** The fence of another live owner. */
  readonly rival: string;
  /** Commits one change alone. */
  apply<Given extends Change>(change: Given): Promise<OutcomeOf<Given>>;
  /** Stores a queued task of session `s`. */
  queue(id: string, fields?: TaskFields): Promise<OutcomeOf<Extract<Change, { type: "insert" }>>>;
  /** Stores a task of session `s` that runs under `fence`. */
  run(id: string, fields?: TaskFields): Promise<OutcomeOf<Extract<Change, { type: "insert" }>>>;
  /** Settles a running task of session `s`, with a notification `n-<id>`. */
  settle(id: string, fields?: Partial<Extract<Change, { type: "settle" }>>): Promise<boolean>;
  /** Claims the tasks of a session; the ids in order. */
  claim(fields?: Partial<Extract<Change, { type: "claim" }>>): Promise<readonly string[]>;
  lease(
    ids: readonly string[],
    token: string,
    fields?: Partial<Extract<Change, { type: "lease" }>>,
  ): Promise<readonly string[]>;
  /** The ids of the notifications that `session` could receive now. */
  pending(session?: string): Promise<readonly string[]>;
}

export type TaskFields = Partial<Omit<TaskRecord, "options">> & {
  readonly options?: Partial<TaskOptions>;
};

/** The time at which every fixture begins. */
export const start = 1_700_000_000_000;

export const defaultOptions: TaskOptions = {
  priority: 0,
  timeoutMs: null,
  notify: "always",
  after: [],
  idempotencyKey: null,
  recover: "fail",
  ephemeral: false,
};

export async function withStore(
  options: StoreSuiteOptions,
  run: (fixture: Fixture) => Promise<void>,
): Promise<void> {
  const store = await options.create();
  const clock = virtualClock({ start });
  try {
    await store.open({ clock });
    await run(await fixtureFor(store, clock));
  } finally {
    await store.close();
    await options.remove?.(store);
  }
}

export function taskRecord(id: string, fields: TaskFields = {}): TaskRecord {
  const { options, ...others } = fields;
  return {
    id,
    session: "s",
    name: "work",
    title: `Title of ${id}`,
    input: '{"topic":"tides"}',
    createdAt: start,
    status: "queued",
    attempt: 0,
    runAt: start,
    fence: null,
    startedAt: null,
    settledAt: null,
    output: null,
    error: null,
    facts: null,
    ...others,
    options: { ...defaultOptions, ...options },
  };
}

export function notificationRecord(
  id: string,
  taskId: string,
  fields: Partial<NotificationRecord> = {},
): NotificationRecord {
  return {
    id,
    taskId,
    session: "s",
    kind: "completed",
    title: `Title of ${taskId}`,
    status: "completed",
    error: null,
    createdAt: start,
    deliveries: 0,
    name: "work",
    text: null,
    ...fields,
  };
}

async function registerOwner(store: Store, owner: string): Promise<string> {
  const [outcome] = (await store.commit([
    { type: "register", owner, identity: `identity of ${owner}`, until: start + 30_000 },
  ])) as [Outcomes["register"]];
  if (!outcome.registered) throw new Error(`${owner} is registered already`);
  return outcome.owner.fence;
}

async function fixtureFor(store: Store, clock: VirtualClock): Promise<Fixture> {
  const fence = await registerOwner(store, "one");
  const rival = await registerOwner(store, "two");
  const apply = async <Given extends Change>(change: Given): Promise<OutcomeOf<Given>> => {
    const [outcome] = await store.commit([change]);
    return outcome as OutcomeOf<Given>;
  };
  return {
    store,
    clock,
    fence,
    rival,
    apply,
    queue: (id, fields = {}) => apply({ type: "insert", task: taskRecord(id, fields) }),
    run: (id, fields = {}) =>
      apply({
        type: "insert",
        task: taskRecord(id, {
          status: "running",
          attempt: 1,
          fence,
          startedAt: start,
          ...fields,
        }),
      }),
    settle: (id, fields = {}) =>
      apply({
        type: "settle",
        id,
        fence,
        attempt: 1,
        status: "completed",
        output: '"done"',
        error: null,
        at: start + 1_000,
        notification: notificationRecord(`n-${id}`, id),
        ...fields,
      }),
    claim: async (fields = {}) => {
      const { tasks } = await apply({
        type: "claim",
        session: "s",
        limit: 100,
        fence,
        names: ["work"],
        now: start,
        ...fields,
      });
      return tasks.map((task) => task.id);
    },
    lease: (ids, token, fields = {}) =>
      apply({
        type: "lease",
        session: "s",
        ids,
        token,
        fence,
        until: start + 60_000,
        now: start,
        ...fields,
      }),
    pending: async (session = "s") => {
      const listed = await store.notifications({ session, limit: 1_000, now: start });
      return listed.map(({ notification }) => notification.id);
    },
  };
}
