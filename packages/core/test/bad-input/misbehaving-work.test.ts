import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { defineTask, MeanwhileError, type TaskContext } from "../../src/index.ts";
import { createWorld, gate, type World } from "../support/world.ts";

let world: World;
const unhandled: unknown[] = [];
const note = (error: unknown): void => {
  unhandled.push(error);
};

beforeEach(async () => {
  world = await createWorld();
  process.on("unhandledRejection", note);
});
afterEach(async () => {
  await world[Symbol.asyncDispose]();
  // A rejection that nobody handles is announced in the turn after.
  await new Promise((resolve) => setImmediate(resolve));
  process.off("unhandledRejection", note);
  expect(unhandled.splice(0)).toEqual([]);
});

/** A manager with one slot, so that a slot that is not given back is noticed. */
function narrow() {
  return world.manager({ limits: { concurrency: 1, perSession: { concurrency: 1 } } }).session("s");
}

describe("a thenable", () => {
  const thenables: readonly (readonly [string, () => unknown, string])[] = [
    [
      "whose then throws",
      () => ({
        // biome-ignore lint/suspicious/noThenProperty: what the test is about
        then: () => {
          throw new Error("then threw");
        },
      }),
      "then threw",
    ],
    [
      "whose then cannot be read",
      () => ({
        // biome-ignore lint/suspicious/noThenProperty: what the test is about
        get then(): never {
          throw new Error("no then");
        },
      }),
      "no then",
    ],
    [
      "that resolves, rejects, and throws",
      () => ({
        // biome-ignore lint/suspicious/noThenProperty: what the test is about
        then: (_resolve: unknown, reject: (error: unknown) => void) => {
          reject(new Error("first"));
          reject(new Error("second"));
          throw new Error("third");
        },
      }),
      "first",
    ],
    [
      "that resolves with one that throws",
      () =>
        Promise.resolve().then(() => ({
          // biome-ignore lint/suspicious/noThenProperty: what the test is about
          then: () => {
            throw new Error("inner");
          },
        })),
      "inner",
    ],
  ];
  test.each(thenables)("%s fails the task, once, and frees its slot once", async (_, make, why) => {
    const session = narrow();
    let running = 0;
    let most = 0;
    const task = await session.start(make);
    const followers = await Promise.all(
      [1, 2, 3].map(() =>
        session.start(async () => {
          running += 1;
          most = Math.max(most, running);
          await world.clock.settle();
          running -= 1;
        }),
      ),
    );
    await expect(task.result()).rejects.toMatchObject({ code: "ERROR", message: why });
    await Promise.all(followers.map((follower) => follower.result()));
    expect(most).toBe(1);
  });

  test("that resolves twice completes the task with the first value", async () => {
    const session = narrow();
    const task = await session.start(() => ({
      // biome-ignore lint/suspicious/noThenProperty: what the test is about
      then(resolve: (value: string) => void) {
        resolve("first");
        resolve("second");
      },
    }));
    expect(await task.result()).toBe("first");
  });
});

test("work that rejects after its task was cancelled changes nothing", async () => {
  const session = narrow();
  const end = gate();
  const task = await session.start(() => end.opened);
  expect(await task.cancel("enough")).toBe(true);
  end.fail(new Error("too late"));
  await world.clock.settle();
  expect(await task.snapshot()).toMatchObject({
    status: "cancelled",
    error: { code: "CANCELLED", message: "enough" },
  });
});

test("work that never ends is settled by its timeout, keeps its slot, and lets the manager close", async () => {
  const session = narrow();
  const task = await session.start(() => new Promise(() => {}), { timeoutMs: 1_000 });
  const next = await session.start(() => "next");
  await world.clock.advance(1_000);
  expect(await task.snapshot()).toMatchObject({ status: "failed", error: { code: "TIMEOUT" } });
  expect(await next.snapshot()).toMatchObject({ status: "queued" });
  // That `close` resolves is what the end of the test shows.
});

test("what ended work still calls is refused, and harms nobody when the work does not look", async () => {
  const session = narrow();
  let context: TaskContext | undefined;
  const end = gate();
  const task = await session.start((given) => {
    context = given;
    return end.opened;
  });
  await task.cancel();
  const late = context as unknown as TaskContext;
  const settled = { code: "TASK_SETTLED", message: expect.stringMatching(/context\.signal/) };
  await expect(late.write("text")).rejects.toMatchObject(settled);
  await expect(late.notify("text")).rejects.toMatchObject(settled);
  await expect(late.checkpoint.save(1)).rejects.toMatchObject(settled);
  void late.write("text");
  void late.notify("text");
  void late.checkpoint.save(1);
  late.report({ completed: 1 });
  for await (const message of late.messages) expect.fail(message);
  end.open();
});

test("what work writes, saves and says without waiting harms nobody when it cannot be stored", async () => {
  const { manager, failNext } = world.flaky();
  const session = manager.session("s");
  await manager.open();
  const task = await session.start(async (context) => {
    failNext("notify");
    void context.notify("lost");
    await world.clock.settle();
    failNext("update");
    void context.checkpoint.save({ lost: true });
    await world.clock.settle();
    void context.checkpoint.save(1n);
    void context.write(5 as never);
    return "done";
  });
  expect(await task.result()).toBe("done");
});

test("odd arguments fail the task that gives them, and say what they should be", async () => {
  const calls: readonly (readonly [(context: TaskContext) => unknown, string, RegExp])[] = [
    [(context) => context.write(5 as never), "INVALID_INPUT", /write takes text or bytes/],
    [(context) => context.checkpoint.save(1n), "NOT_SERIALIZABLE", /The checkpoint .* BigInt/],
    [(context) => context.notify({} as never), "INVALID_INPUT", /notify takes a text/],
    [(context) => context.report(5 as never), "INVALID_INPUT", /report takes/],
    [(context) => context.outputFile("../elsewhere"), "INVALID_OPTION", /inside the task's folder/],
  ];
  const session = narrow();
  for (const [call, code, message] of calls) {
    const task = await session.start(async (context) => {
      await call(context);
    });
    await expect(task.result()).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  }
});

test("a task that starts 1,000 tasks from inside sees them all completed", async () => {
  const manager = world.manager({ limits: { perSession: { concurrency: 2 } } });
  const session = manager.session("s");
  const outer = await session.start(async () => {
    const inner = await Promise.all(
      Array.from({ length: 1_000 }, (_, index) => session.start(() => index)),
    );
    const results = await Promise.all(inner.map((task) => task.result()));
    return results.reduce((sum, value) => sum + value, 0);
  });
  expect(await outer.result()).toBe(499_500);
});

test("a task that starts more than the queue takes is told so, and fails with it if it does not care", async () => {
  const manager = world.manager({ limits: { perSession: { queued: 5 } } });
  const session = manager.session("s");
  const refused: unknown[] = [];
  const outer = await session.start(async () => {
    const starts = Array.from({ length: 1_000 }, () => session.start(() => {}));
    for (const start of await Promise.allSettled(starts)) {
      if (start.status === "rejected") refused.push(start.reason);
    }
    await session.start(() => {}).then(() => {});
    throw refused[0];
  });
  await expect(outer.result()).rejects.toMatchObject({ code: "QUEUE_FULL" });
  expect(refused).toHaveLength(992);
  for (const error of refused) expect(MeanwhileError.isInstance(error, "QUEUE_FULL")).toBe(true);
});

test("a task that blocks the event loop delays the others and loses none", async () => {
  const session = world.manager().session("s");
  const blocker = await session.start(() => {
    const until = performance.now() + 1_000;
    while (performance.now() < until);
    return "woke";
  });
  const other = await session.start(() => "other");
  expect(await Promise.all([blocker.result(), other.result()])).toEqual(["woke", "other"]);
});

test("an input that is still being checked when its task is cancelled never reaches the work", async () => {
  const checked = gate<{ value: string }>();
  let ran = false;
  let checks = 0;
  const slow = defineTask({
    name: "slow_check",
    description: "x",
    input: {
      "~standard": {
        version: 1,
        vendor: "test",
        // At once when it is started, slowly when it is run.
        validate: (value: unknown) =>
          checks++ === 0 ? { value: value as string } : checked.opened,
      },
    },
    run: () => {
      ran = true;
    },
  });
  const session = world.manager().session("s");
  const task = await session.start(slow, "input");
  await world.until(() => checks === 2);
  await task.cancel();
  checked.open({ value: "input" });
  await world.clock.settle();
  expect(ran).toBe(false);
});
