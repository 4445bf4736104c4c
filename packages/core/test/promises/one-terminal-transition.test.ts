import { describe, expect, test } from "vitest";
import { defineTask, MeanwhileError } from "../../src/index.ts";
import { createWorld, gate, storeKinds } from "../support/world.ts";

const promise =
  "1. A task has exactly one terminal transition; of a cancel and a completion that race, one wins, everywhere";

/** Lets so many turns of the microtask queue, then of the event loop, go by. */
async function goBy(microtasks: number, turns: number): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  for (let task = 0; task < microtasks; task += 1) await null;
}

const offsets = [0, 1, 2, 3, 5, 8, 13].flatMap((microtasks) =>
  [0, 1, 2, 3].map((turns) => ({ microtasks, turns })),
);

describe.each(storeKinds)(`${promise} (%s)`, (kind) => {
  test.each(["completion first", "cancel first"])("whatever the distance, %s", async (first) => {
    await using world = await createWorld(kind);
    const session = world.manager().session("chat");
    for (const { microtasks, turns } of offsets) {
      const work = gate<string>();
      const task = await session.start(() => work.opened);
      const ends: string[] = [];
      const listening = (async () => {
        for await (const event of task.events())
          if (event.type === "task-end") ends.push(event.status);
      })();
      await goBy(0, 1);
      let cancelled: Promise<boolean>;
      if (first === "completion first") {
        work.open("done");
        await goBy(microtasks, turns);
        cancelled = task.cancel("changed my mind");
      } else {
        cancelled = task.cancel("changed my mind");
        await goBy(microtasks, turns);
        work.open("done");
      }
      const wasCancelled = await cancelled;
      await listening;
      const { status, output, error } = await task.snapshot();
      expect(status).toBe(wasCancelled ? "cancelled" : "completed");
      expect(output).toBe(wasCancelled ? undefined : "done");
      expect(error?.code).toBe(wasCancelled ? "CANCELLED" : undefined);
      expect(ends).toEqual([status]);
      expect(world.history.endings(task.id)).toBe(1);
      const { notifications, ack } = await session.notifications.receive();
      expect(notifications.map(({ kind: what, taskId }) => [what, taskId])).toEqual([
        [status, task.id],
      ]);
      await ack();
    }
    expect(world.history.violations()).toEqual([]);
  });

  test("a task that is cancelled from five places is cancelled once", async () => {
    await using world = await createWorld(kind);
    const session = world.manager().session("chat");
    const work = gate();
    const task = await session.start(() => work.opened);
    const answers = await Promise.all([
      task.cancel("one"),
      task.cancel("two"),
      session.cancel(task.id, "three"),
      (await session.get(task.id)).cancel("four"),
      session
        .tools()
        .find((tool) => tool.name === "cancel_task")
        ?.execute({ task_id: task.id }),
    ]);
    expect(answers.slice(0, 4)).toEqual([true, true, true, true]);
    expect(world.history.endings(task.id)).toBe(1);
    expect((await task.snapshot()).error?.message).toBe("one");
  });

  test("what the work does after its task was cancelled changes nothing", async () => {
    await using world = await createWorld(kind);
    const session = world.manager().session("chat");
    const work = gate<string>();
    const task = await session.start(() => work.opened);
    expect(await task.cancel()).toBe(true);
    work.open("too late");
    await world.clock.settle();
    expect((await task.snapshot()).status).toBe("cancelled");
    expect(await task.cancel()).toBe(true);
    expect(world.history.endings(task.id)).toBe(1);
  });

  test("of a timeout and a completion one wins", async () => {
    for (const { microtasks, turns } of offsets) {
      await using world = await createWorld(kind);
      const session = world.manager().session("chat");
      const work = gate<string>();
      const task = await session.start(() => work.opened, { timeoutMs: 1_000 });
      const late = world.clock.advance(1_000);
      await goBy(microtasks, turns);
      work.open("done");
      await late;
      await world.clock.settle();
      const { status, error } = await task.snapshot();
      expect([status, error?.code]).toEqual(
        status === "completed" ? ["completed", undefined] : ["failed", "TIMEOUT"],
      );
      expect(world.history.violations()).toEqual([]);
      expect(session.notifications.pending()).toBe(1);
    }
  });

  test.each(["failure first", "cancel first"])(
    "a cancel while the failed attempt is put back into the queue holds, %s",
    async (first) => {
      for (const { microtasks, turns } of offsets) {
        await using world = await createWorld(kind);
        let runs = 0;
        const work = gate();
        const flaky = defineTask({
          name: "flaky",
          description: "Fails.",
          input: { type: "object" },
          retry: { attempts: 3, delayMs: 60_000, jitter: false },
          run() {
            runs += 1;
            return work.opened;
          },
        });
        const session = world.manager({ tasks: [flaky] }).session("chat");
        const task = await session.start(flaky, {});
        await world.clock.settle();
        if (first === "failure first") work.fail(new Error("no"));
        else void task.cancel("stop it");
        await goBy(microtasks, turns);
        if (first === "failure first") void task.cancel("stop it");
        else work.fail(new Error("no"));
        await world.until(async () => (await task.snapshot()).status === "cancelled");
        expect(await task.cancel()).toBe(true);
        await world.clock.advance(200_000);
        expect(runs).toBe(1);
        expect(world.history.violations()).toEqual([]);
      }
    },
  );

  test("everyone who waits is told the same end", async () => {
    await using world = await createWorld(kind);
    const session = world.manager().session("chat");
    const work = gate<number>();
    const task = await session.start(() => work.opened);
    const waiting = [task.result(), task.result(), (await session.get(task.id)).result()];
    const cancelled = task.cancel("no");
    work.open(1);
    const won = await cancelled;
    for (const outcome of await Promise.allSettled(waiting)) {
      if (won) {
        expect(outcome.status).toBe("rejected");
        const { reason } = outcome as PromiseRejectedResult;
        expect(MeanwhileError.isInstance(reason, "CANCELLED")).toBe(true);
      } else expect(outcome).toEqual({ status: "fulfilled", value: 1 });
    }
  });
});
