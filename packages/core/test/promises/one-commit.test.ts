import { describe, expect, test } from "vitest";
import { defineTask, type NotificationKind, type StartOptions } from "../../src/index.ts";
import { endedTask } from "../support/history.ts";
import { createWorld, gate, storeKinds, untilAborted } from "../support/world.ts";

const promise =
  "2. The terminal status and its notification are one commit. Neither exists without the other";

const notify: readonly Required<StartOptions>["notify"][] = ["always", "failure", "never"];
const ends = ["completed", "failed", "cancelled while running", "cancelled while queued"] as const;

const owed = (end: (typeof ends)[number], when: (typeof notify)[number]): NotificationKind[] => {
  const kind = end.startsWith("cancelled") ? "cancelled" : (end as NotificationKind);
  return when === "always" || (when === "failure" && kind === "failed") ? [kind] : [];
};

describe.each(storeKinds)(`${promise} (%s)`, (kind) => {
  test.each(ends.flatMap((end) => notify.map((when) => ({ end, when }))))(
    "$end with notify $when",
    async ({ end, when }) => {
      await using world = await createWorld(kind);
      const session = world.manager().session("chat");
      const work = gate<string>();
      const delayMs = end === "cancelled while queued" ? 1_000 : 0;
      const task = await session.start(() => work.opened, { notify: when, delayMs });
      if (end === "completed") work.open("done");
      else if (end === "failed") work.fail(new Error("broken"));
      else await task.cancel();
      const terminal = async (): Promise<boolean> => {
        const { status } = await task.snapshot();
        return status !== "queued" && status !== "running";
      };
      await world.until(terminal);
      const steps = world.history.steps.filter((step) => endedTask(step)?.id === task.id);
      const kinds = owed(end, when);
      expect(steps.map((step) => endedTask(step))).toEqual([
        { id: task.id, notification: kinds.length === 1 ? `${task.id}.end` : null },
      ]);
      await world.clock.settle();
      expect(session.notifications.pending()).toBe(kinds.length);
      const { notifications } = await session.notifications.receive();
      expect(notifications.map((one) => one.kind)).toEqual(kinds);
      expect(world.history.violations()).toEqual([]);
    },
  );

  test("whenever the process dies, the next one finds both or neither", async () => {
    const steps = 12;
    for (let commits = 1; commits <= steps; commits += 1) {
      await using world = await createWorld(kind);
      const { manager, crash } = world.mortal();
      const session = manager.session("chat");
      const before = world.history.steps.length;
      let tasks: string[] = [];
      const starting = (async () => {
        for (let index = 0; index < 3; index += 1) {
          const task = await session.start(() => index);
          tasks = [...tasks, task.id];
        }
      })().catch(() => {});
      while (world.history.steps.length - before < commits) {
        const seen = world.history.steps.length;
        await new Promise((resolve) => setImmediate(resolve));
        if (world.history.steps.length === seen && tasks.length === 3) break;
      }
      crash();
      await world.clock.settle();
      void starting;
      await world.clock.advance(40_000);
      const next = world.manager().session("chat");
      const all = await next.list();
      for (const task of all) expect(["completed", "failed"]).toContain(task.status);
      const { notifications } = await next.notifications.receive();
      expect(notifications.map((one) => [one.taskId, one.status]).sort()).toEqual(
        all.map((task) => [task.id, task.status]).sort(),
      );
      expect(world.history.violations()).toEqual([]);
    }
  });

  test("a recovered task gets its failure and its notification together", async () => {
    await using world = await createWorld(kind);
    const stuck = defineTask({
      name: "stuck",
      description: "Never ends.",
      input: { type: "object" },
      run: (_, { signal }) => untilAborted(signal),
    });
    const { manager, crash } = world.mortal({ tasks: [stuck] });
    const task = await manager.session("chat").start(stuck, {});
    crash();
    await world.clock.advance(40_000);
    const next = world.manager({ tasks: [stuck] }).session("chat");
    const { notifications } = await next.notifications.receive();
    expect(notifications).toMatchObject([
      { taskId: task.id, kind: "failed", error: { code: "INTERRUPTED" } },
    ]);
    expect(world.history.violations()).toEqual([]);
  });
});
