import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { BackgroundManager } from "../../src/index.ts";
import { createWorld, storeKinds, type World } from "../support/world.ts";

const refused: readonly (readonly [string, unknown])[] = [
  ["an empty text", ""],
  ["a text of 501 characters", "s".repeat(501)],
  ["a huge text", "s".repeat(10_000_000)],
  ["a NUL in it", "chat\0one"],
  ["half a surrogate pair", "chat\ud800"],
  ["nothing", undefined],
  ["null", null],
  ["a number", 42],
  ["a BigInt", 42n],
  ["a symbol", Symbol("s")],
  ["an object", { id: "s" }],
  ["a String object", new String("s")],
];

test.each(refused)("%s is no session id", (_what, id) => {
  const manager = new BackgroundManager();
  expect(() => manager.session(id as string)).toThrow(
    expect.objectContaining({
      name: "MeanwhileError",
      code: "INVALID_OPTION",
      message: expect.stringMatching(/^A session's id must be a text of 1 to 500 characters/),
    }),
  );
});

/** Each is a session of its own, however alike they look. */
const alike = [
  "__proto__",
  "constructor",
  "toString",
  "hasOwnProperty",
  "a",
  "A",
  "a ",
  " a",
  "a\n",
  "a\r\n",
  "a\tb",
  "../a",
  "/etc/passwd",
  "a%",
  "a_",
  "' OR 1=1 --",
  "é",
  "e\u0301",
  "a\u200b",
  "\u202ea",
  "💬",
  "s".repeat(500),
  "s".repeat(499),
];

describe.each(storeKinds)("with %s", (kind) => {
  let world: World;
  beforeEach(async () => {
    world = await createWorld(kind);
  });
  afterEach(() => world[Symbol.asyncDispose]());

  test("every other text is a session of its own", async () => {
    const manager = world.manager();
    const tasks = new Map(
      await Promise.all(
        alike.map(async (id) => [id, await manager.session(id).start(() => id)] as const),
      ),
    );
    for (const [id, task] of tasks) {
      const session = manager.session(id);
      await world.until(() => session.notifications.pending() === 1);
      expect((await session.list()).map((one) => one.id)).toEqual([task.id]);
      const delivery = await session.notifications.receive();
      expect(delivery.notifications.map((one) => [one.session, one.taskId])).toEqual([
        [id, task.id],
      ]);
      await delivery.ack();
      expect(await task.result()).toBe(id);
      expect(await session.turn(() => "turned")).toBe("turned");
      for (const other of alike) {
        if (other === id) continue;
        await expect(manager.session(other).get(task.id)).rejects.toMatchObject({
          code: "UNKNOWN_TASK",
        });
      }
    }
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});
