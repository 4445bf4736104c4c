import { expect, test } from "vitest";
import { clearSession } from "../../src/adapters/index.ts";
import { createWorld, storeKinds, untilAborted } from "../support/world.ts";

test.each(storeKinds)(
  "a session that is cleared has no open task and is owed nothing (%s)",
  async (kind) => {
    await using world = await createWorld(kind);
    const manager = world.manager({ limits: { concurrency: 1 } });
    const session = manager.session("agent");
    await session.start(() => "done");
    await world.until(() => session.notifications.pending() === 1);
    const running = await session.start(({ signal }) => untilAborted(signal));
    const queued = await session.start(({ signal }) => untilAborted(signal));
    const other = await manager.session("chat").start(({ signal }) => untilAborted(signal));

    await clearSession(session, "the agent has ended");

    expect(session.notifications.pending()).toBe(0);
    expect((await session.notifications.receive()).notifications).toEqual([]);
    for (const task of [running, queued]) {
      const { status, error } = await task.snapshot();
      expect([status, error?.message]).toEqual(["cancelled", "the agent has ended"]);
    }
    expect((await other.snapshot()).status).not.toBe("cancelled");
  },
);

test("clearing after the manager has closed does nothing", async () => {
  await using world = await createWorld();
  const manager = world.manager();
  const session = manager.session("agent");
  await session.start(({ signal }) => untilAborted(signal));
  await manager.close();

  await expect(clearSession(session, "over")).resolves.toBeUndefined();
});
