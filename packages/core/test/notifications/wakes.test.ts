import { describe, expect, test } from "vitest";
import { MeanwhileError, type Session } from "../../src/index.ts";
import { createWorld, gate, storeKinds } from "../support/world.ts";

const failing = (): Promise<never> => Promise.reject(new Error("no"));
const drainAll = async (session: Session): Promise<number> =>
  (await session.notifications.drain(({ notifications }) => notifications.length)) ?? 0;

describe.each(storeKinds)("onWake (%s)", (kind) => {
  test("runs one turn for all that came within the debounce time", async () => {
    await using world = await createWorld(kind);
    const manager = world.manager();
    const told: number[] = [];
    manager.onWake(async ({ session }) => void told.push(await drainAll(session)), {
      debounceMs: 200,
    });
    const session = manager.session("chat");
    for (let index = 0; index < 3; index += 1) {
      await session.start(() => index);
      await world.clock.advance(50);
    }
    expect(told).toEqual([]);
    await world.clock.advance(100);
    expect(told).toEqual([3]);
    await world.clock.advance(600_000);
    expect(told).toEqual([3]);
  });

  test("waits for a turn that runs, and does not run when that told everything", async () => {
    await using world = await createWorld(kind);
    const manager = world.manager();
    const told: number[] = [];
    manager.onWake(async ({ session }) => void told.push(await drainAll(session)));
    const session = manager.session("chat");
    const end = gate();
    const turn = session.turn(async () => {
      await session.start(() => 1);
      await end.opened;
      await drainAll(session);
    });
    await world.clock.advance(10_000);
    expect(told).toEqual([]);
    end.open();
    await turn;
    await world.clock.advance(10_000);
    expect(told).toEqual([]);
    const second = session.turn(() => session.start(() => 2).then(() => {}));
    await second;
    await world.clock.advance(1_000);
    expect(told).toEqual([1]);
  });

  test("is tried again with growing delays while nothing is acknowledged, and says so", async () => {
    await using world = await createWorld(kind);
    const manager = world.manager();
    const at: number[] = [];
    const delays: number[] = [];
    const began = world.clock.now();
    manager.on("wake-retry", ({ delayMs }) => delays.push(delayMs));
    manager.onWake(() => void at.push(world.clock.now() - began), { debounceMs: 0 });
    await manager.session("chat").start(() => 1);
    await world.clock.advance(200_000);
    expect(delays.slice(0, 8)).toEqual([1e3, 2e3, 4e3, 8e3, 16e3, 32e3, 6e4, 6e4]);
    expect(at.slice(0, 8)).toEqual([0, 1e3, 3e3, 7e3, 15e3, 31e3, 63e3, 123e3]);
  });

  test("a handler that throws is tried again with the error in the event, and begins anew after a success", async () => {
    await using world = await createWorld(kind);
    const manager = world.manager();
    const session = manager.session("chat");
    const errors: unknown[] = [];
    manager.on("wake-retry", ({ error }) => errors.push(error));
    let failures = 2;
    let told = 0;
    manager.onWake(async ({ session: own }) => {
      if (failures > 0) {
        failures -= 1;
        throw new Error("The model is down.");
      }
      told += await drainAll(own);
    });
    await session.start(() => 1);
    await world.clock.advance(10_000);
    expect(told).toBe(1);
    expect(errors.map(String)).toEqual(["Error: The model is down.", "Error: The model is down."]);
    failures = 1;
    await session.start(() => 2);
    await world.clock.advance(1_100);
    expect(told).toBe(2);
  });

  test("what comes while a wake runs is told in the next one, after the debounce time and without a retry", async () => {
    await using world = await createWorld(kind);
    const manager = world.manager();
    const session = manager.session("chat");
    const retries: unknown[] = [];
    manager.on("wake-retry", (event) => retries.push(event));
    const at: number[] = [];
    const began = world.clock.now();
    let end = gate();
    manager.onWake(
      async ({ session: own }) => {
        at.push(world.clock.now() - began);
        await drainAll(own);
        await end.opened;
      },
      { debounceMs: 100 },
    );
    await session.start(() => 1);
    await world.clock.advance(100);
    await session.start(() => 2);
    await world.clock.advance(400);
    end.open();
    end = gate();
    end.open();
    await world.clock.advance(10_000);
    expect(at).toEqual([100, 600]);
    expect(retries).toEqual([]);
  });

  test("more than one delivery holds is told in wakes that follow each other at once", async () => {
    await using world = await createWorld(kind);
    const manager = world.manager({ limits: { perSession: { queued: 100 } } });
    const session = manager.session("chat");
    for (let index = 0; index < 50; index += 1) await session.start(() => index);
    await world.until(() => session.notifications.pending() === 50);
    const told: number[] = [];
    manager.onWake(async ({ session: own }) => void told.push(await drainAll(own)));
    await world.clock.advance(900);
    expect(told).toEqual([20, 20, 10]);
  });

  test('policy "failure" wakes for a failure only, which tells the rest with it', async () => {
    await using world = await createWorld(kind);
    const manager = world.manager();
    const session = manager.session("chat");
    const told: number[] = [];
    manager.onWake(async ({ session: own }) => void told.push(await drainAll(own)), {
      policy: "failure",
    });
    await session.start(() => 1);
    const cancelled = await session.start(() => new Promise(() => {}));
    await cancelled.cancel();
    await world.clock.advance(600_000);
    expect(told).toEqual([]);
    await session.start(failing);
    await world.clock.advance(1_000);
    expect(told).toEqual([3]);
    await session.start(() => 2);
    await world.clock.advance(600_000);
    expect(told).toEqual([3]);
  });

  test("what was owed before a restart wakes in the next process, for each session", async () => {
    await using world = await createWorld(kind);
    const { manager, crash } = world.mortal();
    for (const id of ["a", "b"]) await manager.session(id).start(() => 1);
    await world.clock.settle();
    crash();
    await world.clock.advance(40_000);
    const woken: string[] = [];
    world.manager().onWake(async ({ session }) => {
      woken.push(session.id);
      await drainAll(session);
    });
    await world.clock.advance(1_000);
    expect(woken.toSorted()).toEqual(["a", "b"]);
  });

  test("a delivery that nobody answered wakes when its lease has run out", async () => {
    await using world = await createWorld(kind);
    const manager = world.manager();
    const session = manager.session("chat");
    await session.start(() => 1);
    await world.until(() => session.notifications.pending() === 1);
    await session.notifications.receive({ leaseMs: 30_000 });
    const told: number[] = [];
    manager.onWake(async ({ session: own }) => void told.push(await drainAll(own)));
    await world.clock.advance(29_000);
    expect(told).toEqual([]);
    await world.clock.advance(2_000);
    expect(told).toEqual([1]);
  });

  test("a delivery that was released wakes, though not at once", async () => {
    await using world = await createWorld(kind);
    const manager = world.manager();
    const session = manager.session("chat");
    await session.start(() => 1);
    await world.until(() => session.notifications.pending() === 1);
    const delivery = await session.notifications.receive();
    const told: number[] = [];
    manager.onWake(async ({ session: own }) => void told.push(await drainAll(own)));
    await delivery.release();
    await world.clock.advance(500);
    expect(told).toEqual([]);
    await world.clock.advance(1_000);
    expect(told).toEqual([1]);
  });

  test("of two managers one wakes the session", async () => {
    await using world = await createWorld(kind);
    const told: number[] = [];
    const managers = [world.manager({ leaseMs: 3_000 }), world.manager({ leaseMs: 3_000 })];
    let inside = 0;
    for (const manager of managers) {
      manager.onWake(async ({ session }) => {
        inside += 1;
        expect(inside).toBe(1);
        await world.clock.settle();
        told.push(await drainAll(session));
        inside -= 1;
      });
      await manager.open();
    }
    await managers[0]?.session("chat").start(() => 1);
    await world.clock.advance(60_000);
    expect(told).toEqual([1]);
  });

  test("a second handler is refused; a removed one is not called, and another may follow", async () => {
    await using world = await createWorld(kind);
    const manager = world.manager();
    const session = manager.session("chat");
    const calls: string[] = [];
    const remove = manager.onWake(() => void calls.push("first"));
    expect(() => manager.onWake(() => {})).toThrow(MeanwhileError);
    await session.start(() => 1);
    await world.clock.settle();
    remove();
    remove();
    await world.clock.advance(10_000);
    expect(calls).toEqual([]);
    manager.onWake(async ({ session: own }) => {
      calls.push("second");
      await drainAll(own);
    });
    await world.clock.advance(10_000);
    expect(calls).toEqual(["second"]);
  });

  test("a turn in a wake's turn is refused, and a wake's tasks may be started in it", async () => {
    await using world = await createWorld(kind);
    const manager = world.manager();
    const errors: unknown[] = [];
    let round = 0;
    manager.onWake(async ({ session }) => {
      await session.turn(() => {}).catch((error: unknown) => errors.push(error));
      await drainAll(session);
      round += 1;
      if (round < 3) await session.start(() => round);
    });
    await manager.session("chat").start(() => 0);
    await world.clock.advance(10_000);
    expect(round).toBe(3);
    expect(errors).toMatchObject(Array(3).fill({ code: "NESTED_TURN" }));
  });

  test.each([{ debounceMs: -1 }, { debounceMs: Number.NaN }, { policy: "sometimes" as "always" }])(
    "refuses %o",
    async (options) => {
      await using world = await createWorld(kind);
      expect(() => world.manager().onWake(() => {}, options)).toThrow(MeanwhileError);
    },
  );
});
