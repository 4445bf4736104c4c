import { describe, expect, test } from "vitest";
import type { Session } from "../../src/index.ts";
import { createWorld, storeKinds, untilAborted, type World } from "../support/world.ts";

async function watch(session: Session, id: string, pattern: string): Promise<void> {
  const tool = session.tools().find(({ name }) => name === "watch_task");
  expect(await tool?.call({ task_id: id, pattern })).toMatchObject({ isError: false });
}

/** Lets the watch look at its file, which takes real time, until so many notifications are owed. */
async function untilOwed(world: World, session: Session, count: number): Promise<void> {
  await world.until(async () => {
    await world.clock.advance(250);
    return session.notifications.pending() >= count;
  });
}

describe.each(storeKinds)("watching output (%s)", (kind) => {
  test("tells matching lines of a while together, and no more than ten of them", async () => {
    await using world = await createWorld(kind);
    const session = world.manager().session("chat");
    const task = await session.start(async ({ write, signal }) => {
      for (let index = 0; index < 50; index += 1) await write(`hit ${index}\nmiss\n`);
      await untilAborted(signal);
    });
    await world.until(async () => (await task.output()).text.includes("hit 49"));
    await watch(session, task.id, "^hit");
    await untilOwed(world, session, 1);
    const { text } = await session.notifications.receive();
    expect(text).toContain("hit 0");
    expect(text).toContain("hit 9");
    expect(text).not.toContain("hit 10");
    expect(text).toContain("40 more matching lines");
    expect(text).not.toContain("miss");
  });

  test("is quiet for a while after each, and ends after twenty", async () => {
    await using world = await createWorld(kind);
    const session = world.manager().session("chat");
    const task = await session.start(async ({ write, clock, signal }) => {
      for (let index = 0; !signal.aborted; index += 1) {
        await write(`tick ${index}\n`);
        await new Promise<void>((resolve) => clock.timer(resolve, 500, false));
      }
    });
    await watch(session, task.id, "tick");
    const began = world.clock.now();
    await untilOwed(world, session, 20);
    expect(world.clock.now() - began).toBeGreaterThanOrEqual(19 * 5_000);
    await world.clock.advance(100_000);
    expect(session.notifications.pending()).toBe(20);
    const { text } = await session.notifications.receive({ limit: 20, maxChars: 50_000 });
    expect(text).toContain("(the watch ends here)");
    await task.cancel();
  });

  test("a very long line is matched by its beginning, and a line without an end not yet", async () => {
    await using world = await createWorld(kind);
    const session = world.manager().session("chat");
    const task = await session.start(async ({ write, signal }) => {
      await write(`begin ${"x".repeat(600_000)} hidden\nready`);
      await untilAborted(signal);
    });
    await watch(session, task.id, "ready|hidden");
    await watch(session, task.id, "^begin");
    await untilOwed(world, session, 1);
    await world.clock.advance(20_000);
    const { notifications } = await session.notifications.receive();
    expect(notifications).toHaveLength(1);
  });

  test("ends with its task, and leaves no timer", async () => {
    await using world = await createWorld(kind);
    const manager = world.manager();
    const session = manager.session("chat");
    const task = await session.start(({ signal }) => untilAborted(signal));
    for (let index = 0; index < 20; index += 1) await watch(session, task.id, "x");
    await world.clock.advance(1_000);
    await task.cancel();
    await world.clock.advance(10_000);
    await manager.close();
    expect(world.clock.pendingTimers).toBe(0);
  });
});
