import { stat } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createWorld, storeKinds } from "../support/world.ts";

const promise = "10. Memory and disk stay bounded whatever a task prints; truncation is visible";

describe.each(storeKinds)(`${promise} (%s)`, (kind) => {
  test("the file ends at the cap, and the reader, read_task and the snapshot go on working", async () => {
    await using world = await createWorld(kind);
    const session = world.manager({ outputBytes: 100_000 }).session("chat");
    const task = await session.start(async ({ write }) => {
      const line = `${"y".repeat(9_999)}\n`;
      for (let index = 0; index < 200; index += 1) await write(line);
    });
    await task.result();
    const { size } = await stat(join(world.directory, "tasks", task.id, "output"));
    expect(size).toBe(100_000);
    expect(await task.output({ after: 99_999 })).toMatchObject({ end: true, truncated: true });
    const read = session.tools().find(({ name }) => name === "read_task");
    const text = await read?.execute({ task_id: task.id, after: 99_000 });
    expect(text).toContain("Output past the limit was dropped.");
    expect(text?.length).toBeLessThan(20_000);
  });

  test("a task that does not wait for its writes is bounded too, and what it wrote is there at its end", async () => {
    await using world = await createWorld(kind);
    const session = world.manager({ outputBytes: 50_000 }).session("chat");
    const task = await session.start(({ write }) => {
      for (let index = 0; index < 1_000; index += 1) void write("z".repeat(100));
    });
    await task.result();
    const { text, truncated } = await task.output({ maxBytes: 1_000_000 });
    expect([text.length, truncated]).toEqual([50_000, true]);
  });

  test("retries share one file and one cap", async () => {
    await using world = await createWorld(kind);
    const { defineTask } = await import("../../src/index.ts");
    const loud = defineTask({
      name: "loud",
      description: "Prints and fails.",
      input: { type: "object" },
      retry: { attempts: 3, delayMs: 0 },
      async run(_: unknown, { task, write }) {
        await write(`${task.attempt}`.repeat(400));
        throw new Error("again");
      },
    });
    const session = world.manager({ outputBytes: 1_000, tasks: [loud] }).session("chat");
    const task = await session.start(loud, {});
    await world.until(async () => {
      await world.clock.advance(10);
      return (await task.snapshot()).status === "failed";
    });
    const { text } = await task.output();
    expect(text).toBe("1".repeat(400) + "2".repeat(400) + "3".repeat(200));
  });

  test.each([
    ["a result", 4 * 1024 * 1024 + 1, "NOT_SERIALIZABLE"],
    ["an error's message", 1_000_000, "ERROR"],
  ])("%s that is too large is refused or cut", async (what, size, code) => {
    await using world = await createWorld(kind);
    const session = world.manager().session("chat");
    const text = "w".repeat(size);
    const task = await session.start(() => {
      if (what === "a result") return text;
      throw new Error(text);
    });
    await expect(task.result()).rejects.toMatchObject({ code });
    const { error } = await task.snapshot();
    expect(error?.message.length).toBeLessThan(5_000);
  });

  test("a delivery never exceeds its characters, whatever the tasks printed, returned and threw", async () => {
    await using world = await createWorld(kind);
    const session = world.manager().session("chat");
    for (let index = 0; index < 12; index += 1) {
      await session.start(
        async ({ write }) => {
          await write("p".repeat(100_000));
          if (index % 2 === 0) throw new Error("e".repeat(100_000));
          return "r".repeat(100_000);
        },
        { title: "t".repeat(10_000) },
      );
    }
    await world.until(() => session.notifications.pending() === 12);
    for (const maxChars of [500, 2_000, 8_000, 50_000]) {
      const delivery = await session.notifications.receive({ maxChars });
      expect(delivery.notifications.length).toBeGreaterThan(0);
      expect(delivery.text.length).toBeLessThanOrEqual(maxChars);
      await delivery.release();
    }
  });
});
