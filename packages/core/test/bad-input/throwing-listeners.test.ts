import { afterEach, beforeEach, expect, test } from "vitest";
import type { BackgroundManager, ManagerEventName } from "../../src/index.ts";
import { createWorld, gate, type World } from "../support/world.ts";

let world: World;
let manager: BackgroundManager;
const unhandled: unknown[] = [];
const note = (error: unknown): void => {
  unhandled.push(error);
};

beforeEach(async () => {
  world = await createWorld();
  manager = world.manager();
  process.on("unhandledRejection", note);
});
afterEach(async () => {
  await world[Symbol.asyncDispose]();
  await new Promise((resolve) => setImmediate(resolve));
  process.off("unhandledRejection", note);
  expect(unhandled.splice(0)).toEqual([]);
});

const oops = new Error("listener");
const throwing = {
  "that throws": () => {
    throw oops;
  },
  "that rejects": () => Promise.reject(oops),
};

test.each(Object.entries(throwing))(
  "a listener of the manager %s harms nobody, and is told of",
  async (_how, listener) => {
    const names: readonly ManagerEventName[] = [
      "task-queued",
      "task-start",
      "task-progress",
      "task-output",
      "task-end",
      "notification",
    ];
    const seen: string[] = [];
    const errors: unknown[] = [];
    for (const name of names) {
      manager.on(name, listener);
      manager.on(name, (event) => seen.push(event.type));
    }
    manager.on("listener-error", ({ error }) => errors.push(error));
    // One that fails again is not told of again.
    manager.on("listener-error", listener);
    const session = manager.session("s");
    const task = await session.start(async (context) => {
      context.report({ completed: 1 });
      await context.write("text");
      return "done";
    });
    await session.notifications.wait();
    expect(await task.result()).toBe("done");
    expect(seen.toSorted()).toEqual(names.toSorted());
    expect(errors).toEqual(names.map(() => oops));
  },
);

test.each(Object.entries(throwing))(
  "a subscriber to notifications %s harms nobody, and is told of",
  async (_how, listener) => {
    const errors: unknown[] = [];
    manager.on("listener-error", ({ error }) => errors.push(error));
    const session = manager.session("s");
    const seen: string[] = [];
    session.notifications.subscribe(listener as () => void);
    session.notifications.subscribe(({ kind }) => seen.push(kind));
    await session.start(() => {});
    await session.notifications.wait();
    await world.clock.settle();
    expect(seen).toEqual(["completed"]);
    expect(errors).toEqual([oops]);
    expect((await session.notifications.receive()).notifications).toHaveLength(1);
  },
);

test("a reader of a task's events that throws is let go, and the task goes on", async () => {
  const session = manager.session("s");
  const end = gate();
  const task = await session.start(async (context) => {
    await context.write("first");
    await end.opened;
    return "done";
  });
  const read = (async () => {
    for await (const _event of task.events()) throw oops;
  })();
  await world.clock.settle();
  end.open();
  await expect(read).rejects.toBe(oops);
  expect(await task.result()).toBe("done");
});

test("events of a task cannot be read before the store opens, and leave no listener then", async () => {
  const { manager: failing, failRead } = world.flaky();
  const session = failing.session("s");
  const task = await session.start(() => new Promise(() => {}));
  await failing.close();
  failRead("open");
  const controller = new AbortController();
  let listeners = 0;
  const { signal } = controller;
  const { addEventListener, removeEventListener } = signal;
  signal.addEventListener = (...given: Parameters<typeof addEventListener>) => {
    listeners += 1;
    addEventListener.apply(signal, given);
  };
  signal.removeEventListener = (...given: Parameters<typeof removeEventListener>) => {
    listeners -= 1;
    removeEventListener.apply(signal, given);
  };
  const read = (async () => {
    for await (const _event of task.events({ signal }));
  })();
  await expect(read).rejects.toMatchObject({ code: "CLOSED" });
  expect(listeners).toBe(0);
});

test("a wake handler that throws is tried again, later each time, until it acknowledges", async () => {
  const retries: unknown[] = [];
  manager.on("wake-retry", ({ delayMs, error }) => retries.push([delayMs, error]));
  const session = manager.session("s");
  const thrown: readonly unknown[] = [oops, undefined, "text", Object.create(null)];
  let calls = 0;
  manager.onWake(async ({ session: woken }) => {
    calls += 1;
    if (calls <= thrown.length) throw thrown[calls - 1];
    await woken.notifications.drain(() => {});
  });
  await session.start(() => {});
  await world.until(() => session.notifications.pending() === 1);
  await world.clock.advance(20_000);
  expect(retries).toEqual(thrown.map((error, index) => [1_000 * 2 ** index, error]));
  expect(calls).toBe(thrown.length + 1);
  expect(session.notifications.pending()).toBe(0);
});

test("what is no function cannot listen, be woken, receive or be a turn", async () => {
  const session = manager.session("s");
  const refusal = { name: "MeanwhileError", code: "INVALID_OPTION" };
  await session.start(() => {});
  await session.notifications.wait();
  for (const nothing of [undefined, null, "handler", {}] as never[]) {
    expect(() => manager.on("task-end", nothing)).toThrow(expect.objectContaining(refusal));
    expect(() => manager.onWake(nothing)).toThrow(expect.objectContaining(refusal));
    expect(() => session.notifications.subscribe(nothing)).toThrow(
      expect.objectContaining(refusal),
    );
    await expect(session.notifications.drain(nothing)).rejects.toMatchObject(refusal);
    await expect(session.turn(nothing)).rejects.toMatchObject(refusal);
  }
  expect(session.notifications.pending()).toBe(1);
  // The handler that was refused is not in the way of a right one.
  manager.onWake(({ session: woken }) => woken.notifications.drain(() => {}));
  await world.clock.advance(100);
  await world.until(() => session.notifications.pending() === 0);
});

test("a second wake handler is refused, and the first stays", async () => {
  let woken = 0;
  const remove = manager.onWake(async ({ session }) => {
    woken += 1;
    await session.notifications.drain(() => {});
  });
  expect(() => manager.onWake(() => {})).toThrow(
    expect.objectContaining({ code: "INVALID_OPTION", message: expect.stringMatching(/already/) }),
  );
  expect(() => manager.onWake(() => {}, { policy: "sometimes" as never })).toThrow(
    expect.objectContaining({ code: "INVALID_OPTION" }),
  );
  await manager.session("s").start(() => {});
  await world.until(() => manager.session("s").notifications.pending() === 1);
  await world.clock.advance(100);
  expect(woken).toBe(1);
  remove();
  remove();
  manager.onWake(() => {});
});
