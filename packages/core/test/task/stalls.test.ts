import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Activity, ManagerEventOf, ManagerOptions, TaskContext } from "../../src/index.ts";
import { createWorld, untilAborted } from "../support/world.ts";

type Stall = ManagerEventOf<"task-stall">;

/** One task in one manager, and the stalls that were told. */
async function watched(
  run: (context: TaskContext) => unknown,
  options: ManagerOptions = { stall: { afterMs: 60_000 } },
) {
  const world = await createWorld();
  const manager = world.manager(options);
  const stalls: Stall[] = [];
  manager.on("task-stall", (event) => stalls.push(event));
  const session = manager.session("chat");
  let context!: TaskContext;
  const task = await session.start((given) => {
    context = given;
    return run(given);
  });
  await world.until(() => context !== undefined);
  return {
    world,
    manager,
    session,
    task,
    context,
    stalls,
    pass: (ms: number) => world.clock.advance(ms),
    [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
  };
}

const wait = ({ signal }: TaskContext) => untilAborted(signal);

test("a task that does nothing is said to have stalled, once", async () => {
  await using one = await watched(wait);
  await one.pass(59_000);
  expect(one.stalls).toEqual([]);
  await one.pass(31_000);
  expect(one.stalls).toMatchObject([
    {
      type: "task-stall",
      taskId: one.task.id,
      session: "chat",
      name: "function",
      waitsForInput: false,
    },
  ]);
  expect(one.stalls[0]?.quietMs).toBeGreaterThanOrEqual(60_000);
  await one.pass(600_000);
  expect(one.stalls).toHaveLength(1);
  expect(one.session.notifications.pending()).toBe(0);
});

const movements: [string, (context: TaskContext, turn: number) => unknown][] = [
  ["prints", ({ write }) => write(".")],
  ["reports", ({ report }, turn) => report({ completed: turn })],
  ["saves a checkpoint", ({ checkpoint }, turn) => checkpoint.save(turn)],
];

test.each(movements)("one that %s has not, until it ceases to", async (_what, move) => {
  await using one = await watched(wait);
  for (let turn = 0; turn < 10; turn += 1) {
    await one.pass(40_000);
    await move(one.context, turn);
    await one.task.output();
  }
  expect(one.stalls).toEqual([]);
  await one.pass(90_000);
  expect(one.stalls).toHaveLength(1);
  await move(one.context, 10);
  await one.task.output();
  await one.pass(100_000);
  expect(one.stalls).toHaveLength(2);
});

test("nor one whose output another process writes", async () => {
  await using one = await watched(wait);
  const file = join(await one.context.directory(), "log");
  one.context.outputFile("log");
  for (let turn = 0; turn < 10; turn += 1) {
    await one.pass(40_000);
    await appendFile(file, "x");
  }
  expect(one.stalls).toEqual([]);
  await one.pass(90_000);
  expect(one.stalls).toHaveLength(1);
});

test("nor one that uses the processor; what little waiting takes counts as none", async () => {
  let cpuMs = 0;
  await using one = await watched((context) => {
    context.activity(() => ({ cpuMs }));
    return wait(context);
  });
  for (let turn = 0; turn < 30; turn += 1) {
    await one.pass(15_000);
    cpuMs += 500;
  }
  expect(one.stalls).toEqual([]);
  for (let turn = 0; turn < 8; turn += 1) {
    await one.pass(15_000);
    cpuMs += 10;
  }
  expect(one.stalls).toHaveLength(1);
  cpuMs += 500;
  await one.pass(105_000);
  expect(one.stalls).toHaveLength(2);
});

test("by option the session is told, with what a command waits for", async () => {
  let activity: Activity = {};
  await using one = await watched(
    (context) => {
      context.activity(async () => activity);
      return wait(context);
    },
    { stall: { afterMs: 60_000, notify: true } },
  );
  await one.pass(90_000);
  activity = { waitsForInput: true };
  await one.context.write("$ ");
  await one.task.output();
  await one.pass(100_000);
  expect(one.stalls.map(({ waitsForInput }) => waitsForInput)).toEqual([false, true]);
  const { notifications, text } = await one.session.notifications.receive();
  expect(notifications.map(({ kind }) => kind)).toEqual(["message", "message"]);
  expect(text).toMatch(/No output and no progress for 1m\d+s\.\n/);
  expect(text).toMatch(/for 1m\d+s\. Waits for input: send it with send_to_task\./);
});

test("a probe that throws or never answers hides no other task's stall", async () => {
  await using one = await watched((context) => {
    context.activity(() => new Promise(() => {}));
    return wait(context);
  });
  const errors: unknown[] = [];
  one.manager.on("listener-error", ({ error }) => errors.push(error));
  await one.session.start((context) => {
    context.activity(() => {
      throw new Error("blind");
    });
    return wait(context);
  });
  await one.pass(100_000);
  expect(one.stalls).toHaveLength(1);
  expect(errors[0]).toMatchObject({ message: "blind" });
});

test("five minutes when nothing else was said, and never with false", async () => {
  await using usual = await watched(wait, {});
  await usual.pass(290_000);
  expect(usual.stalls).toEqual([]);
  await usual.pass(160_000);
  expect(usual.stalls).toHaveLength(1);
  await using never = await watched(wait, { stall: false });
  await never.pass(3_000_000);
  expect(never.stalls).toEqual([]);
});

test.each([true, { afterMs: 0 }, { afterMs: Number.NaN }, { notify: "yes" }])(
  "stall: %j is refused",
  async (stall) => {
    await using world = await createWorld();
    expect(() => world.manager({ stall: stall as never })).toThrow(
      expect.objectContaining({ code: "INVALID_OPTION" }),
    );
  },
);

test("one timer serves all tasks, and none remains", async () => {
  await using one = await watched(wait, {
    stall: { afterMs: 60_000 },
    limits: { concurrency: 500, perSession: { concurrency: 500 } },
  });
  await one.pass(20_000);
  const timers = one.world.clock.pendingTimers;
  const others = await Promise.all(Array.from({ length: 300 }, () => one.session.start(wait)));
  await one.pass(20_000);
  expect(one.world.clock.pendingTimers).toBe(timers);
  await one.pass(80_000);
  expect(one.stalls).toHaveLength(1 + others.length);
  await one.manager.close();
  expect(one.world.clock.pendingTimers).toBe(0);
});
