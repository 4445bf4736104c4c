import { describe, expect, test } from "vitest";
import { defineTask } from "../../src/index.ts";
import { createWorld, storeKinds, untilAborted } from "../support/world.ts";

describe.each(storeKinds)("open (%s)", (kind) => {
  test("the constructor does nothing at all", async () => {
    await using world = await createWorld(kind);
    world.manager();
    await world.clock.settle();
    expect(world.history.steps).toEqual([]);
    expect(world.clock.pendingTimers).toBe(0);
  });

  test("many first uses at once open it once", async () => {
    await using world = await createWorld(kind);
    const manager = world.manager();
    const session = manager.session("chat");
    await Promise.all([
      manager.open(),
      session.list(),
      session.start(() => 1),
      session.notifications.receive(),
      session.describe(),
    ]);
    const registers = world.history.steps.filter(({ change }) => change.type === "register");
    expect(registers).toHaveLength(1);
  });

  test.each(["open", "owners", "tasks", "sessions"] as const)(
    "a failure in %s is told, leaves nothing behind, and the next use tries again",
    async (method) => {
      await using world = await createWorld(kind);
      const flaky = world.flaky();
      flaky.failRead(method);
      const session = flaky.manager.session("chat");
      await expect(session.list()).rejects.toThrow("The disk is busy.");
      expect(world.clock.pendingTimers).toBe(0);
      expect(await session.list()).toEqual([]);
      expect(await (await session.start(() => 1)).result()).toBe(1);
    },
  );

  test("a failure to register is told, and the next use tries again", async () => {
    await using world = await createWorld(kind);
    const flaky = world.flaky({ owner: "one" });
    flaky.failNext("register");
    await expect(flaky.manager.open()).rejects.toThrow("The disk is busy.");
    expect(world.clock.pendingTimers).toBe(0);
    await flaky.manager.open();
  });

  test("what was recovered before opening failed is neither lost nor run beside a second opening", async () => {
    await using world = await createWorld(kind);
    const runs: string[] = [];
    const again = defineTask({
      name: "again",
      description: "Starts again.",
      input: { type: "object" },
      recover: "restart",
      run: (_: unknown, { task, signal }) => {
        runs.push(`attempt ${task.attempt}`);
        return task.attempt === 1 ? untilAborted(signal) : Promise.resolve("done");
      },
    });
    const { manager, crash } = world.mortal({ tasks: [again] });
    const task = await manager.session("chat").start(again, {});
    crash();
    await world.clock.advance(40_000);
    const flaky = world.flaky({ tasks: [again] });
    flaky.failRead("sessions");
    await flaky.manager.open().catch(() => {});
    await world.clock.settle();
    const session = flaky.manager.session("chat");
    await session.list();
    await world.clock.advance(60_000);
    const found = await (await session.get(task.id)).snapshot();
    expect(["completed", "failed"]).toContain(found.status);
    expect(new Set(runs).size).toBe(runs.length);
    expect(world.history.violations()).toEqual([]);
  });

  test("onWake on a store that cannot be opened says so in an event, and the next use opens it", async () => {
    await using world = await createWorld(kind);
    const flaky = world.flaky();
    const errors: unknown[] = [];
    flaky.manager.on("store-error", ({ error }) => errors.push(error));
    flaky.failRead("open");
    flaky.manager.onWake(() => {});
    await world.until(() => errors.length === 1);
    expect(await flaky.manager.session("chat").list()).toEqual([]);
  });
});
