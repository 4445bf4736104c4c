import { describe, expect, test } from "vitest";
import { defineTask, MeanwhileError, type Session } from "../../src/index.ts";
import { createWorld, gate, storeKinds } from "../support/world.ts";

describe.each(storeKinds)("queueing (%s)", (kind) => {
  test("no more run at a time than the caps allow, and always as many", async () => {
    await using world = await createWorld(kind);
    const manager = world.manager({ limits: { concurrency: 5, perSession: { concurrency: 2 } } });
    let running = 0;
    let most = 0;
    const perSession = new Map<string, number>();
    const finished: string[] = [];
    const works: { open: () => void }[] = [];
    for (let index = 0; index < 24; index += 1) {
      const id = `s${index % 4}`;
      await manager.session(id).start(async () => {
        running += 1;
        most = Math.max(most, running);
        perSession.set(id, (perSession.get(id) ?? 0) + 1);
        expect(perSession.get(id)).toBeLessThanOrEqual(2);
        const work = gate();
        works.push({ open: () => work.open() });
        await work.opened;
        running -= 1;
        perSession.set(id, (perSession.get(id) ?? 0) - 1);
        finished.push(id);
      });
    }
    for (let round = 0; finished.length < 24 && round < 100; round += 1) {
      await world.until(() => running === Math.min(5, 24 - finished.length) || works.length > 0);
      works.shift()?.open();
      await world.clock.settle();
    }
    expect(finished).toHaveLength(24);
    expect(most).toBe(5);
  });

  test("a session with thousands of tasks does not starve one with a single task", async () => {
    await using world = await createWorld(kind);
    const many = kind === "memoryStore" ? 10_000 : 1_000;
    const limits = {
      concurrency: 2,
      queued: 20_000,
      perSession: { concurrency: 2, queued: 20_000 },
    };
    const manager = world.manager({ limits });
    const order: string[] = [];
    const busy = manager.session("busy");
    const hold = gate();
    await Promise.all(
      Array.from({ length: many }, () =>
        busy.start(async () => {
          await hold.opened;
          order.push("busy");
        }),
      ),
    );
    const other = await manager.session("quiet").start(() => order.push("quiet"));
    hold.open();
    await other.result();
    expect(order.length).toBeLessThan(12);
  });

  test("within a session the highest priority starts first, then the oldest", async () => {
    await using world = await createWorld(kind);
    const session = world.manager({ limits: { concurrency: 1 } }).session("chat");
    const hold = gate();
    await session.start(() => hold.opened);
    const order: string[] = [];
    for (const [title, priority] of [
      ["a", 0],
      ["b", 5],
      ["c", -1],
      ["d", 5],
      ["e", 0],
    ] as const) {
      await session.start(() => void order.push(title), { title, priority });
    }
    hold.open();
    await world.until(() => order.length === 5);
    expect(order).toEqual(["b", "d", "a", "e", "c"]);
  });

  test("a delay is kept to the millisecond, and takes no slot", async () => {
    await using world = await createWorld(kind);
    const session = world.manager({ limits: { concurrency: 1 } }).session("chat");
    const began = world.clock.now();
    const at: number[] = [];
    for (const delayMs of [3_000, 1_000, 2_000]) {
      await session.start(() => void at.push(world.clock.now() - began), { delayMs });
    }
    expect(await (await session.start(() => "now")).result()).toBe("now");
    await world.clock.advance(999);
    expect(at).toEqual([]);
    await world.clock.advance(2_001);
    expect(at).toEqual([1_000, 2_000, 3_000]);
  });

  // On a disk the sweeps of 40 days take too long.
  if (kind === "memoryStore") {
    test("a delay of 40 days, too", async () => {
      await using world = await createWorld(kind);
      const day = 86_400_000;
      // Fewer renewals of the lease: the days pass faster.
      const session = world.manager({ leaseMs: 100 * day }).session("chat");
      const began = world.clock.now();
      const task = await session.start(() => world.clock.now() - began, { delayMs: 40 * day });
      const result = task.result();
      await world.clock.advance(40 * day);
      expect(await result).toBe(40 * day);
    }, 60_000);
  }

  test("a failed attempt is tried again after its delay, which grows; the error of each is kept", async () => {
    await using world = await createWorld(kind);
    const began = world.clock.now();
    const at: number[] = [];
    const flaky = defineTask({
      name: "flaky",
      description: "Fails twice.",
      input: { type: "object" },
      retry: { attempts: 4, delayMs: 1_000, backoff: 3, jitter: false },
      run(_: unknown, { task }) {
        at.push(world.clock.now() - began);
        if (task.attempt < 4) throw new Error(`attempt ${task.attempt}`);
        return "at last";
      },
    });
    const manager = world.manager({ tasks: [flaky] });
    const retries: unknown[] = [];
    manager.on("task-retry", ({ attempt, delayMs }) => retries.push([attempt, delayMs]));
    const task = await manager.session("chat").start(flaky, {});
    const result = task.result();
    await world.clock.advance(500);
    expect(await task.snapshot()).toMatchObject({
      status: "queued",
      attempt: 1,
      lastError: { message: "attempt 1" },
    });
    await world.clock.advance(20_000);
    expect(await result).toBe("at last");
    expect(at).toEqual([0, 1_000, 4_000, 13_000]);
    expect(retries).toEqual([
      [1, 1_000],
      [2, 3_000],
      [3, 9_000],
    ]);
  });

  test("jitter draws each delay between half of it and all of it", async () => {
    await using world = await createWorld(kind);
    const failing = defineTask({
      name: "failing",
      description: "Fails.",
      input: { type: "object" },
      retry: { attempts: 2, delayMs: 1_000 },
      run: () => Promise.reject(new Error("no")),
    });
    const manager = world.manager({ tasks: [failing] });
    const delays: number[] = [];
    manager.on("task-retry", ({ delayMs }) => delays.push(delayMs));
    for (let index = 0; index < 40; index += 1) {
      await manager.session(String(index)).start(failing, {});
    }
    await world.clock.advance(5_000);
    expect(delays).toHaveLength(40);
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(500);
    expect(Math.max(...delays)).toBeLessThanOrEqual(1_000);
    expect(new Set(delays).size).toBeGreaterThan(20);
  });

  test("when all attempts failed, so has the task, with the last error and one notification", async () => {
    await using world = await createWorld(kind);
    const failing = defineTask({
      name: "failing",
      description: "Fails.",
      input: { type: "object" },
      retry: { attempts: 3, delayMs: 10 },
      run(_: unknown, { task }) {
        throw new Error(`attempt ${task.attempt}`);
      },
    });
    const session = world.manager({ tasks: [failing] }).session("chat");
    const task = await session.start(failing, {});
    await world.clock.advance(10_000);
    expect(await task.snapshot()).toMatchObject({
      status: "failed",
      attempt: 3,
      error: { code: "ERROR", message: "attempt 3" },
    });
    expect((await session.notifications.receive()).notifications).toHaveLength(1);
    expect(world.history.starts(task.id)).toEqual([1, 2, 3]);
  });

  test("a task that timed out and ended is tried again; one that was cancelled is not", async () => {
    await using world = await createWorld(kind);
    let runs = 0;
    const slow = defineTask({
      name: "slow",
      description: "Slow.",
      input: { type: "object" },
      timeoutMs: 100,
      stopGraceMs: 100,
      retry: { attempts: 2, delayMs: 10 },
      run: (_: unknown, { signal }) => {
        runs += 1;
        return new Promise((_resolve, reject) => {
          signal.addEventListener("abort", () => reject(signal.reason));
        });
      },
    });
    const session = world.manager({ tasks: [slow] }).session("chat");
    const task = await session.start(slow, {});
    await world.clock.advance(1_000);
    expect(await task.snapshot()).toMatchObject({ attempt: 2, error: { code: "TIMEOUT" } });
    expect(runs).toBe(2);
    await (await session.start(slow, {})).cancel();
    await world.clock.advance(1_000);
    expect(runs).toBe(3);
  });

  test("a second start with the same key gives the first task, whatever became of it", async () => {
    await using world = await createWorld(kind);
    const manager = world.manager();
    const session = manager.session("chat");
    let runs = 0;
    const count = (): number => {
      runs += 1;
      return runs;
    };
    const options = { idempotencyKey: "once" };
    const [one, two] = await Promise.all([
      session.start(count, options),
      session.start(count, options),
    ]);
    expect(two.id).toBe(one.id);
    expect(await one.result()).toBe(1);
    expect((await session.start(count, options)).id).toBe(one.id);
    const other = await manager.session("other").start(count, options);
    expect(other.id).not.toBe(one.id);
    await other.result();
    expect(runs).toBe(2);
  });

  test("a full queue still gives the task that has the idempotency key", async () => {
    await using world = await createWorld(kind);
    const session = world.manager({ limits: { perSession: { queued: 1 } } }).session("chat");
    const delayMs = 60_000;
    const first = await session.start(() => 1, { idempotencyKey: "key", delayMs });
    const again = await session.start(() => 2, { idempotencyKey: "key", delayMs });
    expect(again.id).toBe(first.id);
    const other = session.start(() => 3, { idempotencyKey: "other", delayMs });
    await expect(other).rejects.toMatchObject({ code: "QUEUE_FULL" });
  });

  test("a full queue refuses with QUEUE_FULL, nothing stored, and takes tasks again when there is room", async () => {
    await using world = await createWorld(kind);
    const limits = { concurrency: 1, queued: 3, perSession: { queued: 2 } };
    const manager = world.manager({ limits });
    const session = manager.session("chat");
    const hold = gate();
    const starts = await Promise.allSettled(
      Array.from({ length: 5 }, () => session.start(() => hold.opened)),
    );
    expect(starts.map(({ status }) => status)).toEqual([
      "fulfilled",
      "fulfilled",
      "fulfilled",
      "rejected",
      "rejected",
    ]);
    expect(starts[4]).toMatchObject({
      reason: { code: "QUEUE_FULL", details: { scope: "session", limit: 2 } },
    });
    await manager.session("other").start(() => hold.opened);
    await expect(manager.session("third").start(() => 1)).rejects.toMatchObject({
      code: "QUEUE_FULL",
      details: { scope: "manager", limit: 3 },
    });
    expect(await session.list()).toHaveLength(3);
    hold.open();
    await world.until(async () => (await session.list({ status: ["completed"] })).length === 3);
    expect(await (await session.start(() => "room")).result()).toBe("room");
  });

  test("the count of those that wait stays right through cancels, retries, failures and refusals", async () => {
    await using world = await createWorld(kind);
    const session: Session = world
      .manager({ limits: { concurrency: 1, perSession: { queued: 3 } } })
      .session("chat");
    const hold = gate();
    await session.start(() => hold.opened);
    for (let round = 0; round < 5; round += 1) {
      const tasks = [];
      for (let index = 0; index < 3; index += 1) tasks.push(await session.start(() => 1));
      await expect(session.start(() => 1)).rejects.toMatchObject({ code: "QUEUE_FULL" });
      await expect(session.start(() => 1, { after: ["t_x"] })).rejects.toThrow(MeanwhileError);
      await session.notifications.drain(() => {});
      for (const task of tasks) await task.cancel();
    }
    hold.open();
    await world.clock.settle();
    for (let index = 0; index < 10; index += 1) await (await session.start(() => 1)).result();
  });

  test("a start that is refused, or whose title throws, takes no slot", async () => {
    await using world = await createWorld(kind);
    const odd = defineTask({
      name: "odd",
      description: "Odd.",
      input: { type: "object" },
      title: () => {
        throw new Error("no title");
      },
      run: () => 1,
    });
    const flaky = world.flaky({ limits: { concurrency: 1 }, tasks: [odd] });
    const session = flaky.manager.session("chat");
    for (let index = 0; index < 3; index += 1) {
      await session.start(odd, {}).catch(() => {});
      flaky.failNext("insert");
      await expect(session.start(() => 1)).rejects.toThrow("The disk is busy.");
      await expect(session.start(() => 1, { delayMs: -1 })).rejects.toThrow(MeanwhileError);
    }
    expect(await (await session.start(() => "free")).result()).toBe("free");
  });
});
