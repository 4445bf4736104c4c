import { describe, expect, test } from "vitest";
import { type CloseMode, defineTask, MeanwhileError } from "../../src/index.ts";
import { createWorld, gate, storeKinds, untilAborted } from "../support/world.ts";

const closed = (promise: Promise<unknown>): Promise<void> =>
  expect(promise).rejects.toMatchObject({ code: "CLOSED" });

describe.each(storeKinds)("close (%s)", (kind) => {
  test("cancels what runs, waits for nothing, and leaves what is queued queued", async () => {
    await using world = await createWorld(kind);
    const slow = defineTask({
      name: "slow",
      description: "Slow.",
      input: { type: "object" },
      run: (_: unknown, { signal }) => untilAborted(signal),
    });
    const manager = world.manager({ tasks: [slow], limits: { concurrency: 2 } });
    const session = manager.session("chat");
    const running = await session.start(slow, {});
    const deaf = await session.start(() => new Promise(() => {}));
    const queued = await session.start(slow, {});
    const closure = await session.start(() => 1);
    await manager.close();
    const next = world.manager().session("chat");
    const statuses = Object.fromEntries((await next.list()).map(({ id, status }) => [id, status]));
    expect(statuses).toEqual({
      [running.id]: "cancelled",
      [deaf.id]: "cancelled",
      [queued.id]: "queued",
      [closure.id]: "cancelled",
    });
    expect((await next.notifications.receive()).notifications).toHaveLength(3);
    expect(world.clock.pendingTimers).toBeLessThan(5);
  });

  test('"wait" lets what runs end and starts nothing more', async () => {
    await using world = await createWorld(kind);
    const manager = world.manager({ limits: { concurrency: 1 } });
    const session = manager.session("chat");
    const work = gate<number>();
    const running = await session.start(() => work.opened);
    let started = false;
    await session.start(() => {
      started = true;
    });
    const waiter = running.result();
    const closing = manager.close({ running: "wait" });
    let done = false;
    void closing.then(() => {
      done = true;
    });
    await world.clock.advance(100_000);
    expect(done).toBe(false);
    const late = running.snapshot();
    work.open(7);
    await closing;
    expect(await waiter).toBe(7);
    expect((await late).status).toBe("running");
    expect(started).toBe(false);
    const next = world.manager().session("chat");
    expect(await (await next.get(running.id)).snapshot()).toMatchObject({ output: 7 });
  });

  test('"leave" lets go of what can be taken up, with CLOSED, and cancels the rest', async () => {
    await using world = await createWorld(kind);
    const reasons: unknown[] = [];
    const kept = defineTask({
      name: "kept",
      description: "Can be taken up.",
      input: { type: "object" },
      recover: () => "taken up",
      run: (_: unknown, { signal }) =>
        untilAborted(signal).catch((reason: unknown) => {
          reasons.push(reason);
          throw reason;
        }),
    });
    const manager = world.manager({ tasks: [kept] });
    const session = manager.session("chat");
    const task = await session.start(kept, {});
    const closure = await session.start(({ signal }) => untilAborted(signal));
    await manager.close({ running: "leave" });
    expect(reasons).toMatchObject([{ code: "CLOSED" }]);
    const next = world.manager({ tasks: [kept] }).session("chat");
    expect(await (await next.get(task.id)).result()).toBe("taken up");
    expect((await (await next.get(closure.id)).snapshot()).status).toBe("cancelled");
    expect(world.history.violations()).toEqual([]);
  });

  test("a closed manager refuses everything with CLOSED", async () => {
    await using world = await createWorld(kind);
    const manager = world.manager();
    const session = manager.session("chat");
    const task = await session.start(() => 1);
    await world.until(() => session.notifications.pending() === 1);
    const delivery = await session.notifications.receive();
    await manager.close();
    await manager.close();
    await closed(manager.open());
    await closed(session.start(() => 1));
    await closed(session.list());
    await closed(session.get(task.id));
    await closed(session.cancel(task.id));
    await closed(session.describe());
    await closed(session.turn(() => 1));
    await closed(session.notifications.receive());
    await closed(session.notifications.drain(() => 1));
    await closed(session.notifications.wait());
    await closed(task.snapshot());
    await closed(task.result());
    await closed(task.cancel());
    await closed(task.send("x"));
    await closed(task.output());
    await closed(delivery.ack());
    expect(() => manager.onWake(() => {})).toThrow(MeanwhileError);
    expect(() => session.notifications.subscribe(() => {})).toThrow(MeanwhileError);
    const more: Record<string, object> = {
      send_to_task: { text: "x" },
      watch_task: { pattern: "x" },
    };
    for (const { name, execute } of session.tools()) {
      const input = name === "list_tasks" ? {} : { task_id: task.id, ...more[name] };
      expect(await execute(input)).toContain("CLOSED");
    }
    for await (const _ of session.notifications) throw new Error("a delivery");
    await expect(
      (async () => {
        for await (const event of task.events()) throw new Error(event.type);
      })(),
    ).rejects.toMatchObject({ code: "CLOSED" });
  });

  test("a manager that was never used closes, and refuses afterwards", async () => {
    await using world = await createWorld(kind);
    const manager = world.manager();
    await manager.close();
    await closed(manager.session("chat").start(() => 1));
    expect(world.history.steps).toEqual([]);
  });

  test("everyone who waits is let go with CLOSED", async () => {
    await using world = await createWorld(kind);
    const manager = world.manager();
    const session = manager.session("chat");
    const work = gate();
    const task = await session.start(() => work.opened, { delayMs: 1_000_000 });
    const remote = await session.start(() => 1, { delayMs: 1_000_000, after: [] });
    void remote;
    const waiting = session.notifications.wait();
    const looping = (async () => {
      for await (const _ of session.notifications) throw new Error("a delivery");
    })();
    await world.clock.settle();
    // A closure that waits is cancelled, so its waiter is told of that.
    const result = task.result();
    const closing = manager.close();
    await closed(waiting);
    await looping;
    await expect(result).rejects.toMatchObject({ code: "CANCELLED" });
    await closing;
  });

  test("who begins to wait while it closes is let go as well", async () => {
    for (let distance = 0; distance < 40; distance += 1) {
      await using world = await createWorld(kind);
      const later = defineTask({
        name: "later",
        description: "Starts later.",
        input: { type: "object" },
        run: () => 1,
      });
      const manager = world.manager({ tasks: [later] });
      const session = manager.session("chat");
      const queued = await session.start(later, {}, { delayMs: 1_000_000 });
      const slow = await session.start(() => new Promise(() => {}), { timeoutMs: 1_000_000 });
      const task = await session.start(() => 1, { delayMs: 1_000_000 });
      const closing = manager.close();
      for (let turn = 0; turn < distance % 10; turn += 1) await null;
      for (let turn = 0; turn < distance / 10; turn += 1) {
        await new Promise((resolve) => setImmediate(resolve));
      }
      const outcomes = Promise.allSettled([
        manager.session("empty").notifications.wait(),
        queued.result(),
        task.result(),
        slow.result(),
        session.notifications.receive(),
        session.turn(() => 1),
        (async () => {
          for await (const _ of session.notifications) throw new Error("a delivery");
        })(),
      ]);
      await closing;
      const [waited, read] = await outcomes;
      expect(waited).toMatchObject({ status: "rejected", reason: { code: "CLOSED" } });
      expect(read).toMatchObject({ status: "rejected", reason: { code: "CLOSED" } });
    }
  });

  test("a start that meets a close is either refused, with nothing stored, or ended by it", async () => {
    for (let distance = 0; distance < 30; distance += 1) {
      await using world = await createWorld(kind);
      const manager = world.manager();
      const session = manager.session("chat");
      if (distance % 2 === 0) await manager.open();
      let ran = 0;
      const starting = session.start(({ signal }) => {
        ran += 1;
        return untilAborted(signal);
      });
      starting.catch(() => {});
      for (let turn = 0; turn < distance; turn += 1) await null;
      if (distance % 3 === 0) await new Promise((resolve) => setImmediate(resolve));
      await manager.close();
      const started = await starting.then(
        () => true,
        (error: unknown) => {
          expect(MeanwhileError.isInstance(error, "CLOSED")).toBe(true);
          return false;
        },
      );
      const tasks = await world.manager().session("chat").list();
      expect(tasks.map(({ status }) => status)).toEqual(started ? ["cancelled"] : []);
      expect(ran).toBeLessThanOrEqual(tasks.length);
    }
  });

  test("a close in the middle of opening waits for it and undoes it", async () => {
    await using world = await createWorld(kind);
    for (let distance = 0; distance < 20; distance += 1) {
      const manager = world.manager({ owner: "one" });
      const opening = manager.open();
      opening.catch(() => {});
      for (let turn = 0; turn < distance; turn += 1) await null;
      await manager.close();
      await opening.catch(() => {});
    }
    expect(world.history.violations()).toEqual([]);
  });

  test("a turn's signal aborts, and a turn that waited for its turn is refused", async () => {
    await using world = await createWorld(kind);
    const manager = world.manager();
    const session = manager.session("chat");
    const first = session.turn(({ signal }) => untilAborted(signal));
    const second = session.turn(() => "never");
    first.catch(() => {});
    second.catch(() => {});
    await world.clock.settle();
    await manager.close();
    await closed(first);
    await closed(second);
    const next = world.manager().session("chat");
    expect(await next.turn(() => "free")).toBe("free");
  });

  test("storage that fails meanwhile does not keep it open", async () => {
    await using world = await createWorld(kind);
    const { manager, crash } = world.mortal();
    const session = manager.session("chat");
    await session.start(() => new Promise(() => {}));
    await session.start(() => 1, { delayMs: 1_000 });
    crash();
    const closing = manager.close();
    await world.clock.advance(60_000);
    await closing;
    await closed(session.list());
    const timers = world.clock.pendingTimers;
    await world.clock.advance(600_000);
    expect(timers).toBe(0);
  });

  test("no timer is left behind", async () => {
    await using world = await createWorld(kind);
    const manager = world.manager();
    const session = manager.session("chat");
    manager.onWake(async ({ session: own }) => own.notifications.drain(() => {}));
    await session.start(() => 1);
    await session.start(() => 1, { delayMs: 50_000 });
    await session.start(({ report }) => report({ completed: 1 }));
    void session.notifications.wait({ timeoutMs: 10_000 }).catch(() => {});
    await world.clock.advance(1_000);
    await manager.close();
    expect(world.clock.pendingTimers).toBe(0);
  });

  test.each<CloseMode>(["cancel", "wait", "leave"])(
    "a second manager opens right afterwards (%s)",
    async (running) => {
      await using world = await createWorld(kind);
      const first = world.manager({ owner: "same" });
      expect(await (await first.session("chat").start(() => 1)).result()).toBe(1);
      await first.close({ running });
      const second = world.manager({ owner: "same" });
      expect(await (await second.session("chat").start(() => 2)).result()).toBe(2);
    },
  );

  test("`await using` closes", async () => {
    await using world = await createWorld(kind);
    const outer = world.manager();
    {
      await using manager = outer;
      await manager.session("chat").start(() => new Promise(() => {}));
    }
    await closed(outer.open());
  });
});
