import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { defineTask } from "../../src/index.ts";
import { createWorld, gate, storeKinds, type World } from "../support/world.ts";

const add = defineTask({
  name: "add",
  description: "Adds.",
  input: {},
  run: (given: { a?: number }) => (given.a ?? 0) + 1,
});

describe.each(storeKinds)("with %s", (kind) => {
  let world: World;
  beforeEach(async () => {
    world = await createWorld(kind);
  });
  afterEach(() => world[Symbol.asyncDispose]());

  const odd: readonly (readonly [string, unknown, RegExp])[] = [
    ["options that are null", null, /options must be an object/],
    ["options that are a text", "title", /options must be an object/],
    ["a title that is no text", { title: 5 }, /title must be a text/],
    ["a priority of a half", { priority: 0.5 }, /priority must be a whole number; got 0\.5/],
    ["a priority that is NaN", { priority: Number.NaN }, /priority .* got NaN/],
    ["a priority that is a text", { priority: "high" }, /priority .* got "high"/],
    ["an empty idempotency key", { idempotencyKey: "" }, /idempotencyKey must be a text of 1 to/],
    ["an idempotency key of 501 characters", { idempotencyKey: "k".repeat(501) }, /1 to 500/],
    ["an idempotency key that is a number", { idempotencyKey: 5 }, /idempotencyKey must be/],
    ["an idempotency key with a NUL", { idempotencyKey: "a\0b" }, /idempotencyKey must be/],
    ["an idempotency key with half a pair", { idempotencyKey: "\udc00" }, /idempotencyKey must be/],
    ["an unknown notify", { notify: "sometimes" }, /notify must be "always", "failure" or "never"/],
    ["after that is a text", { after: "t_1" }, /after must be a list of task ids/],
    ["after with a number", { after: [1] }, /after must be a list of task ids/],
    ["after with handles", { after: [{ id: "t_1" }] }, /after must be a list of task ids/],
  ];

  test.each(odd)("%s: refused with nothing stored", async (_what, options, message) => {
    const session = world.manager().session("s");
    const refusal = {
      name: "MeanwhileError",
      code: "INVALID_OPTION",
      message: expect.stringMatching(message),
    };
    await expect(session.start(add, {}, options as never)).rejects.toMatchObject(refusal);
    await expect(session.start(() => {}, options as never)).rejects.toMatchObject(refusal);
    expect(await session.list()).toEqual([]);
  });

  test("after with an unknown id, an odd one or one of another session gets the same answer", async () => {
    const manager = world.manager();
    const session = manager.session("s");
    const foreign = await manager.session("other").start(() => "theirs");
    await foreign.result();
    const own = await session.start(() => "ours");
    for (const id of ["t_doesnotexist", foreign.id, "", "__proto__", "x".repeat(100_000)]) {
      const start = session.start(add, {}, { after: [own.id, id] });
      await expect(start).rejects.toMatchObject({
        name: "MeanwhileError",
        code: "UNKNOWN_TASK",
        message: expect.stringMatching(/^after names ".*", but this session has no such task\./s),
      });
    }
    expect(await session.list()).toHaveLength(1);
  });

  test("after with the same id many times waits for it once", async () => {
    const session = world.manager().session("s");
    const first = gate();
    const one = await session.start(() => first.opened);
    const two = await session.start(add, { a: 1 }, { after: Array(50).fill(one.id) });
    await world.clock.settle();
    expect((await two.snapshot()).status).toBe("queued");
    first.open();
    expect(await two.result()).toBe(2);
  });

  test("after with tasks that ended already", async () => {
    const session = world.manager().session("s");
    const good = await session.start(() => {});
    const bad = await session.start(() => Promise.reject(new Error("no")));
    await Promise.allSettled([good.result(), bad.result()]);
    expect(await (await session.start(add, {}, { after: [good.id] })).result()).toBe(1);
    const never = await session.start(add, {}, { after: [good.id, bad.id] });
    await expect(never.result()).rejects.toMatchObject({
      code: "DEPENDENCY",
      message: expect.stringContaining(bad.id),
    });
  });

  test("a second start with the same key gives the first task, whatever it asks for", async () => {
    const manager = world.manager({ limits: { concurrency: 2 } });
    const session = manager.session("s");
    const options = { idempotencyKey: "__proto__" };
    const first = await session.start(add, { a: 1 }, options);
    const others = await Promise.all([
      session.start(add, { a: 100 }, options),
      session.start(() => "closure", options),
      session.start(add, { a: 1 }, { ...options, delayMs: 1_000, notify: "never" }),
    ]);
    expect(others.map((task) => task.id)).toEqual([first.id, first.id, first.id]);
    expect(await first.result()).toBe(2);
    // Also when it has ended, and each of them has given its slot back.
    expect((await session.start(add, { a: 5 }, options)).id).toBe(first.id);
    expect(await session.list()).toHaveLength(1);
    const slots = await Promise.all([session.start(() => 1), session.start(() => 2)]);
    expect(await Promise.all(slots.map((task) => task.result()))).toEqual([1, 2]);
  });

  test("the same key is another one in another session", async () => {
    const manager = world.manager();
    const options = { idempotencyKey: "key" };
    const one = await manager.session("one").start(add, {}, options);
    const two = await manager.session("two").start(add, {}, options);
    expect(one.id).not.toBe(two.id);
  });

  test("a key whose start was refused is free", async () => {
    const session = world.manager().session("s");
    const options = { idempotencyKey: "key" };
    const refused = session.start(add, {}, { ...options, after: ["t_unknown"] });
    await expect(refused).rejects.toMatchObject({ code: "UNKNOWN_TASK" });
    expect(await (await session.start(add, { a: 1 }, options)).result()).toBe(2);
  });

  test("an odd title is kept short and whole", async () => {
    const session = world.manager().session("s");
    const title = "😀".repeat(150);
    const task = await session.start(() => {}, { title });
    const { title: stored } = await task.snapshot();
    expect(stored.isWellFormed()).toBe(true);
    expect(stored.length).toBeLessThanOrEqual(200);
    expect(task.title).toBe(stored);
    expect((await session.start(() => {}, { title: "\ud800" })).title.isWellFormed()).toBe(true);
  });
});
