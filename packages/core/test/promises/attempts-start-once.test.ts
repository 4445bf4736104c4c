import { describe, expect, test } from "vitest";
import { type AnyDefinition, defineTask, type Recover } from "../../src/index.ts";
import { createWorld, storeKinds, untilAborted } from "../support/world.ts";

const promise =
  "6. An attempt starts at most once. After a crash a task goes on where it can, else it fails with INTERRUPTED and says so";

/** A task that never ends by itself, and takes note of each run. */
function stuck(
  runs: string[],
  recover?: Recover<unknown, string>,
  more: { readonly stopGraceMs?: number } = {},
): AnyDefinition {
  return defineTask({
    name: "stuck",
    description: "Never ends.",
    input: { type: "object" },
    ...(recover === undefined ? {} : { recover }),
    ...more,
    run(_: unknown, { task, signal }): Promise<string> {
      runs.push(`attempt ${task.attempt}`);
      return untilAborted(signal);
    },
  });
}

describe.each(storeKinds)(`${promise} (%s)`, (kind) => {
  test("a definition that says nothing fails with INTERRUPTED, once, and is not run again", async () => {
    await using world = await createWorld(kind);
    const runs: string[] = [];
    const definition = stuck(runs);
    const { manager, crash } = world.mortal({ tasks: [definition] });
    const task = await manager.session("chat").start(definition, {});
    crash();
    await world.clock.advance(40_000);
    const session = world.manager({ tasks: [stuck(runs)] }).session("chat");
    const found = await (await session.get(task.id)).snapshot();
    expect(found).toMatchObject({ status: "failed", attempt: 1, error: { code: "INTERRUPTED" } });
    await world.clock.advance(100_000);
    expect(runs).toEqual(["attempt 1"]);
    expect(world.history.violations()).toEqual([]);
  });

  test('recover "restart" starts a second attempt, with the checkpoint of the first', async () => {
    await using world = await createWorld(kind);
    const seen: unknown[] = [];
    const counting = defineTask({
      name: "counting",
      description: "Counts.",
      input: { type: "object" },
      recover: "restart",
      async run(_: unknown, { checkpoint, task, signal }) {
        seen.push([task.attempt, checkpoint.read()]);
        if (task.attempt === 2) return "done";
        await checkpoint.save({ at: 7 });
        return untilAborted(signal);
      },
    });
    const { manager, crash } = world.mortal({ tasks: [counting] });
    const task = await manager.session("chat").start(counting, {});
    await world.until(() => world.history.steps.some(({ change }) => change.type === "update"));
    crash();
    await world.clock.advance(40_000);
    const session = world.manager({ tasks: [counting] }).session("chat");
    expect(await (await session.get(task.id)).result()).toBe("done");
    expect(seen).toEqual([
      [1, undefined],
      [2, { at: 7 }],
    ]);
    expect(world.history.starts(task.id)).toEqual([1, 2]);
    expect(world.history.violations()).toEqual([]);
  });

  test("a recover function finishes the attempt; run is not called again", async () => {
    await using world = await createWorld(kind);
    const runs: string[] = [];
    const definition = stuck(runs, (_, { task }) => `recovered attempt ${task.attempt}`);
    const { manager, crash } = world.mortal({ tasks: [definition] });
    const task = await manager.session("chat").start(definition, {});
    crash();
    await world.clock.advance(40_000);
    const session = world.manager({ tasks: [definition] }).session("chat");
    expect(await (await session.get(task.id)).result()).toBe("recovered attempt 1");
    expect(runs).toEqual(["attempt 1"]);
    expect(world.history.violations()).toEqual([]);
  });

  test("a definition that can no longer recover is not run a second time in its place", async () => {
    await using world = await createWorld(kind);
    const runs: string[] = [];
    const before = stuck(runs, () => "recovered");
    const { manager, crash } = world.mortal({ tasks: [before] });
    const task = await manager.session("chat").start(before, {});
    crash();
    await world.clock.advance(40_000);
    const session = world.manager({ tasks: [stuck(runs)] }).session("chat");
    await world.until(
      async () => (await (await session.get(task.id)).snapshot()).status !== "running",
    );
    const found = await (await session.get(task.id)).snapshot();
    expect(found).toMatchObject({ status: "failed", error: { code: "INTERRUPTED" } });
    expect(runs).toEqual(["attempt 1"]);
  });

  test("a closure fails with INTERRUPTED whether it ran or waited, also one that was delayed", async () => {
    await using world = await createWorld(kind);
    const { manager, crash } = world.mortal({ limits: { concurrency: 1 } });
    const session = manager.session("chat");
    const running = await session.start(({ signal }) => untilAborted(signal));
    const queued = await session.start(() => 1);
    const delayed = await session.start(() => 1, { delayMs: 1_000_000 });
    crash();
    await world.clock.advance(40_000);
    const next = world.manager().session("chat");
    for (const { id } of [running, queued, delayed]) {
      expect(await (await next.get(id)).snapshot()).toMatchObject({
        status: "failed",
        error: { code: "INTERRUPTED" },
      });
    }
    expect((await next.notifications.receive()).notifications).toHaveLength(3);
  });

  test("a queued task of a known definition just runs", async () => {
    await using world = await createWorld(kind);
    const runs: string[] = [];
    const quick = defineTask({
      name: "quick",
      description: "Quick.",
      input: { type: "object" },
      run: () => {
        runs.push("run");
        return 3;
      },
    });
    const limits = { concurrency: 1 };
    const { manager, crash } = world.mortal({ tasks: [quick], limits });
    const session = manager.session("chat");
    await session.start(({ signal }) => untilAborted(signal));
    const queued = await session.start(quick, {});
    crash();
    await world.clock.advance(40_000);
    const next = world.manager({ tasks: [quick] }).session("chat");
    expect(await (await next.get(queued.id)).result()).toBe(3);
    expect(runs).toEqual(["run"]);
  });

  test("a task that takes its process down each time is given up, and says how often", async () => {
    await using world = await createWorld(kind);
    const runs: string[] = [];
    const definition = stuck(runs, "restart");
    let id = "";
    for (let process = 0; process < 6; process += 1) {
      const { manager, crash } = world.mortal({ tasks: [definition] });
      const session = manager.session("chat");
      if (process === 0) id = (await session.start(definition, {})).id;
      await manager.open();
      await world.clock.settle();
      await world.clock.settle();
      crash();
      await world.clock.advance(40_000);
    }
    const session = world.manager({ tasks: [definition] }).session("chat");
    expect(await (await session.get(id)).snapshot()).toMatchObject({
      status: "failed",
      error: { code: "INTERRUPTED", details: { interruptions: 3 } },
    });
    expect(runs).toEqual(["attempt 1", "attempt 2", "attempt 3"]);
  });

  test("a cancel that was asked for before the crash is a cancel after it", async () => {
    for (const recover of ["fail", "restart"] as const) {
      await using world = await createWorld(kind);
      const runs: string[] = [];
      const definition = stuck(runs, recover, { stopGraceMs: 1_000_000 });
      const { manager, crash } = world.mortal({ tasks: [definition] });
      const task = await manager.session("chat").start(definition, {});
      void task.cancel("enough").catch(() => {});
      await world.until(() => world.history.steps.some(({ change }) => change.type === "cancel"));
      crash();
      await world.clock.advance(40_000);
      const session = world.manager({ tasks: [definition] }).session("chat");
      expect(await (await session.get(task.id)).snapshot()).toMatchObject({
        status: "cancelled",
        error: { code: "CANCELLED", message: "enough" },
      });
      expect(runs).toEqual(["attempt 1"]);
    }
  });

  test("a task whose definition the next manager lacks waits for one that has it", async () => {
    await using world = await createWorld(kind);
    const runs: string[] = [];
    const definition = stuck(runs, () => "recovered");
    const { manager, crash } = world.mortal({ tasks: [definition] });
    const task = await manager.session("chat").start(definition, {});
    crash();
    await world.clock.advance(40_000);
    const missing: string[] = [];
    const without = world.manager();
    without.on("definition-missing", ({ name }) => missing.push(name));
    await without.open();
    expect(missing).toEqual(["stuck"]);
    await without.close();
    const session = world.manager({ tasks: [definition] }).session("chat");
    expect(await (await session.get(task.id)).result()).toBe("recovered");
  });

  test("tasks that wait for a definition run once it becomes known", async () => {
    await using world = await createWorld(kind);
    const quick = defineTask({
      name: "quick",
      description: "Quick.",
      input: { type: "object" },
      run: () => 3,
    });
    const first = world.manager({ tasks: [quick] });
    const queued = [];
    for (let index = 0; index < 3; index += 1) {
      queued.push(await first.session("chat").start(quick, {}, { delayMs: 1_000 }));
    }
    await first.close();
    await world.clock.advance(10_000);
    const second = world.manager();
    const session = second.session("chat");
    await session.list();
    await world.clock.advance(10_000);
    expect(await (await second.session("other").start(quick, {})).result()).toBe(3);
    for (const { id } of queued) expect(await (await session.get(id)).result()).toBe(3);
  });
});
