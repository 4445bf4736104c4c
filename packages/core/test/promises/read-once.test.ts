import { describe, expect, test } from "vitest";
import type { Session } from "../../src/index.ts";
import { createWorld, gate, storeKinds } from "../support/world.ts";

const promise =
  "4. Reading the final result (`result()`, `read_task`, `wait_for_task`) acknowledges its notification: the agent is not told twice";

const tool = (session: Session, name: string, input: unknown): Promise<string> | undefined =>
  session
    .tools()
    .find((one) => one.name === name)
    ?.execute(input);

const readers: Record<string, (session: Session, id: string) => Promise<unknown>> = {
  "result()": async (session, id) => (await session.get(id)).result().catch(() => {}),
  read_task: async (session, id) => tool(session, "read_task", { task_id: id }),
  wait_for_task: async (session, id) => tool(session, "wait_for_task", { task_id: id }),
  cancel_task: async (session, id) => tool(session, "cancel_task", { task_id: id }),
};
const waiters = ["result()", "wait_for_task", "cancel_task"];

describe.each(storeKinds)(`${promise} (%s)`, (kind) => {
  test.each(Object.keys(readers))("%s after the end", async (name) => {
    await using world = await createWorld(kind);
    const session = world.manager().session("chat");
    for (const work of [async () => 1, () => Promise.reject<number>(new Error("no"))]) {
      const task = await session.start(work);
      await world.until(() => session.notifications.pending() === 1);
      await readers[name]?.(session, task.id);
      expect(session.notifications.pending()).toBe(0);
      expect((await session.notifications.receive()).notifications).toEqual([]);
    }
    expect(world.history.violations()).toEqual([]);
  });

  test.each(waiters)("%s from before the end", async (name) => {
    await using world = await createWorld(kind);
    const manager = world.manager();
    const session = manager.session("chat");
    const wakes: string[] = [];
    manager.onWake(({ session: woken }) => wakes.push(woken.id), { debounceMs: 0 });
    const work = gate<number>();
    const task = await session.start(() => work.opened);
    const reading = readers[name]?.(session, task.id);
    await world.clock.settle();
    work.open(1);
    await reading;
    await world.clock.advance(100_000);
    expect(session.notifications.pending()).toBe(0);
    expect((await session.notifications.receive()).notifications).toEqual([]);
    expect(wakes).toEqual([]);
  });

  test("a reader who left before the end is told like everybody", async () => {
    await using world = await createWorld(kind);
    const session = world.manager().session("chat");
    for (let turns = 0; turns < 4; turns += 1) {
      const work = gate<number>();
      const task = await session.start(() => work.opened);
      const leaving = new AbortController();
      const reading = task.result({ signal: leaving.signal });
      await world.clock.settle();
      work.open(1);
      for (let turn = 0; turn < turns; turn += 1) await null;
      leaving.abort(new Error("bye"));
      const read = await reading.then(
        () => true,
        () => false,
      );
      await world.clock.settle();
      await world.clock.settle();
      expect(session.notifications.pending()).toBe(read ? 0 : 1);
      const { notifications, ack } = await session.notifications.receive();
      expect(notifications).toHaveLength(read ? 0 : 1);
      await ack();
    }
    expect(world.history.violations()).toEqual([]);
  });

  test("of result() and receive that race, in any order, one or the other ends the notification", async () => {
    for (let distance = 0; distance < 12; distance += 1) {
      for (const first of ["result", "receive"]) {
        await using world = await createWorld(kind);
        const session = world.manager().session("chat");
        const task = await session.start(() => 1);
        await world.until(() => session.notifications.pending() === 1);
        const result = async (): Promise<unknown> => task.result();
        const receive = async (): Promise<unknown> => session.notifications.receive();
        const one = first === "result" ? result() : receive();
        for (let turn = 0; turn < distance; turn += 1) await null;
        await Promise.all([one, first === "result" ? receive() : result()]);
        await world.clock.advance(1_000_000);
        expect(session.notifications.pending()).toBe(0);
        expect((await session.notifications.receive()).notifications).toEqual([]);
        expect(world.history.violations()).toEqual([]);
      }
    }
  });

  test("acknowledging a delivery of which one result was read meanwhile is no error", async () => {
    await using world = await createWorld(kind);
    const session = world.manager().session("chat");
    const task = await session.start(() => 1);
    await session.start(() => 2);
    await world.until(() => session.notifications.pending() === 2);
    const delivery = await session.notifications.receive();
    await task.result();
    await delivery.ack();
    expect((await session.notifications.receive()).notifications).toEqual([]);
  });

  test("reading a task that still runs acknowledges nothing", async () => {
    await using world = await createWorld(kind);
    const session = world.manager().session("chat");
    const work = gate<number>();
    const task = await session.start(() => work.opened);
    await tool(session, "read_task", { task_id: task.id });
    await tool(session, "read_task", { task_id: task.id, after: 0 });
    await tool(session, "list_tasks", { all: true });
    await task.snapshot();
    work.open(1);
    await world.until(() => session.notifications.pending() === 1);
  });

  test("a page of the output that does not show the result leaves the notification owed", async () => {
    await using world = await createWorld(kind);
    const session = world.manager().session("chat");
    const task = await session.start(async (context) => {
      await context.write("line\n".repeat(10_000));
      return "the answer";
    });
    await world.until(() => session.notifications.pending() === 1);
    const page = await tool(session, "read_task", { task_id: task.id, after: 0 });
    expect(page).not.toContain("the answer");
    expect(session.notifications.pending()).toBe(1);
    const last = await tool(session, "read_task", { task_id: task.id, after: 49_000 });
    expect(last).toContain("the answer");
    expect(session.notifications.pending()).toBe(0);
  });

  test("a result that another process waits for is told there, and not again", async () => {
    await using world = await createWorld(kind);
    const here = world.manager().session("chat");
    const there = world.manager().session("chat");
    const work = gate<number>();
    const task = await here.start(() => work.opened);
    const remote = await there.get<number>(task.id);
    work.open(7);
    await world.until(async () => (await remote.snapshot()).status === "completed");
    expect(await remote.result()).toBe(7);
    expect((await here.notifications.receive()).notifications).toEqual([]);
    expect((await there.notifications.receive()).notifications).toEqual([]);
  });

  test("a read that storage did not take down at first is taken down later", async () => {
    await using world = await createWorld(kind);
    const flaky = world.flaky();
    const session = flaky.manager.session("chat");
    const work = gate<number>();
    const task = await session.start(() => work.opened);
    const reading = task.result();
    await world.clock.settle();
    flaky.failNext("consume", 3);
    work.open(1);
    expect(await reading).toBe(1);
    await world.clock.advance(60_000);
    const consumed = world.history.steps.filter(({ change }) => change.type === "consume");
    expect(consumed.map(({ outcome }) => outcome)).toMatchObject([{ acknowledged: 1 }]);
    expect((await session.notifications.receive()).notifications).toEqual([]);
  });
});
