import { describe, expect, test } from "vitest";
import {
  BackgroundManager,
  defineTask,
  type ManagerOptions,
  MeanwhileError,
} from "../../src/index.ts";
import { createWorld } from "../support/world.ts";

const odd: readonly unknown[] = [
  -1,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  "100",
  "",
  null,
  1n,
  {},
  [],
  Object.create(null),
  Symbol("s"),
  true,
];

/** A refusal names what was wrong and what it should be. */
const refusal = (name: string, code = "INVALID_OPTION") =>
  expect.objectContaining({
    name: "MeanwhileError",
    code,
    message: expect.stringMatching(new RegExp(`${name} must be .* of at least \\d+; got `)),
  });

const managerOptions: readonly (readonly [string, (value: never) => ManagerOptions])[] = [
  ["leaseMs", (leaseMs) => ({ leaseMs })],
  ["outputBytes", (outputBytes) => ({ outputBytes })],
  ["retention.completedMs", (completedMs) => ({ retention: { completedMs } })],
  ["retention.failedMs", (failedMs) => ({ retention: { failedMs } })],
  ["retention.tasks", (tasks) => ({ retention: { tasks } })],
  ["limits.concurrency", (concurrency) => ({ limits: { concurrency } })],
  ["limits.queued", (queued) => ({ limits: { queued } })],
  ["limits.perSession.concurrency", (concurrency) => ({ limits: { perSession: { concurrency } } })],
  ["limits.perSession.queued", (queued) => ({ limits: { perSession: { queued } } })],
];

test.each(managerOptions)("the manager's %s", (name, options) => {
  for (const value of odd) {
    expect(() => new BackgroundManager(options(value as never))).toThrow(refusal(name));
  }
});

test("what must be at least 1 cannot be 0", () => {
  for (const options of [
    { leaseMs: 0 },
    { outputBytes: 0 },
    { limits: { concurrency: 0 } },
    { limits: { perSession: { concurrency: 0 } } },
  ]) {
    expect(() => new BackgroundManager(options)).toThrow(
      expect.objectContaining({ code: "INVALID_OPTION" }),
    );
  }
});

describe("an odd time, limit or size", () => {
  type Call = (manager: BackgroundManager, value: never) => unknown;
  const calls: readonly (readonly [string, string, Call])[] = [
    ["start", "delayMs", (m, delayMs) => m.session("s").start(() => {}, { delayMs })],
    ["start", "timeoutMs", (m, timeoutMs) => m.session("s").start(() => {}, { timeoutMs })],
    ["receive", "leaseMs", (m, leaseMs) => m.session("s").notifications.receive({ leaseMs })],
    ["receive", "limit", (m, limit) => m.session("s").notifications.receive({ limit })],
    ["receive", "maxChars", (m, maxChars) => m.session("s").notifications.receive({ maxChars })],
    ["drain", "limit", (m, limit) => m.session("s").notifications.drain(() => {}, { limit })],
    ["wait", "timeoutMs", (m, timeoutMs) => m.session("s").notifications.wait({ timeoutMs })],
    ["list", "limit", (m, limit) => m.session("s").list({ limit })],
    ["describe", "maxChars", (m, maxChars) => m.session("s").describe({ maxChars })],
    ["tools", "graceMs", (m, graceMs) => m.session("s").tools({ graceMs })],
    ["onWake", "debounceMs", (m, debounceMs) => m.onWake(() => {}, { debounceMs })],
  ];

  test.each(calls)("of %s: %s", async (_where, name, call) => {
    await using world = await createWorld();
    const manager = world.manager();
    const session = manager.session("s");
    // Something is owed, so that nothing returns early.
    await session.start(() => {});
    await session.notifications.wait();
    for (const value of odd) {
      const attempt = async (): Promise<unknown> => call(manager, value as never);
      await expect(attempt()).rejects.toThrow(refusal(name));
    }
    expect(await session.list()).toHaveLength(1);
    expect(session.notifications.pending()).toBe(1);
  });

  test("of output: after and maxBytes", async () => {
    await using world = await createWorld();
    const task = await world
      .manager()
      .session("s")
      .start(() => {});
    for (const value of odd as never[]) {
      await expect(task.output({ after: value })).rejects.toThrow(refusal("after"));
      await expect(task.output({ maxBytes: value })).rejects.toThrow(refusal("maxBytes"));
    }
    await expect(task.output({ maxBytes: 0 })).rejects.toThrow(refusal("maxBytes"));
    await expect(task.output({ after: 0.5 })).rejects.toThrow(refusal("after"));
  });

  test("of wait_for_task is answered in words", async () => {
    await using world = await createWorld();
    const session = world.manager().session("s");
    const task = await session.start(() => new Promise(() => {}));
    const tool = session.tools().find(({ name }) => name === "wait_for_task");
    for (const timeout_seconds of [-1, Number.NaN, Number.POSITIVE_INFINITY, "5", 601]) {
      const answer = await tool?.call({ task_id: task.id, timeout_seconds });
      expect(answer).toMatchObject({
        isError: true,
        text: expect.stringMatching(/^Error \(INVALID_INPUT\): .*timeout_seconds/),
      });
    }
  });
});

test("the smallest sizes say what they are", async () => {
  await using world = await createWorld();
  const session = world.manager().session("s");
  const { notifications } = session;
  await expect(notifications.receive({ limit: 0 })).rejects.toThrow(/limit .* at least 1; got 0/);
  await expect(notifications.receive({ maxChars: 10 })).rejects.toThrow(
    /maxChars .* at least 500; got 10/,
  );
  await expect(session.describe({ maxChars: 10 })).rejects.toThrow(/maxChars .* at least 200/);
  const waited = notifications.wait({ timeoutMs: 0 });
  await world.clock.advance(0);
  expect(await waited).toBe(false);
});

test("a delay of 40 days is waited for to the end, and not one timer longer than the system takes", async () => {
  const days = 86_400_000;
  await using world = await createWorld();
  const longest: number[] = [];
  const { clock } = world;
  const manager = world.manager({
    // Far apart, so that little but the delay is simulated.
    leaseMs: 100 * days,
    clock: {
      ...clock,
      timer(callback, delayMs, keepAlive) {
        longest.push(delayMs);
        return clock.timer(callback, delayMs, keepAlive);
      },
    },
  });
  const session = manager.session("s");
  const patient = defineTask({
    name: "patient",
    description: "x",
    input: {},
    timeoutMs: 40 * days,
    run: (_input, { signal }) =>
      new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
  });
  const delayed = await session.start(() => "after 40 days", { delayMs: 40 * days });
  const timed = await session.start(patient, {});
  await clock.advance(40 * days - 1);
  expect((await delayed.snapshot()).status).toBe("queued");
  expect((await timed.snapshot()).status).toBe("running");
  await clock.advance(1);
  expect(await delayed.result()).toBe("after 40 days");
  expect(await timed.snapshot()).toMatchObject({ status: "failed", error: { code: "TIMEOUT" } });
  expect(Math.max(...longest)).toBeLessThan(2 ** 31);
}, 60_000);

test.each([Number.MAX_VALUE, Number.MAX_SAFE_INTEGER, 2 ** 31, 0.25])(
  "a delay and a timeout of %s ms are taken as they are",
  async (ms) => {
    await using world = await createWorld("sqliteStore");
    const manager = world.manager();
    const session = manager.session("s");
    const delayed = await session.start(() => "ran", { delayMs: ms });
    const timed = await session.start(() => "in time", { timeoutMs: Math.max(ms, 1) });
    expect(await timed.result()).toBe("in time");
    expect((await delayed.snapshot()).status).toBe("queued");
    await world.clock.advance(1);
    expect((await delayed.snapshot()).status).toBe(ms < 1 ? "completed" : "queued");
    if (ms > 1) expect(await delayed.cancel()).toBe(true);
  },
);

test("every refusal is one of ours", () => {
  try {
    new BackgroundManager({ leaseMs: Number.NaN });
    expect.unreachable();
  } catch (error) {
    expect(MeanwhileError.isInstance(error, "INVALID_OPTION")).toBe(true);
  }
});
