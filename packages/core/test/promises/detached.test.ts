import { AsyncLocalStorage } from "node:async_hooks";
import { describe, expect, test } from "vitest";
import { BackgroundManager, defineTask } from "../../src/index.ts";
import { createWorld, gate, storeKinds } from "../support/world.ts";

const promise =
  "12. Work is detached from the turn that started it: the turn's abort signal, async context and checkpointer do not reach it";

describe.each(storeKinds)(`${promise} (%s)`, (kind) => {
  test("a turn that is aborted, or throws, leaves the tasks that it started alone", async () => {
    await using world = await createWorld(kind);
    const session = world.manager().session("chat");
    const work = gate<string>();
    const turn = session.turn(async () => {
      await session.start(({ signal }) =>
        work.opened.then((value) => `${value} ${signal.aborted}`),
      );
      throw new Error("The model is down.");
    });
    await expect(turn).rejects.toThrow("The model is down.");
    work.open("done");
    await world.until(() => session.notifications.pending() === 1);
    const [task] = await session.list();
    expect(task).toMatchObject({ status: "completed", output: "done false" });
  });

  test("the signal of a tool call ends the call, and not the task", async () => {
    await using world = await createWorld(kind);
    const work = gate<string>();
    const slow = defineTask({
      name: "slow",
      description: "Slow.",
      input: { type: "object" },
      run: () => work.opened,
    });
    const session = world.manager({ tasks: [slow] }).session("chat");
    const [tool] = session.tools({ graceMs: 60_000 });
    const abort = new AbortController();
    const answer = tool?.call({}, { signal: abort.signal });
    await world.until(async () => (await session.list()).length === 1);
    abort.abort();
    expect(await answer).toMatchObject({ isError: false });
    work.open("done");
    await world.until(() => session.notifications.pending() === 1);
  });

  test("async context does not reach work, whether it starts at once, queued, delayed, again or after recovery", async () => {
    await using world = await createWorld(kind);
    const context = new AsyncLocalStorage<string>();
    const seen: (string | undefined)[] = [];
    const look = async (): Promise<void> => {
      seen.push(context.getStore());
      await null;
      seen.push(context.getStore());
    };
    let fail = true;
    const flaky = defineTask({
      name: "flaky",
      description: "Fails once.",
      input: { type: "object" },
      retry: { attempts: 2, delayMs: 10 },
      recover: async () => look(),
      async run() {
        await look();
        if (fail) {
          fail = false;
          throw new Error("again");
        }
        return new Promise(() => {});
      },
    });
    await context.run("a turn", async () => {
      const { manager, crash } = world.mortal({ tasks: [flaky], limits: { concurrency: 2 } });
      manager.onWake(async ({ session: woken }) => {
        await look();
        await woken.notifications.drain(() => {});
      });
      const session = manager.session("chat");
      await session.start(look);
      await session.start(look);
      await session.start(look);
      await session.start(look, { delayMs: 1_000 });
      await world.clock.advance(2_000);
      await session.start(flaky, {});
      await world.clock.advance(2_000);
      crash();
      await world.clock.advance(40_000);
      const next = world.manager({ tasks: [flaky] });
      await next.open();
      await world.clock.settle();
    });
    expect(seen.length).toBeGreaterThanOrEqual(14);
    expect(seen.filter((store) => store !== undefined)).toEqual([]);
  });
});

test(`${promise}: with the platform's timers, a wake after a turn that waited is a turn of its own`, async () => {
  const context = new AsyncLocalStorage<string>();
  await using manager = new BackgroundManager();
  const session = manager.session("chat");
  const woken = gate<string | undefined>();
  const retries: unknown[] = [];
  manager.on("wake-retry", ({ error }) => retries.push(error));
  manager.onWake(
    async ({ session: own }) => {
      await own.notifications.drain(() => {});
      woken.open(context.getStore());
    },
    { debounceMs: 5 },
  );
  await context.run("a turn", () =>
    session.turn(async () => {
      // Arms the manager's timer within the turn.
      await session.notifications.wait({ timeoutMs: 5 });
      await session.start(() => 1);
    }),
  );
  expect(await woken.opened).toBe(undefined);
  expect(retries).toEqual([]);
});
