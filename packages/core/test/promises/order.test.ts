import { describe, expect, test } from "vitest";
import { seeded } from "../support/seeded.ts";
import { createWorld, gate, storeKinds } from "../support/world.ts";

const promise = "5. A session's notifications keep the order in which tasks settled";

describe.each(storeKinds)(`${promise} (%s)`, (kind) => {
  test("and not the order in which they were started", async () => {
    await using world = await createWorld(kind);
    const session = world.manager().session("chat");
    const works = [gate(), gate(), gate(), gate()];
    for (const [index, work] of works.entries()) {
      await session.start(() => work.opened, { title: String(index) });
    }
    await world.clock.settle();
    for (const index of [2, 0, 3, 1]) {
      works[index]?.open();
      await world.clock.settle();
    }
    await world.until(() => session.notifications.pending() === 4);
    const { notifications } = await session.notifications.receive();
    expect(notifications.map(({ title }) => title)).toEqual(["2", "0", "3", "1"]);
  });

  test("with progress, messages and cancels among them, in many receives", async () => {
    await using world = await createWorld(kind);
    const random = seeded(5);
    const session = world.manager({ limits: { perSession: { concurrency: 8 } } }).session("chat");
    const expected: string[] = [];
    session.notifications.subscribe(({ id }) => expected.push(id));
    const received: string[] = [];
    for (let round = 0; round < 60; round += 1) {
      const says = random() < 0.3;
      const delayMs = random() < 0.2 ? Math.floor(random() * 1_000) : 0;
      const task = await session.start(
        async ({ notify }) => {
          if (says) await notify("on my way");
          return round;
        },
        { delayMs },
      );
      if (random() < 0.2) void task.cancel();
      await world.clock.advance(Math.floor(random() * 300));
      if (random() < 0.3) {
        const delivery = await session.notifications.receive({ limit: 3 });
        if (random() < 0.3) await delivery.release();
        else {
          received.push(...delivery.notifications.map(({ id }) => id));
          await delivery.ack();
        }
      }
    }
    await world.clock.advance(2_000);
    await session.notifications.drain(
      ({ notifications }) => {
        received.push(...notifications.map(({ id }) => id));
      },
      { limit: 1_000, maxChars: 1_000_000 },
    );
    expect(received).toEqual(expected);
    expect(new Set(received).size).toBe(received.length);
  });

  test("the next process hands them out in the same order", async () => {
    await using world = await createWorld(kind);
    const manager = world.manager();
    const works = [gate(), gate(), gate()];
    for (const [index, work] of works.entries()) {
      await manager.session("chat").start(() => work.opened, { title: String(index) });
    }
    for (const index of [2, 1, 0]) {
      works[index]?.open();
      await world.clock.settle();
    }
    await manager.close();
    const { notifications } = await world.manager().session("chat").notifications.receive();
    expect(notifications.map(({ title }) => title)).toEqual(["2", "1", "0"]);
  });
});
