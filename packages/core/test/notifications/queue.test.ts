import { describe, expect, test } from "vitest";
import { MeanwhileError, type Session } from "../../src/index.ts";
import { createWorld, gate, storeKinds, type World } from "../support/world.ts";

async function owe(world: World, session: Session, count: number, size = 0): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    await session.start(() => `${index} ${"x".repeat(size)}`, { title: `task ${index}` });
  }
  await world.until(() => session.notifications.pending() === count);
}

const titles = ({ notifications }: { notifications: readonly { title: string }[] }): string[] =>
  notifications.map(({ title }) => title);

describe.each(storeKinds)("the notification queue (%s)", (kind) => {
  test("gives nothing, at once, when nothing is owed", async () => {
    await using world = await createWorld(kind);
    const session = world.manager().session("chat");
    const delivery = await session.notifications.receive();
    expect([delivery.notifications, delivery.text]).toEqual([[], ""]);
    await delivery.ack();
    await delivery.release();
    expect(session.notifications.pending()).toBe(0);
  });

  test("gives as many as the limit says, oldest first, also more than twenty", async () => {
    await using world = await createWorld(kind);
    const session = world.manager().session("chat");
    await owe(world, session, 50);
    const one = await session.notifications.receive({ limit: 1 });
    expect(titles(one)).toEqual(["task 0"]);
    const many = await session.notifications.receive({ limit: 40, maxChars: 100_000 });
    expect(many.notifications).toHaveLength(40);
    expect(session.notifications.pending()).toBe(9);
    const rest = await session.notifications.receive();
    expect(titles(rest).at(-1)).toBe("task 49");
    for (const delivery of [one, many, rest]) await delivery.ack();
    expect(session.notifications.pending()).toBe(0);
  });

  test("a delivery keeps to its characters, however large the results; the rest comes next", async () => {
    await using world = await createWorld(kind);
    const session = world.manager().session("chat");
    await owe(world, session, 30, 20_000);
    const seen: string[] = [];
    for (let round = 0; round < 30 && seen.length < 30; round += 1) {
      await session.notifications.drain(
        (delivery) => {
          expect(delivery.text.length).toBeLessThanOrEqual(4_000);
          for (const { taskId } of delivery.notifications) expect(delivery.text).toContain(taskId);
          seen.push(...titles(delivery));
        },
        { maxChars: 4_000 },
      );
    }
    expect(seen).toEqual(Array.from({ length: 30 }, (_, index) => `task ${index}`));
  });

  test.each([
    { limit: 0 },
    { limit: 1.5 },
    { limit: Number.NaN },
    { maxChars: 0 },
    { maxChars: -1 },
    { leaseMs: 0 },
    { leaseMs: Number.POSITIVE_INFINITY },
  ])("refuses %o", async (options) => {
    await using world = await createWorld(kind);
    const receiving = world.manager().session("chat").notifications.receive(options);
    await expect(receiving).rejects.toMatchObject({ code: "INVALID_OPTION" });
  });

  test("wait resolves when something is owed, or false when the time is up", async () => {
    await using world = await createWorld(kind);
    const session = world.manager().session("chat");
    const { notifications } = session;
    const early = notifications.wait({ timeoutMs: 1_000 });
    await world.clock.advance(1_000);
    expect(await early).toBe(false);
    const waiting = notifications.wait();
    await session.start(() => 1);
    expect(await waiting).toBe(true);
    expect(await notifications.wait({ timeoutMs: 0 })).toBe(true);
    await notifications.drain(() => {});
    const none = notifications.wait({ timeoutMs: 0 });
    await world.clock.advance(0);
    expect(await none).toBe(false);
    expect(world.clock.pendingTimers).toBeLessThanOrEqual(2);
  });

  test("wait ends with the reason of its signal, before and while it waits", async () => {
    await using world = await createWorld(kind);
    const { notifications } = world.manager().session("chat");
    const reason = new Error("enough");
    await expect(notifications.wait({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const abort = new AbortController();
    const waiting = notifications.wait({ signal: abort.signal });
    await world.clock.settle();
    abort.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    for (const timeoutMs of [-1, Number.NaN]) {
      await expect(notifications.wait({ timeoutMs })).rejects.toMatchObject({
        code: "INVALID_OPTION",
      });
    }
  });

  test("subscribe hears of each notification as it is made, and receives nothing", async () => {
    await using world = await createWorld(kind);
    const manager = world.manager();
    const session = manager.session("chat");
    const errors: unknown[] = [];
    manager.on("listener-error", ({ error }) => errors.push(error));
    const heard: string[] = [];
    const end = session.notifications.subscribe(({ kind: what, title }) => {
      heard.push(`${what} ${title}`);
      throw new Error("A listener is broken.");
    });
    session.notifications.subscribe(({ kind: what }) => heard.push(what));
    await session.start(async ({ notify }) => notify("hello"), { title: "polite" });
    await world.until(() => heard.length === 4);
    expect(heard).toEqual(["message polite", "message", "completed polite", "completed"]);
    expect(errors.map(String)).toEqual(Array(2).fill("Error: A listener is broken."));
    end();
    end();
    await (await session.start(() => 1)).result();
    expect(heard).toHaveLength(5);
    expect(session.notifications.pending()).toBe(2);
  });

  test("iteration hands out, and acknowledges when the next is asked for", async () => {
    await using world = await createWorld(kind);
    const session = world.manager().session("chat");
    const seen: string[] = [];
    const loop = (async () => {
      for await (const delivery of session.notifications) {
        seen.push(...titles(delivery));
        if (seen.length === 3) break;
      }
    })();
    for (const title of ["one", "two", "three"]) {
      await session.start(() => 1, { title });
      await world.until(() => seen.includes(title));
    }
    await loop;
    // Leaving the loop gave the last one back.
    const { notifications } = await session.notifications.receive();
    expect(titles({ notifications })).toEqual(["three"]);
    expect(world.history.violations()).toEqual([]);
  });

  test("an error in the body of the iteration gives the delivery back", async () => {
    await using world = await createWorld(kind);
    const session = world.manager().session("chat");
    await owe(world, session, 1);
    const loop = (async () => {
      for await (const delivery of session.notifications) throw new Error(titles(delivery)[0]);
    })();
    await expect(loop).rejects.toThrow("task 0");
    expect(session.notifications.pending()).toBe(1);
  });

  test("a body that answers by itself is not answered for", async () => {
    await using world = await createWorld(kind);
    const session = world.manager().session("chat");
    await owe(world, session, 1);
    const deliveries: number[] = [];
    for await (const delivery of session.notifications) {
      deliveries.push(delivery.notifications[0]?.deliveries ?? 0);
      if (deliveries.length < 3) await delivery.release();
      else {
        await delivery.ack();
        break;
      }
    }
    expect(deliveries).toEqual([1, 2, 3]);
    expect(session.notifications.pending()).toBe(0);
  });

  test("drain tells the callback's error though giving back failed", async () => {
    await using world = await createWorld(kind);
    const flaky = world.flaky();
    const session = flaky.manager.session("chat");
    await owe(world, session, 1);
    const draining = session.notifications.drain(() => {
      flaky.failNext("release");
      throw new Error("The model is down.");
    });
    await expect(draining).rejects.toThrow("The model is down.");
  });

  test("nothing of one session is owed to another, not even with the names of prototypes", async () => {
    await using world = await createWorld(kind);
    const manager = world.manager();
    for (const id of ["__proto__", "constructor", "toString", " ", "a/b", "ä"]) {
      const session = manager.session(id);
      await owe(world, session, 1);
      const { notifications, ack } = await session.notifications.receive();
      expect(notifications.map(({ session: owner }) => owner)).toEqual([id]);
      await ack();
      expect((await manager.session("other").notifications.receive()).notifications).toEqual([]);
    }
    for (const id of ["", "x".repeat(501), 5, null, undefined]) {
      expect(() => manager.session(id as string)).toThrow(MeanwhileError);
    }
  });

  test("pending counts what could be received, through leases, releases and reads", async () => {
    await using world = await createWorld(kind);
    const session = world.manager().session("chat");
    const { notifications } = session;
    await owe(world, session, 4);
    const delivery = await notifications.receive({ limit: 2, leaseMs: 10_000 });
    expect(notifications.pending()).toBe(2);
    await delivery.release();
    expect(notifications.pending()).toBe(4);
    await notifications.receive({ limit: 1, leaseMs: 10_000 });
    expect(notifications.pending()).toBe(3);
    await world.clock.advance(10_000);
    expect(notifications.pending()).toBe(4);
    for (const { id } of await session.list()) await (await session.get(id)).result();
    await world.clock.settle();
    expect(notifications.pending()).toBe(0);
  });

  test("an answered delivery leaves no timer behind", async () => {
    await using world = await createWorld(kind);
    const flaky = world.flaky();
    const session = flaky.manager.session("chat");
    const errors: unknown[] = [];
    flaky.manager.on("store-error", ({ error }) => errors.push(error));
    for (let round = 0; round < 20; round += 1) {
      await session.start(() => 1);
      await world.until(() => session.notifications.pending() === 1);
      await (await session.notifications.receive({ leaseMs: 1_000 + round }))[
        round % 2 === 0 ? "ack" : "release"
      ]();
      await session.notifications.drain(() => {});
    }
    // A look at the session, when a lease of those would have lapsed, would fail.
    flaky.failRead("sessions");
    await world.clock.advance(5_000);
    expect(errors).toEqual([]);
  });

  test("a notification of the other manager wakes a wait", async () => {
    await using world = await createWorld(kind);
    const here = world.manager({ leaseMs: 3_000 }).session("chat");
    const there = world.manager({ leaseMs: 3_000 }).session("chat");
    await there.list();
    const waiting = there.notifications.wait();
    const work = gate();
    const task = await here.start(() => work.opened);
    work.open();
    await world.clock.advance(10_000);
    expect(await waiting).toBe(true);
    const { notifications } = await there.notifications.receive();
    expect(notifications).toMatchObject([{ taskId: task.id }]);
  });

  test("describe lists what lives and what was not read, within its budget", async () => {
    await using world = await createWorld(kind);
    const session = world.manager().session("chat");
    expect(await session.describe()).toBe("");
    await owe(world, session, 2);
    const work = gate();
    const live = await session.start(() => work.opened, { title: "the long one" });
    const text = await session.describe();
    expect(text).toContain(live.id);
    expect(text).toContain("the long one");
    for (const { id } of await session.list()) expect(text).toContain(id);
    await session.notifications.receive();
    expect(await session.describe()).toContain("task 0");
    const onlyLive = await session.describe({ unread: false });
    expect(onlyLive).toContain("the long one");
    expect(onlyLive).not.toContain("task 0");
    for (let index = 0; index < 50; index += 1) await session.start(() => 1, { delayMs: 1_000 });
    const short = await session.describe({ maxChars: 500 });
    expect(short.length).toBeLessThanOrEqual(500);
    expect(short).toContain("list_tasks");
    await expect(session.describe({ maxChars: 10 })).rejects.toMatchObject({
      code: "INVALID_OPTION",
    });
  });
});
