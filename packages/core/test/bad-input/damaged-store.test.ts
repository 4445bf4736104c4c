import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { defineTask } from "../../src/index.ts";
import { createWorld, type World } from "../support/world.ts";

let world: World;
let path: string;
beforeEach(async () => {
  world = await createWorld("sqliteStore");
  path = join(world.directory, "state.db");
});
afterEach(() => world[Symbol.asyncDispose]());

const job = defineTask({
  name: "job",
  description: "x",
  input: { type: "object" },
  retry: { attempts: 3 },
  run: () => "done",
});

function sql(statement: string, ...values: string[]): void {
  const database = new DatabaseSync(path);
  try {
    database.prepare(statement).run(...values);
  } finally {
    database.close();
  }
}

describe("a store that cannot be opened", () => {
  const troubles: readonly (readonly [string, () => void, string, RegExp])[] = [
    [
      "is no store",
      () => writeFileSync(path, "This is not a database. ".repeat(100)),
      "STORE_CORRUPT",
      /not a store\. Check the path, or move the file away/,
    ],
    [
      "is of a newer version",
      () => sql("PRAGMA user_version = 999"),
      "STORE_TOO_NEW",
      /schema version 999.*Update @meanwhile\/core/,
    ],
    ["is a folder", () => mkdirSync(path), "STORE", /state\.db/],
  ];

  test.each(troubles)("because it %s", async (_why, cause, code, message) => {
    cause();
    const manager = world.manager({ tasks: [job] });
    const session = manager.session("s");
    const refusal = { name: "MeanwhileError", code, message: expect.stringMatching(message) };
    const errors: unknown[] = [];
    manager.on("store-error", ({ error }) => errors.push(error));
    await expect(manager.open()).rejects.toMatchObject(refusal);
    await expect(session.start(job, {})).rejects.toMatchObject(refusal);
    await expect(session.start(() => {})).rejects.toMatchObject(refusal);
    await expect(session.list()).rejects.toMatchObject(refusal);
    await expect(session.notifications.receive()).rejects.toMatchObject(refusal);
    await expect(session.notifications.wait()).rejects.toMatchObject(refusal);
    await expect(session.turn(() => {})).rejects.toMatchObject(refusal);
    expect(await session.tools()[0]?.call({})).toMatchObject({
      isError: true,
      text: expect.stringContaining(`Error (${code})`),
    });
    // Those that cannot reject say so in an event.
    session.notifications.subscribe(() => {});
    manager.onWake(() => {});
    await world.until(() => errors.length >= 1);
    expect(errors[0]).toMatchObject(refusal);
    expect(world.clock.pendingTimers).toBe(0);

    // Once the cause is gone the same manager works.
    rmSync(path, { recursive: true });
    expect(await (await session.start(() => "works")).result()).toBe("works");
  });

  test("a manager that could not open closes", async () => {
    writeFileSync(path, "nonsense ".repeat(1_000));
    const manager = world.manager();
    await expect(manager.open()).rejects.toMatchObject({ code: "STORE_CORRUPT" });
    await manager.close();
    await expect(manager.open()).rejects.toMatchObject({ code: "CLOSED" });
    expect(world.clock.pendingTimers).toBe(0);
  });
});

describe("a damaged row", () => {
  /** Three tasks that wait; the middle one is damaged while nobody has the store open. */
  async function damaged(statement: string, ...values: string[]) {
    const first = world.manager({ tasks: [job] });
    const session = first.session("s");
    const tasks = [];
    for (let count = 0; count < 3; count += 1) {
      tasks.push(await session.start(job, { count }, { delayMs: 1_000, priority: 1 }));
    }
    await first.close();
    const [before, hurt, behind] = tasks.map(({ id }) => id) as [string, string, string];
    sql(`${statement} WHERE id = '${hurt}'`, ...values);
    const manager = world.manager({ tasks: [job] });
    return { session: manager.session("s"), manager, before, hurt, behind };
  }

  test.each([
    ["options", "UPDATE tasks SET options = ?", "{"],
    ["facts", "UPDATE tasks SET facts = ?", "[1"],
    ["input", "UPDATE tasks SET input = ?", '{"count":'],
    ["input", "UPDATE tasks SET input = NULLIF(?, '')", ""],
  ])(
    "in its %s: it fails and says so, once, and the others run",
    async (column, statement, value) => {
      const { session, before, hurt, behind } = await damaged(statement, value);
      expect((await session.list()).map(({ id }) => id)).toEqual([before, hurt, behind]);
      await world.clock.advance(1_001);
      expect(await (await session.get(before)).result()).toBe("done");
      expect(await (await session.get(behind)).result()).toBe("done");
      const task = await session.get(hurt);
      expect(await task.snapshot()).toMatchObject({
        status: "failed",
        attempt: 1,
        error: { code: "STORE_CORRUPT", message: expect.stringMatching(/damaged/) },
      });
      const delivery = await session.notifications.receive();
      expect(delivery.notifications).toMatchObject([{ taskId: hurt, kind: "failed" }]);
      await delivery.ack();
      await expect(task.result()).rejects.toMatchObject({ code: "STORE_CORRUPT" });
      expect(column).toBeTruthy();
    },
  );

  test("in the result of an ended task: only its result cannot be read", async () => {
    const first = world.manager({ tasks: [job] });
    const ended = await first.session("s").start(job, {});
    const other = await first.session("s").start(() => "other");
    await first.session("s").notifications.wait();
    await world.until(() => first.session("s").notifications.pending() === 2);
    await first.close();
    sql(`UPDATE tasks SET output = ?, error = '{' WHERE id = '${ended.id}'`, "{");

    const manager = world.manager({ tasks: [job] });
    const session = manager.session("s");
    const task = await session.get(ended.id);
    expect(await session.list()).toMatchObject([
      { id: ended.id, status: "completed", output: undefined, error: null },
      { id: other.id, output: "other" },
    ]);
    const delivery = await session.notifications.receive();
    expect(delivery.notifications.map(({ taskId }) => taskId)).toEqual([ended.id, other.id]);
    const read = session.tools().find(({ name }) => name === "read_task");
    expect(await read?.call({ task_id: ended.id })).toMatchObject({ isError: false });
    await expect(task.result()).rejects.toMatchObject({
      name: "MeanwhileError",
      code: "STORE_CORRUPT",
      message: expect.stringMatching(/Restore it from a backup/),
    });
  });

  test("in a checkpoint: the work is told, and not given something else", async () => {
    const saving = defineTask({
      name: "saving",
      description: "x",
      input: { type: "object" },
      recover: "restart",
      async run(_input, context) {
        if (context.task.attempt > 1) return context.checkpoint.read();
        await context.checkpoint.save({ step: 1 });
        return new Promise(() => {});
      },
    });
    const { manager: first, crash } = world.mortal({ tasks: [saving], leaseMs: 1_000 });
    const task = await first.session("s").start(saving, {});
    await world.until(async () => {
      const database = new DatabaseSync(path);
      const row = database.prepare("SELECT facts FROM tasks").get();
      database.close();
      return row?.["facts"] !== null;
    });
    crash();
    sql(`UPDATE tasks SET facts = ? WHERE id = '${task.id}'`, '{"checkpoint":"{\\"step\\":"}');
    await world.clock.advance(1_001);
    const second = world.manager({ tasks: [saving] });
    const taken = await second.session("s").get(task.id);
    await expect(taken.result()).rejects.toMatchObject({ code: "STORE_CORRUPT" });
  });

  test("of an owner: nobody is taken for dead, and the manager opens", async () => {
    const first = world.manager({ owner: "first" });
    await first.open();
    sql("UPDATE owners SET identity = ?", "{not json");
    const second = world.manager({ owner: "second" });
    await second.open();
    expect(await (await first.session("s").start(() => "alive")).result()).toBe("alive");
  });
});
