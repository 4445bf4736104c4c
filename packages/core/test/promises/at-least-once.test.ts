import { describe, expect, test } from "vitest";
import { MeanwhileError } from "../../src/index.ts";
import { createWorld, storeKinds } from "../support/world.ts";

const promise =
  "3. A notification is delivered at least once until it is acknowledged, and never after a committed acknowledgement";

describe.each(storeKinds)(`${promise} (%s)`, (kind) => {
  test("what was received and not answered comes again, with the same id, when its lease has run out", async () => {
    await using world = await createWorld(kind);
    const session = world.manager().session("chat");
    await session.start(() => 1);
    await world.until(() => session.notifications.pending() === 1);
    const first = await session.notifications.receive({ leaseMs: 5_000 });
    expect((await session.notifications.receive()).notifications).toEqual([]);
    await world.clock.advance(4_999);
    expect(session.notifications.pending()).toBe(0);
    const woken = session.notifications.wait();
    await world.clock.advance(1);
    expect(await woken).toBe(true);
    const second = await session.notifications.receive();
    expect(second.notifications).toMatchObject([{ id: first.notifications[0]?.id, deliveries: 2 }]);
    await expect(first.ack()).rejects.toMatchObject({ code: "LEASE_LOST" });
    await second.ack();
    await world.clock.advance(1_000_000);
    expect((await session.notifications.receive()).notifications).toEqual([]);
    expect(world.history.violations()).toEqual([]);
  });

  test("what was released comes again at once, in its old place", async () => {
    await using world = await createWorld(kind);
    const session = world.manager().session("chat");
    for (const title of ["one", "two", "three"]) {
      await (await session.start(() => title, { title, notify: "always" })).snapshot();
      await world.clock.settle();
    }
    const first = await session.notifications.receive({ limit: 2 });
    const third = await session.notifications.receive();
    await first.release();
    await first.release();
    const again = await session.notifications.receive();
    expect(again.notifications.map((one) => one.title)).toEqual(["one", "two"]);
    expect(third.notifications.map((one) => one.title)).toEqual(["three"]);
    await expect(first.ack()).rejects.toMatchObject({ code: "LEASE_LOST" });
    await again.ack();
    await again.ack();
    await again.release();
    await third.ack();
    expect((await session.notifications.receive()).notifications).toEqual([]);
  });

  test("a receiver that died gives it to the next process", async () => {
    await using world = await createWorld(kind);
    const { manager, crash } = world.mortal();
    const session = manager.session("chat");
    await session.start(() => 1);
    await world.until(() => session.notifications.pending() === 1);
    const lost = await session.notifications.receive();
    expect(lost.notifications).toHaveLength(1);
    crash();
    await expect(lost.ack()).rejects.toThrow();
    await world.clock.advance(40_000);
    const next = world.manager().session("chat");
    const found = await next.notifications.receive();
    expect(found.notifications).toMatchObject([{ id: lost.notifications[0]?.id, deliveries: 2 }]);
  });

  test("an acknowledgement that was committed before the process died holds", async () => {
    await using world = await createWorld(kind);
    const { manager, crash } = world.mortal();
    const session = manager.session("chat");
    await session.start(() => 1);
    await world.until(() => session.notifications.pending() === 1);
    await (await session.notifications.receive()).ack();
    crash();
    await world.clock.advance(40_000);
    const next = world.manager().session("chat");
    expect((await next.notifications.receive()).notifications).toEqual([]);
    expect(next.notifications.pending()).toBe(0);
  });

  test("two receivers at once never get the same one", async () => {
    await using world = await createWorld(kind);
    const one = world.manager().session("chat");
    const other = world.manager().session("chat");
    for (let index = 0; index < 20; index += 1) await one.start(() => index);
    await world.until(() => one.notifications.pending() === 20);
    await other.list();
    const deliveries = await Promise.all(
      [one, other, one, other].map((session) => session.notifications.receive({ limit: 10 })),
    );
    const ids = deliveries.flatMap((delivery) => delivery.notifications.map(({ id }) => id));
    expect(ids).toHaveLength(20);
    expect(new Set(ids).size).toBe(20);
    for (const delivery of deliveries) await delivery.ack();
    expect(world.history.violations()).toEqual([]);
  });

  test("an acknowledgement that storage refused can be tried again", async () => {
    await using world = await createWorld(kind);
    const flaky = world.flaky();
    const session = flaky.manager.session("chat");
    await session.start(() => 1);
    await world.until(() => session.notifications.pending() === 1);
    const delivery = await session.notifications.receive();
    flaky.failNext("ack");
    await expect(delivery.ack()).rejects.toThrow("The disk is busy.");
    await delivery.ack();
    await world.clock.advance(1_000_000);
    expect((await session.notifications.receive()).notifications).toEqual([]);
  });

  test("drain acknowledges when the callback succeeds and releases when it throws", async () => {
    await using world = await createWorld(kind);
    const session = world.manager().session("chat");
    await session.start(() => 1);
    await world.until(() => session.notifications.pending() === 1);
    const seen: string[] = [];
    const failing = session.notifications.drain(({ notifications }) => {
      seen.push(...notifications.map(({ id }) => id));
      throw new MeanwhileError("ERROR", "The model is down.");
    });
    await expect(failing).rejects.toThrow("The model is down.");
    const told = await session.notifications.drain(({ notifications }) => {
      seen.push(...notifications.map(({ id }) => id));
      return "told";
    });
    expect(told).toBe("told");
    expect(seen).toHaveLength(2);
    expect(seen[0]).toBe(seen[1]);
    expect(await session.notifications.drain(() => "called")).toBe(undefined);
  });
});
