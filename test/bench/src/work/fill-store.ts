import type { Change, Clock, TaskRecord } from "@meanwhile/core";
import { sqliteStore } from "@meanwhile/core/sqlite";

const portion = 5_000;
const dayMs = 86_400_000;

/** The store starts no timer that matters here. */
const clock: Clock = {
  now: Date.now,
  monotonic: () => performance.now(),
  timer: () => () => {},
  immediate: setImmediate,
};

/**
 * Writes what a manager would have written over months: tasks that are done and acknowledged, and
 * tasks that wait for their time.
 */
export async function fillStore(
  folder: string,
  tasks: { readonly done: number; readonly open: number },
): Promise<void> {
  const store = sqliteStore({ path: `${folder}/state.db`, synchronous: "normal" });
  await store.open({ clock });
  const registered = await store.commit([
    { type: "register", owner: "filler", identity: "", until: Date.now() + dayMs },
  ]);
  const { owner } = registered[0] as { owner: { fence: string } };
  let changes: Change[] = [];
  for (let number = 0; number < tasks.done + tasks.open; number += 1) {
    changes.push(...(number < tasks.done ? done(number, owner.fence) : waiting(number)));
    if (changes.length >= portion) {
      await store.commit(changes);
      changes = [];
    }
  }
  await store.commit([...changes, { type: "depose", fence: owner.fence }]);
  await store.close();
}

function done(number: number, fence: string): Change[] {
  const at = Date.now();
  const task: TaskRecord = {
    ...queued(number),
    status: "running",
    attempt: 1,
    fence,
    startedAt: at,
  };
  return [
    { type: "insert", task },
    {
      type: "settle",
      id: task.id,
      fence,
      attempt: 1,
      status: "completed",
      output: "1",
      error: null,
      at,
      notification: null,
    },
  ];
}

function waiting(number: number): Change[] {
  return [{ type: "insert", task: { ...queued(number), runAt: Date.now() + dayMs } }];
}

function queued(number: number): TaskRecord {
  const now = Date.now();
  return {
    id: `t_${String(number).padStart(12, "0")}`,
    session: `chat-${number % 1_000}`,
    name: "no_op",
    title: "no_op",
    input: '{"number":1}',
    options,
    createdAt: now,
    status: "queued",
    attempt: 0,
    runAt: now,
    fence: null,
    startedAt: null,
    settledAt: null,
    output: null,
    error: null,
    facts: null,
  };
}

const options: TaskRecord["options"] = {
  priority: 0,
  timeoutMs: null,
  notify: "always",
  after: [],
  idempotencyKey: null,
  recover: "fail",
  ephemeral: false,
};
