import { describe, expect, test } from "vitest";
import { createWorld, gate, storeKinds } from "../support/world.ts";

describe.each(storeKinds)("tasks that wait for others (%s)", (kind) => {
  test("run in the order of the chain, each after the one before completed", async () => {
    await using world = await createWorld(kind);
    const session = world.manager().session("chat");
    const ran: number[] = [];
    let after: string[] = [];
    let last = await session.start(() => ran.push(0));
    for (let index = 1; index < 6; index += 1) {
      after = [last.id];
      last = await session.start(() => ran.push(index), { after });
    }
    await last.result();
    expect(ran).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test("all that waited for one task start together when it completes", async () => {
    await using world = await createWorld(kind);
    const session = world.manager({ limits: { concurrency: 8 } }).session("chat");
    const first = gate();
    const others = gate();
    let running = 0;
    const root = await session.start(() => first.opened);
    for (let index = 0; index < 6; index += 1) {
      await session.start(
        () => {
          running += 1;
          return others.opened;
        },
        { after: [root.id] },
      );
    }
    await world.clock.settle();
    expect(running).toBe(0);
    first.open();
    await world.until(() => running === 4);
    others.open();
    await world.until(() => running === 6);
  });

  test("a task that waits for several starts after the last of them", async () => {
    await using world = await createWorld(kind);
    const session = world.manager().session("chat");
    const works = [gate(), gate(), gate()];
    const tasks = [];
    for (const work of works) tasks.push(await session.start(() => work.opened));
    const last = await session.start(() => "end", { after: tasks.map(({ id }) => id) });
    for (const work of works) {
      await world.clock.settle();
      expect((await last.snapshot()).status).toBe("queued");
      work.open();
    }
    expect(await last.result()).toBe("end");
  });

  test.each(["failed", "cancelled"])(
    "a task fails without having run when what it waits for has %s",
    async (how) => {
      await using world = await createWorld(kind);
      const session = world.manager().session("chat");
      const work = gate();
      const first = await session.start(() => work.opened);
      let ran = false;
      const second = await session.start(
        () => {
          ran = true;
        },
        { after: [first.id], delayMs: 1_000_000 },
      );
      const third = await session.start(() => 3, { after: [second.id] });
      if (how === "failed") work.fail(new Error("no"));
      else await first.cancel();
      await expect(second.result()).rejects.toMatchObject({
        code: "DEPENDENCY",
        details: { taskId: first.id },
      });
      await expect(third.result()).rejects.toMatchObject({ details: { taskId: second.id } });
      expect(ran).toBe(false);
    },
  );

  test("a task may name one that has ended already", async () => {
    await using world = await createWorld(kind);
    const session = world.manager().session("chat");
    const done = await session.start(() => 1);
    await done.result();
    const failed = await session.start(() => Promise.reject(new Error("no")));
    await expect(failed.result()).rejects.toThrow("no");
    expect(await (await session.start(() => 2, { after: [done.id] })).result()).toBe(2);
    const never = await session.start(() => 3, { after: [done.id, failed.id] });
    await expect(never.result()).rejects.toMatchObject({ code: "DEPENDENCY" });
  });

  test("a task that is unknown, or another session's, is refused, and nothing is stored", async () => {
    await using world = await createWorld(kind);
    const manager = world.manager();
    const session = manager.session("chat");
    const foreign = await manager.session("other").start(() => 1);
    for (const id of ["t_nothing", foreign.id]) {
      const starting = session.start(() => 1, { after: [id] });
      await expect(starting).rejects.toMatchObject({ code: "UNKNOWN_TASK" });
    }
    expect(await session.list()).toEqual([]);
  });

  test("a dependency is not forgotten when the session is looked at while the task is being stored", async () => {
    await using world = await createWorld(kind);
    const session = world.manager().session("chat");
    const work = gate();
    const first = await session.start(() => work.opened);
    await session.start(() => 1);
    await world.until(() => session.notifications.pending() === 1);
    const delivery = await session.notifications.receive();
    const [second] = await Promise.all([
      session.start(() => "after", { after: [first.id] }),
      // Gives back, which looks at the session again.
      delivery.release(),
    ]);
    work.open();
    expect(await second.result()).toBe("after");
  });

  test("the next process goes on with a chain", async () => {
    await using world = await createWorld(kind);
    const { defineTask } = await import("../../src/index.ts");
    const step = defineTask({
      name: "step",
      description: "A step.",
      input: { type: "object" },
      run: ({ name }: Record<string, unknown>) => name,
    });
    const { manager, crash } = world.mortal({ tasks: [step] });
    const session = manager.session("chat");
    const first = await session.start(step, { name: "first" }, { delayMs: 100_000 });
    const second = await session.start(step, { name: "second" }, { after: [first.id] });
    crash();
    await world.clock.advance(40_000);
    const next = world.manager({ tasks: [step] }).session("chat");
    const last = next.get(second.id).then((task) => task.result());
    await world.clock.advance(70_000);
    expect(await last).toBe("second");
  });
});
