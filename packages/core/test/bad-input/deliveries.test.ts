import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Session } from "../../src/index.ts";
import { createWorld, storeKinds, type World } from "../support/world.ts";

describe.each(storeKinds)("with %s", (kind) => {
  let world: World;
  let session: Session;
  beforeEach(async () => {
    world = await createWorld(kind);
    session = world.manager().session("s");
    await session.start(() => {});
    await session.notifications.wait();
  });
  afterEach(() => world[Symbol.asyncDispose]());

  const lost = {
    name: "MeanwhileError",
    code: "LEASE_LOST",
    message: expect.stringMatching(/receive again/),
  };

  test("ack twice, and release after it, changes nothing more", async () => {
    const delivery = await session.notifications.receive();
    await Promise.all([delivery.ack(), delivery.ack()]);
    await delivery.ack();
    await delivery.release();
    expect(session.notifications.pending()).toBe(0);
    expect((await session.notifications.receive()).notifications).toEqual([]);
  });

  test("ack after release is refused; release twice is not", async () => {
    const delivery = await session.notifications.receive();
    await Promise.all([delivery.release(), delivery.release()]);
    await expect(delivery.ack()).rejects.toMatchObject(lost);
    const again = await session.notifications.receive();
    expect(again.notifications).toMatchObject([
      { id: delivery.notifications[0]?.id, deliveries: 2 },
    ]);
    // The old delivery cannot take away what the new one holds.
    await delivery.release();
    await expect(delivery.ack()).rejects.toMatchObject(lost);
    await again.ack();
  });

  test("ack after the lease ran out and another received is refused", async () => {
    const delivery = await session.notifications.receive({ leaseMs: 1_000 });
    await world.clock.advance(1_001);
    await world.until(() => session.notifications.pending() === 1);
    const other = await session.notifications.receive();
    expect(other.notifications).toHaveLength(1);
    await expect(delivery.ack()).rejects.toMatchObject(lost);
    await delivery.release();
    expect(session.notifications.pending()).toBe(0);
    await other.ack();
  });

  test("an empty delivery can be answered as often as one likes", async () => {
    await session.notifications.drain(() => {});
    const empty = await session.notifications.receive();
    expect(empty).toMatchObject({ notifications: [], text: "" });
    await empty.ack();
    await empty.release();
    await empty.ack();
  });

  test.each([[new Error("callback")], [undefined], ["text"]])(
    "drain with a callback that throws %s gives everything back and throws it on",
    async (thrown) => {
      const drained = session.notifications.drain(() => {
        throw thrown;
      });
      await expect(drained).rejects.toBe(thrown);
      expect(session.notifications.pending()).toBe(1);
      const rejected = session.notifications.drain(() => Promise.reject(thrown));
      await expect(rejected).rejects.toBe(thrown);
      const delivery = await session.notifications.receive();
      expect(delivery.notifications).toMatchObject([{ deliveries: 3 }]);
    },
  );

  test("a delivery that its drain's callback released stays released", async () => {
    await expect(
      session.notifications.drain((delivery) => delivery.release()),
    ).rejects.toMatchObject(lost);
    expect(session.notifications.pending()).toBe(1);
  });

  test("leaving the loop over deliveries by an error gives the last one back", async () => {
    const oops = new Error("loop");
    const loop = (async () => {
      for await (const delivery of session.notifications) {
        expect(delivery.notifications).toHaveLength(1);
        throw oops;
      }
    })();
    await expect(loop).rejects.toBe(oops);
    expect(session.notifications.pending()).toBe(1);
  });

  test("a signal that has aborted ends a wait before it begins, whatever its reason", async () => {
    for (const reason of [new Error("no"), "text", null]) {
      const aborted = session.notifications.wait({ signal: AbortSignal.abort(reason) });
      await expect(aborted).rejects.toBe(reason);
    }
    const controller = new AbortController();
    await session.notifications.drain(() => {});
    const waiting = session.notifications.wait({ signal: controller.signal });
    await world.clock.settle();
    controller.abort("enough");
    await expect(waiting).rejects.toBe("enough");
  });
});

test("when the callback and the giving back both fail, the callback's error is the one thrown", async () => {
  await using world = await createWorld();
  const { manager, failNext } = world.flaky();
  const session = manager.session("s");
  await session.start(() => {});
  await session.notifications.wait();
  const oops = new Error("callback");
  const drained = session.notifications.drain(() => {
    failNext("release");
    throw oops;
  });
  await expect(drained).rejects.toBe(oops);
});
