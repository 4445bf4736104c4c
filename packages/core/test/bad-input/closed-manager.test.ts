import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  type Change,
  defineTask,
  type MeanwhileError,
  memoryStore,
  type TaskHandle,
} from "../../src/index.ts";
import { sqliteStore } from "../../src/sqlite.ts";
import { createWorld, gate, storeKinds, untilAborted, type World } from "../support/world.ts";

const closed = expect.objectContaining({
  name: "MeanwhileError",
  code: "CLOSED",
  message: expect.stringMatching(/go on under the next manager on that store/),
});
const job = defineTask({
  name: "job",
  description: "x",
  input: { type: "object" },
  run: () => "done",
});

describe.each(storeKinds)("with %s", (kind) => {
  let world: World;
  beforeEach(async () => {
    world = await createWorld(kind);
  });
  afterEach(() => world[Symbol.asyncDispose]());

  test("a closed manager refuses every call with CLOSED", async () => {
    const manager = world.manager({ tasks: [job] });
    const session = manager.session("s");
    const task = await session.start(job, {});
    await session.notifications.wait();
    const delivery = await session.notifications.receive();
    const tools = session.tools();
    await manager.close();

    const { notifications } = session;
    const calls: readonly (() => unknown)[] = [
      () => manager.open(),
      () => manager.on("task-end", () => {}),
      () => manager.onWake(() => {}),
      () => session.start(job, {}),
      () => session.start(() => {}),
      () => session.list(),
      () => session.get(task.id),
      () => session.cancel(task.id),
      () => session.turn(() => {}),
      () => session.describe(),
      () => notifications.receive(),
      () => notifications.drain(() => {}),
      () => notifications.wait(),
      () => notifications.subscribe(() => {}),
      () => delivery.ack(),
      () => task.snapshot(),
      () => task.result(),
      () => task.cancel(),
      () => task.output(),
      () => task.send("text"),
      async () => {
        for await (const _event of task.events());
      },
    ];
    for (const call of calls) {
      await expect((async () => call())(), `${call}`).rejects.toThrow(closed);
    }
    // What has nothing to refuse: an empty loop, a session, tools that answer in words.
    for await (const delivery of notifications) expect.fail(JSON.stringify(delivery));
    await delivery.release();
    expect(manager.session("s").id).toBe("s");
    expect(session.tools().map(({ name }) => name)).toEqual(tools.map(({ name }) => name));
    for (const tool of tools) {
      const input = { task_id: task.id, text: "text", pattern: "x" };
      const answer = await tool.call(
        tool.name === "job" || tool.name === "list_tasks" ? {} : input,
      );
      expect(answer, tool.name).toMatchObject({ isError: true });
    }
    expect(world.clock.pendingTimers).toBe(0);
  });

  test("close twice is close once; an odd way to close leaves the manager open", async () => {
    const manager = world.manager();
    const session = manager.session("s");
    await session.start(() => {});
    for (const running of ["later", "", null, 5] as never[]) {
      await expect(manager.close({ running })).rejects.toMatchObject({
        code: "INVALID_OPTION",
        message: expect.stringMatching(/"cancel", "wait" or "leave"/),
      });
    }
    await session.start(() => {});
    const closing = manager.close();
    expect(manager.close({ running: "wait" })).toBe(closing);
    await closing;
    await manager.close();
  });

  test("a manager that was never used closes, and opens no store", async () => {
    const manager = world.manager();
    manager.on("task-end", () => {});
    await manager.close();
    await expect(manager.open()).rejects.toThrow(closed);
  });

  test.each(["cancel", "wait", "leave"] as const)(
    "close({ running: %o }) during everything: every call is answered, and nothing is left",
    async (running) => {
      let atCommit = async (_changes: readonly Change[]): Promise<void> => {};
      const store =
        kind === "memoryStore"
          ? memoryStore()
          : sqliteStore({ path: join(world.directory, "closed.db") });
      const manager = world.manager({
        store: {
          ...store,
          async commit(changes) {
            await atCommit(changes);
            return store.commit(changes);
          },
        },
        tasks: [job],
        limits: { concurrency: 3, perSession: { concurrency: 2 } },
      });
      const sessions = ["a", "b", "c"].map((id) => manager.session(id));
      const end = gate();
      const handles: TaskHandle[] = [];
      for (const session of sessions) {
        await session.start(() => "early");
        handles.push(await session.start(() => end.opened));
        handles.push(
          await session.start(({ signal }) => Promise.race([end.opened, untilAborted(signal)])),
        );
        handles.push(await session.start(job, {}, { delayMs: 100_000 }));
        handles.push(await session.start(() => "queued"));
        session.notifications.subscribe(() => {});
      }
      manager.onWake(({ session }) => session.notifications.drain(() => end.opened));

      const calls: Promise<unknown>[] = [];
      const ask = (...asked: Promise<unknown>[]): void => {
        for (const call of asked) call.catch(() => {});
        calls.push(...asked);
      };
      const everything = (): void => {
        for (const session of sessions) {
          ask(session.start(() => "late"));
          ask(session.start(job, {}));
          ask(session.list(), session.describe());
          ask(session.turn(() => end.opened));
          ask(session.notifications.wait());
          ask(session.notifications.wait({ timeoutMs: 1_000_000 }));
          ask(session.notifications.drain(() => {}));
          ask(
            (async () => {
              for await (const delivery of session.notifications) await delivery.ack();
            })(),
          );
          for (const tool of session.tools()) ask(tool.execute({ task_id: "t_x" }));
        }
        for (const handle of handles) {
          ask(handle.result(), handle.snapshot(), handle.output(), handle.send("text"));
          ask(
            (async () => {
              for await (const _event of handle.events());
            })(),
          );
        }
        // One settles as `cancel` reaches it.
        ask((handles[0] as TaskHandle).cancel());
      };
      everything();
      // At every kind of step that closing takes, somebody asks for something.
      const steps = new Set<string>();
      atCommit = async (changes) => {
        const before = steps.size;
        for (const { type } of changes) steps.add(type);
        if (steps.size > before) everything();
        await new Promise((resolve) => setImmediate(resolve));
      };
      const closing = manager.close({ running });
      everything();
      end.open();
      await closing;
      everything();
      expect([...steps]).toContain("depose");
      for (const answer of await Promise.allSettled(calls)) {
        if (answer.status === "fulfilled") continue;
        expect((answer.reason as MeanwhileError).name, String(answer.reason)).toBe(
          "MeanwhileError",
        );
      }
      expect(world.clock.pendingTimers).toBe(0);
    },
  );
});

test("a manager closes although its storage fails", async () => {
  await using world = await createWorld();
  for (const type of ["cancel", "settle", "depose", "end-turn", "insert"] as const) {
    const { manager, failNext, failRead } = world.flaky({ limits: { concurrency: 1 } });
    const session = manager.session(type);
    await session.start(({ signal }) => untilAborted(signal));
    await session.start(() => "queued");
    failNext(type, 1_000);
    failRead("task");
    await manager.close();
    expect(world.clock.pendingTimers).toBe(0);
  }
});
