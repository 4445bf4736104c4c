import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createWorld, gate, storeKinds, type World } from "../support/world.ts";

describe.each(storeKinds)("with %s", (kind) => {
  let world: World;
  beforeEach(async () => {
    world = await createWorld(kind);
  });
  afterEach(() => world[Symbol.asyncDispose]());

  const nested = {
    name: "MeanwhileError",
    code: "NESTED_TURN",
    message: expect.stringMatching(/Use the running turn/),
  };

  test("a turn inside a turn of its session is refused, also after an await and from another handle", async () => {
    const manager = world.manager();
    const session = manager.session("s");
    const inner = await session.turn(async () => {
      await expect(session.turn(() => "inner")).rejects.toMatchObject(nested);
      await new Promise((resolve) => setImmediate(resolve));
      await expect(manager.session("s").turn(() => "inner")).rejects.toMatchObject(nested);
      await Promise.all([
        (async () => {
          await null;
          await expect(session.turn(() => "inner")).rejects.toMatchObject(nested);
        })(),
      ]);
      return "outer";
    });
    expect(inner).toBe("outer");
    expect(await session.turn(() => "next")).toBe("next");
  });

  test("one through a turn of another session is refused too; that of the other session is not", async () => {
    const manager = world.manager();
    const one = manager.session("one");
    const two = manager.session("two");
    const got = await one.turn(() =>
      two.turn(async () => {
        await expect(one.turn(() => {})).rejects.toMatchObject(nested);
        await expect(two.turn(() => {})).rejects.toMatchObject(nested);
        return "two in one";
      }),
    );
    expect(got).toBe("two in one");
  });

  test("work that a turn starts may have its own turn, once that one has ended", async () => {
    const session = world.manager().session("s");
    const task = await session.turn(() => session.start(() => session.turn(() => "after")));
    expect(await task.result()).toBe("after");
  });

  test("a wake that was set off inside a turn is not inside it", async () => {
    const manager = world.manager();
    const session = manager.session("s");
    const failures: unknown[] = [];
    let woken = 0;
    manager.on("wake-retry", ({ error }) => failures.push(error));
    await session.start(() => {});
    await session.notifications.wait();
    await session.turn(async () => {
      manager.onWake(async ({ session: own }) => {
        woken += 1;
        await own.notifications.drain(() => {});
      });
      const delivery = await session.notifications.receive();
      await delivery.release();
    });
    await world.clock.advance(5_000);
    expect(failures).toEqual([]);
    expect(woken).toBe(1);
  });

  test.each([[new Error("turn")], [undefined], ["text"]])(
    "a turn that throws %s ends, and the next one begins",
    async (thrown) => {
      const session = world.manager().session("s");
      await expect(session.turn(() => Promise.reject(thrown))).rejects.toBe(thrown);
      expect(await session.turn(() => "next")).toBe("next");
    },
  );

  test("a turn whose signal aborts while it waits never begins, and lets the others pass", async () => {
    const session = world.manager().session("s");
    const first = gate();
    const running = session.turn(() => first.opened);
    const controller = new AbortController();
    const waiting = session.turn(() => expect.fail("began"), { signal: controller.signal });
    const last = session.turn(() => "last");
    const refused = expect(waiting).rejects.toBe("enough");
    controller.abort("enough");
    first.open();
    await Promise.all([running, refused]);
    expect(await last).toBe("last");
    const aborted = session.turn(() => {}, { signal: AbortSignal.abort("before") });
    await expect(aborted).rejects.toBe("before");
  });
});

test("a turn whose end could not be stored is given back as soon as it can be", async () => {
  await using world = await createWorld();
  const { manager, failNext } = world.flaky();
  const session = manager.session("s");
  const errors: unknown[] = [];
  manager.on("store-error", ({ error }) => errors.push(error));
  await manager.open();
  failNext("end-turn", 3);
  expect(await session.turn(() => "first")).toBe("first");
  const next = session.turn(() => "next");
  await world.clock.advance(10_000);
  expect(await next).toBe("next");
  expect(errors.length).toBeGreaterThan(0);
});
