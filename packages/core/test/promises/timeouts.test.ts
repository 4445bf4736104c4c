import { describe, expect, test } from "vitest";
import { createWorld, gate, storeKinds, untilAborted } from "../support/world.ts";

const promise =
  "8. A timeout settles the task on time even if the work ignores its signal. Such work, in process, keeps its slot until it really ends";

describe.each(storeKinds)(`${promise} (%s)`, (kind) => {
  test("on the millisecond, with TIMEOUT", async () => {
    await using world = await createWorld(kind);
    const session = world.manager().session("chat");
    const task = await session.start(() => new Promise(() => {}), { timeoutMs: 5_000 });
    const began = world.clock.now();
    const result = task.result();
    result.catch(() => {});
    await world.clock.advance(4_999);
    expect((await task.snapshot()).status).toBe("running");
    await world.clock.advance(1);
    await expect(result).rejects.toMatchObject({ code: "TIMEOUT", details: { timeoutMs: 5_000 } });
    expect((await task.snapshot()).settledAt).toBe(began + 5_000);
  });

  test("the slot stays taken until the work ends, and is free then", async () => {
    await using world = await createWorld(kind);
    const session = world.manager({ limits: { concurrency: 1 } }).session("chat");
    const work = gate();
    const deaf = await session.start(() => work.opened, { timeoutMs: 1_000 });
    const next = await session.start(() => "next");
    await world.clock.advance(1_000);
    await expect(deaf.result()).rejects.toMatchObject({ code: "TIMEOUT" });
    await world.clock.advance(60_000);
    expect((await next.snapshot()).status).toBe("queued");
    work.open();
    expect(await next.result()).toBe("next");
  });

  test("the same with a cancel", async () => {
    await using world = await createWorld(kind);
    const session = world.manager({ limits: { perSession: { concurrency: 1 } } }).session("chat");
    const work = gate();
    const deaf = await session.start(() => work.opened);
    const next = await session.start(() => "next");
    expect(await deaf.cancel()).toBe(true);
    await world.clock.advance(60_000);
    expect((await next.snapshot()).status).toBe("queued");
    work.fail(new Error("at last"));
    expect(await next.result()).toBe("next");
  });

  test("work that obeys its signal frees its slot at once", async () => {
    await using world = await createWorld(kind);
    const session = world.manager({ limits: { concurrency: 1 } }).session("chat");
    const reasons: unknown[] = [];
    await session.start(
      ({ signal }) => untilAborted(signal).catch((reason: unknown) => reasons.push(reason)),
      { timeoutMs: 1_000 },
    );
    const next = await session.start(() => "next");
    await world.clock.advance(1_000);
    expect(await next.result()).toBe("next");
    expect(reasons).toMatchObject([{ code: "TIMEOUT" }]);
  });

  test("a signal that is first looked at after the timeout is aborted already", async () => {
    await using world = await createWorld(kind);
    const session = world.manager().session("chat");
    const work = gate();
    const seen: boolean[] = [];
    const task = await session.start(
      async (context) => {
        await work.opened;
        seen.push(context.signal.aborted);
      },
      { timeoutMs: 1_000 },
    );
    await world.clock.advance(1_000);
    work.open();
    await world.clock.settle();
    expect(seen).toEqual([true]);
    expect((await task.snapshot()).error?.code).toBe("TIMEOUT");
  });

  test("a timed-out attempt whose work still runs is not tried again beside it", async () => {
    await using world = await createWorld(kind);
    const { defineTask } = await import("../../src/index.ts");
    let runs = 0;
    const deaf = defineTask({
      name: "deaf",
      description: "Ignores its signal.",
      input: { type: "object" },
      timeoutMs: 1_000,
      retry: { attempts: 5, delayMs: 1 },
      run() {
        runs += 1;
        return new Promise(() => {});
      },
    });
    const task = await world.manager().session("chat").start(deaf, {});
    await world.clock.advance(60_000);
    expect(runs).toBe(1);
    expect((await task.snapshot()).error?.code).toBe("TIMEOUT");
  });

  test("what such work still writes, says and saves is refused to it, and harms nobody", async () => {
    await using world = await createWorld(kind);
    const unhandled: unknown[] = [];
    const listen = (reason: unknown): void => void unhandled.push(reason);
    process.on("unhandledRejection", listen);
    try {
      const session = world.manager().session("chat");
      const work = gate();
      const refusals: unknown[] = [];
      const task = await session.start(
        async ({ write, notify, checkpoint, report, messages }) => {
          await work.opened;
          // Not awaited, as careless work does.
          void write("more");
          void notify("more");
          void checkpoint.save(1);
          report({ completed: 1 });
          for await (const message of messages) refusals.push(message);
          await write("more").catch((error: unknown) => refusals.push(error));
        },
        { timeoutMs: 1_000 },
      );
      await world.clock.advance(1_000);
      work.open();
      await world.until(() => refusals.length === 1);
      await world.clock.settle();
      expect(refusals).toMatchObject([{ code: "TASK_SETTLED" }]);
      expect((await task.output()).text).toBe("");
      expect((await session.notifications.receive()).notifications).toHaveLength(1);
      expect(unhandled).toEqual([]);
    } finally {
      process.off("unhandledRejection", listen);
    }
  });

  test("a definition's stop grace lets the work finish; past it the task is settled without", async () => {
    for (const takesMs of [500, 5_000]) {
      await using world = await createWorld(kind);
      const { defineTask } = await import("../../src/index.ts");
      const tidy = defineTask({
        name: "tidy",
        description: "Tidies up.",
        input: { type: "object" },
        timeoutMs: 1_000,
        stopGraceMs: 2_000,
        run: (_: unknown, { signal, clock }) =>
          new Promise<never>((_resolve, reject) => {
            signal.addEventListener("abort", () => {
              clock.timer(() => reject(new Error("tidied up")), takesMs, false);
            });
          }),
      });
      const task = await world.manager().session("chat").start(tidy, {});
      const began = world.clock.now();
      await world.clock.advance(20_000);
      const { error, settledAt } = await task.snapshot();
      expect(error?.code).toBe("TIMEOUT");
      expect(settledAt).toBe(began + 1_000 + Math.min(takesMs, 2_000));
    }
  });

  test("messages end when the task is asked to stop, though its grace goes on", async () => {
    await using world = await createWorld(kind);
    const { defineTask } = await import("../../src/index.ts");
    const listening = defineTask({
      name: "listening",
      description: "Listens.",
      input: { type: "object" },
      stopGraceMs: 60_000,
      async run(_: unknown, { messages }) {
        const heard: string[] = [];
        for await (const message of messages) heard.push(message);
        throw new Error(heard.join());
      },
    });
    const task = await world.manager().session("chat").start(listening, {});
    await task.send("hello");
    expect(await task.cancel()).toBe(true);
  });

  test("a timeout of 40 days is waited for, and a shorter one of the start wins over the definition's", async () => {
    await using world = await createWorld(kind);
    const day = 86_400_000;
    const session = world.manager({ leaseMs: 30 * day }).session("chat");
    const task = await session.start(() => new Promise(() => {}), { timeoutMs: 40 * day });
    await world.clock.advance(1);
    expect((await task.snapshot()).status).toBe("running");
    await task.cancel();
  });
});
