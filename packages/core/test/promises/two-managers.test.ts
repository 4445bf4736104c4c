import { describe, expect, test } from "vitest";
import { defineTask } from "../../src/index.ts";
import { createWorld, gate, storeKinds, untilAborted } from "../support/world.ts";

const promise =
  "7. Two managers on one store are safe: leases with epochs; a paused owner that comes back cannot write";

describe.each(storeKinds)(`${promise} (%s)`, (kind) => {
  test("each of many tasks runs in one of them, once", async () => {
    await using world = await createWorld(kind);
    const runs: string[] = [];
    const note = defineTask({
      name: "note",
      description: "Takes note.",
      input: { type: "object" },
      run: (_: unknown, { task }) => void runs.push(task.id),
    });
    const managers = [world.manager({ tasks: [note] }), world.manager({ tasks: [note] })];
    const started: string[] = [];
    await Promise.all(
      managers.map(async (manager) => {
        for (let index = 0; index < 30; index += 1) {
          const task = await manager.session("chat").start(note, {}, { delayMs: index % 3 });
          started.push(task.id);
        }
      }),
    );
    await world.clock.advance(10);
    await world.until(() => runs.length === 60);
    expect(runs.toSorted()).toEqual(started.toSorted());
    expect(world.history.violations()).toEqual([]);
  });

  test("an owner whose lease ran out is deposed; back again, it settles, reports and saves nothing", async () => {
    await using world = await createWorld(kind);
    const work = gate<string>();
    const attempted: Promise<unknown>[] = [];
    const slow = defineTask({
      name: "slow",
      description: "Slow.",
      input: { type: "object" },
      async run(_: unknown, { signal, checkpoint, notify, report }) {
        const value = await work.opened;
        attempted.push(checkpoint.save("mine"), notify("still here"));
        for (const one of attempted) one.catch(() => {});
        report({ completed: 1 });
        await Promise.allSettled(attempted);
        return `${value} ${signal.aborted}`;
      },
    });
    const paused = world.pausable({ tasks: [slow], leaseMs: 9_000 });
    const task = await paused.manager.session("chat").start(slow, {});
    const losses: number[] = [];
    paused.manager.on("lease-lost", ({ tasks }) => losses.push(tasks));
    paused.pause();
    await world.clock.advance(10_000);
    const session = world.manager({ tasks: [slow] }).session("chat");
    await world.until(
      async () => (await (await session.get(task.id)).snapshot()).status === "failed",
    );
    work.open("too late");
    await paused.resume();
    await world.clock.advance(20_000);
    expect(await Promise.allSettled(attempted)).toMatchObject([
      { status: "rejected" },
      { status: "rejected" },
    ]);
    const { status, error, progress, output } = await (await session.get(task.id)).snapshot();
    expect({ status, code: error?.code, progress, output }).toEqual({
      status: "failed",
      code: "INTERRUPTED",
      progress: null,
      output: undefined,
    });
    expect(losses).toHaveLength(1);
    expect((await session.notifications.receive()).notifications).toHaveLength(1);
    expect(world.history.violations()).toEqual([]);
  });

  test("work that lost its owner is told so by its signal, and its manager goes on under a new epoch", async () => {
    await using world = await createWorld(kind);
    const reasons: unknown[] = [];
    const paused = world.pausable({ leaseMs: 9_000, owner: "one" });
    const session = paused.manager.session("chat");
    await session.start(async ({ signal }) => {
      await untilAborted(signal).catch((error: unknown) => reasons.push(error));
    });
    paused.pause();
    await world.clock.advance(10_000);
    await world.manager().open();
    await paused.resume();
    await world.clock.advance(10_000);
    expect(reasons).toMatchObject([{ code: "LEASE_LOST" }]);
    expect(await (await session.start(() => "again")).result()).toBe("again");
    expect(world.history.violations()).toEqual([]);
  });

  test("a delivery of a deposed owner can no longer be acknowledged, and is handed out once more", async () => {
    await using world = await createWorld(kind);
    const paused = world.pausable({ leaseMs: 9_000 });
    const session = paused.manager.session("chat");
    await session.start(() => 1);
    await world.until(() => session.notifications.pending() === 1);
    const delivery = await session.notifications.receive();
    paused.pause();
    await world.clock.advance(10_000);
    const other = world.manager().session("chat");
    const second = await other.notifications.receive();
    expect(second.notifications).toMatchObject([{ deliveries: 2 }]);
    await paused.resume();
    await expect(delivery.ack()).rejects.toMatchObject({ code: "LEASE_LOST" });
    await second.ack();
    expect(world.history.violations()).toEqual([]);
  });

  test("a receive during a lost lease waits for the new one and does not spin", async () => {
    await using world = await createWorld(kind);
    const paused = world.pausable({ leaseMs: 9_000 });
    const session = paused.manager.session("chat");
    await session.start(() => 1);
    await world.until(() => session.notifications.pending() === 1);
    paused.pause();
    await world.clock.advance(10_000);
    await world.manager().open();
    const before = world.history.steps.length;
    const receiving = session.notifications.receive();
    await paused.resume({ renew: false });
    const { notifications } = await receiving;
    expect(notifications).toHaveLength(1);
    expect(world.history.steps.length - before).toBeLessThan(20);
  });

  test("two managers may not have the same name at once; one may follow the other", async () => {
    await using world = await createWorld(kind);
    const first = world.manager({ owner: "worker" });
    await first.open();
    const second = world.manager({ owner: "worker" });
    await expect(second.open()).rejects.toMatchObject({ code: "OWNER_IN_USE" });
    await expect(second.session("chat").start(() => 1)).rejects.toMatchObject({
      code: "OWNER_IN_USE",
    });
    await first.close();
    expect(await (await second.session("chat").start(() => 1)).result()).toBe(1);
  });

  test("a cancel reaches a task that runs in the other manager", async () => {
    await using world = await createWorld(kind);
    const here = world.manager({ leaseMs: 9_000 }).session("chat");
    const there = world.manager({ leaseMs: 9_000 }).session("chat");
    const task = await here.start(({ signal }) => untilAborted(signal));
    const cancelled = there.cancel(task.id, "from afar");
    await world.clock.advance(30_000);
    expect(await cancelled).toBe(true);
    expect((await task.snapshot()).error?.message).toBe("from afar");
  });

  test("a result is awaited in a manager in which the task does not run", async () => {
    await using world = await createWorld(kind);
    const here = world.manager({ leaseMs: 9_000 }).session("chat");
    const there = world.manager({ leaseMs: 9_000 }).session("chat");
    const work = gate<number>();
    const task = await here.start(() => work.opened);
    const result = (await there.get<number>(task.id)).result();
    work.open(5);
    await world.clock.advance(30_000);
    expect(await result).toBe(5);
  });
});
