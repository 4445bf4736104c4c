import type { Change, NotificationRecord, TaskOptions, TaskRecord } from "../../src/store/store.ts";

/** Mulberry32: the same numbers for the same seed. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What there is to change. */
export interface World {
  readonly tasks: readonly TaskRecord[];
  readonly fences: readonly string[];
  /** Session and id of notifications that are not acknowledged. */
  readonly owed: readonly (readonly [session: string, id: string])[];
}

/** Changes of every kind, most of which fit what there is, some of which do not. */
export function randomChanges(random: () => number): (world: World) => readonly Change[] {
  let world: World = { tasks: [], fences: [], owed: [] };
  let now = 1_000;
  let made = 0;
  let progressed = 0;
  const pick = <Item>(items: readonly Item[]): Item =>
    items[Math.floor(random() * items.length)] as Item;
  const chance = (probability: number): boolean => random() < probability;
  const session = () => pick(["s", "t", "u"]);
  const id = () => `t${Math.floor(Math.max(0, made - random() * 12))}`;
  const fence = () =>
    world.fences.length > 0 && chance(0.9)
      ? pick(world.fences)
      : `${pick(["one", "two"])}#${1 + Math.floor(random() * 3)}`;
  const token = () => pick(["x", "x", "y"]);
  /** A session with ids of notifications, mostly its own. */
  const owed = () => {
    const of = session();
    const own = world.owed.filter(([owner]) => owner === of || chance(0.05));
    return { session: of, ids: [...new Set(own.slice(0, 1 + random() * 4).map(([, one]) => one))] };
  };
  /** An attempt as its owner would name it, or one that is wrong in some way. */
  const attempt = (status: TaskRecord["status"] = "running") => {
    const open = world.tasks.filter((task) => task.status === status && task.fence !== null);
    if (open.length === 0 || chance(0.1)) return { id: id(), fence: fence(), attempt: 1 };
    const task = pick(open);
    const owner = task.fence as string;
    const lives = world.fences.includes(owner);
    return {
      id: task.id,
      attempt: chance(0.95) ? task.attempt : task.attempt + 1,
      fence: lives && chance(0.9) ? owner : fence(),
      ...((!lives || chance(0.05)) && { holder: owner }),
    };
  };

  const options = (): TaskOptions => ({
    priority: pick([0, 0, 0, 1, -1]),
    timeoutMs: null,
    notify: pick(["always", "failure", "never"]),
    after: chance(0.3) ? [id(), id()].slice(random() * 2) : [],
    idempotencyKey: chance(0.2) ? pick(["k1", "k2", "k3"]) : null,
    recover: "fail",
    ephemeral: chance(0.2),
  });
  const insert = (): Change => {
    const runs = chance(0.5);
    made += 1;
    const task: TaskRecord = {
      id: `t${made}`,
      session: session(),
      name: pick(["work", "other"]),
      title: "title",
      input: null,
      options: options(),
      createdAt: now,
      status: runs ? "running" : "queued",
      attempt: runs ? 1 : 0,
      runAt: now + (runs ? 0 : pick([0, 0, 5, 20])),
      fence: runs || chance(0.2) ? fence() : null,
      startedAt: runs ? now : null,
      settledAt: null,
      output: null,
      error: null,
      facts: chance(0.1) ? { checkpoint: "1" } : null,
    };
    return { type: "insert", task };
  };
  const notification = (taskId: string, of: string): NotificationRecord => ({
    id: `n${taskId.slice(1)}`,
    taskId,
    session: of,
    kind: pick(["completed", "failed"]),
    title: "title",
    status: "completed",
    error: chance(0.2) ? { code: "ERROR", message: "m", details: { a: 1 } } : null,
    createdAt: now,
    deliveries: 0,
    name: "work",
    text: null,
  });

  const makers: readonly (() => Change)[] = [
    insert,
    insert,
    insert,
    () => ({
      type: "claim",
      session: session(),
      limit: pick([0, 1, 3]),
      fence: fence(),
      names: pick([["work"], ["work", "other"], []]),
      now,
    }),
    () => ({
      type: "update",
      ...attempt(),
      facts: pick([{ checkpoint: "2" }, { checkpoint: null }, { progress: { completed: 1 } }]),
    }),
    () => ({
      type: "requeue",
      ...attempt(),
      runAt: now + pick([0, 10]),
      facts: { lastError: chance(0.5) ? { code: "ERROR", message: "m" } : null },
    }),
    () => ({ type: "adopt", holder: fence(), ...attempt() }),
    settle,
    settle,
    settle,
    settle,
    () => {
      const task = pick(world.tasks);
      const [taskId, of] = task && chance(0.9) ? [task.id, task.session] : [id(), session()];
      const owes = notification(taskId, of);
      return { type: "cancel", id: taskId, session: of, reason: "r", at: now, notification: owes };
    },
    () => ({ type: "message", id: id(), session: session(), text: `text ${now}` }),
    () => {
      const { id: taskId, ...by } = attempt();
      return {
        type: "notify",
        ...by,
        notification: { ...notification(taskId, "s"), id: `p${++progressed}` },
      };
    },
    () => ({
      type: "lease",
      ...owed(),
      token: token(),
      fence: fence(),
      until: now + pick([1, 50]),
      now,
    }),
    () => ({ type: "ack", ...owed(), token: token(), fence: fence() }),
    () => ({ type: "release", ...owed(), token: token(), fence: fence() }),
    () => {
      const task = pick(world.tasks);
      return { type: "consume", session: task?.session ?? session(), taskId: task?.id ?? id() };
    },
    () => ({ type: "begin-turn", session: session(), fence: fence() }),
    () => ({ type: "end-turn", session: session(), fence: fence() }),
    register,
    register,
    () => ({ type: "renew", fence: fence(), until: now + 10 }),
    () => (chance(0.4) ? { type: "depose", fence: fence() } : register()),
    () => ({
      type: "purge",
      completedBefore: now - pick([10, 40]),
      failedBefore: now - pick([10, 40]),
      keep: pick([2, 5, 100]),
      limit: pick([1, 3, 100]),
    }),
  ];

  function settle(): Change {
    const by = attempt(chance(0.9) ? "running" : "queued");
    return {
      type: "settle",
      ...by,
      status: pick(["completed", "completed", "failed", "cancelled"]),
      output: chance(0.5) ? "1" : null,
      error: null,
      at: now,
      notification: chance(0.8) ? notification(by.id, "s") : null,
      ...(chance(0.3) ? { token: token() } : {}),
    };
  }

  function register(): Change {
    return { type: "register", owner: pick(["one", "two"]), identity: "i", until: now + 10 };
  }

  return (current) => {
    world = current;
    now += Math.floor(random() * 4);
    return Array.from({ length: 1 + Math.floor(random() * 6) }, () => pick(makers)());
  };
}
