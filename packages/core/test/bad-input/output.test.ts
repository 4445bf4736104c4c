import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createWorld } from "../support/world.ts";

test("output that cannot be written is told, does not fail the task, and can be read as nothing", async () => {
  await using world = await createWorld();
  const directory = join(world.directory, "file");
  writeFileSync(directory, "no folder");
  const manager = world.manager({ directory });
  const errors: unknown[] = [];
  manager.on("store-error", ({ error }) => errors.push(error));
  const session = manager.session("s");
  const task = await session.start(async (context) => {
    await context.write("lost");
    return "done";
  });
  expect(await task.result()).toBe("done");
  expect(errors.length).toBeGreaterThan(0);
  expect(errors[0]).toMatchObject({ code: "ENOTDIR" });
  await expect(task.output()).rejects.toMatchObject({
    name: "MeanwhileError",
    code: "STORE",
    message: expect.stringMatching(/Check the permissions/),
  });
  const read = session.tools().find(({ name }) => name === "read_task");
  expect(await read?.call({ task_id: task.id })).toMatchObject({ isError: false });
});

test("a task that waits for its writes is told that they fail", async () => {
  await using world = await createWorld();
  const directory = join(world.directory, "file");
  writeFileSync(directory, "no folder");
  const session = world.manager({ directory }).session("s");
  const task = await session.start(async (context) => {
    // Past what is kept in memory, a write waits for the disk.
    for (;;) await context.write("x".repeat(600_000));
  });
  await expect(task.result()).rejects.toMatchObject({
    name: "MeanwhileError",
    code: "ENOTDIR",
  });
});

test("a folder of the task's own that cannot be made fails the task that wants it", async () => {
  await using world = await createWorld();
  const directory = join(world.directory, "file");
  writeFileSync(directory, "no folder");
  const session = world.manager({ directory }).session("s");
  const task = await session.start((context) => context.directory());
  await expect(task.result()).rejects.toMatchObject({ code: "ENOTDIR" });
  expect(await (await session.start(() => "next")).result()).toBe("next");
});
