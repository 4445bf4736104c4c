import { describe, expect, test } from "vitest";
import { createWorld, gate, storeKinds } from "../support/world.ts";

describe.each(storeKinds)("turns (%s)", (kind) => {
  test("of one session never overlap, and keep the order in which they were asked for", async () => {
    await using world = await createWorld(kind);
    const session = world.manager().session("chat");
    const log: string[] = [];
    const turns = [1, 2, 3, 4].map((number) =>
      session.turn(async () => {
        log.push(`begin ${number}`);
        await world.clock.settle();
        log.push(`end ${number}`);
        return number;
      }),
    );
    expect(await Promise.all(turns)).toEqual([1, 2, 3, 4]);
    expect(log).toEqual([1, 2, 3, 4].flatMap((number) => [`begin ${number}`, `end ${number}`]));
  });

  test("of different sessions do not wait for each other", async () => {
    await using world = await createWorld(kind);
    const manager = world.manager();
    const work = gate();
    const first = manager.session("a").turn(() => work.opened);
    expect(await manager.session("b").turn(() => "b")).toBe("b");
    work.open();
    await first;
  });

  test("inside a turn of the same session are refused, of another session are not", async () => {
    await using world = await createWorld(kind);
    const manager = world.manager();
    const session = manager.session("chat");
    await session.turn(async () => {
      await expect(session.turn(() => 1)).rejects.toMatchObject({ code: "NESTED_TURN" });
      await expect(manager.session("chat").turn(() => 1)).rejects.toMatchObject({
        code: "NESTED_TURN",
      });
      expect(
        await manager.session("other").turn(async () => {
          await expect(session.turn(() => 1)).rejects.toMatchObject({ code: "NESTED_TURN" });
          return 2;
        }),
      ).toBe(2);
    });
    expect(await session.turn(() => 3)).toBe(3);
  });

  test("what a turn throws reaches its caller, and the next one begins", async () => {
    await using world = await createWorld(kind);
    const session = world.manager().session("chat");
    const failing = session.turn(() => {
      throw new Error("no");
    });
    await expect(failing).rejects.toThrow("no");
    expect(await session.turn(() => "next")).toBe("next");
  });

  test("of two managers on one store never overlap either", async () => {
    await using world = await createWorld(kind);
    let inside = 0;
    let most = 0;
    const turns = [world.manager(), world.manager()].flatMap((manager) =>
      [1, 2, 3].map(() =>
        manager.session("chat").turn(async () => {
          inside += 1;
          most = Math.max(most, inside);
          await world.clock.settle();
          inside -= 1;
        }),
      ),
    );
    const all = Promise.all(turns);
    await world.clock.advance(20_000);
    await all;
    expect(most).toBe(1);
  });

  test("a turn of a process that died is free when its lease has run out", async () => {
    await using world = await createWorld(kind);
    const { manager, crash } = world.mortal();
    const begun = gate();
    void manager
      .session("chat")
      .turn(() => {
        begun.open();
        return new Promise(() => {});
      })
      .catch(() => {});
    await begun.opened;
    crash();
    const turn = world
      .manager()
      .session("chat")
      .turn(() => "mine");
    let done = false;
    void turn.then(() => {
      done = true;
    });
    await world.clock.advance(10_000);
    expect(done).toBe(false);
    await world.clock.advance(40_000);
    expect(await turn).toBe("mine");
  });

  test("a turn whose end could not be stored at first does not block the session", async () => {
    await using world = await createWorld(kind);
    const flaky = world.flaky();
    const session = flaky.manager.session("chat");
    flaky.failNext("end-turn", 3);
    expect(await session.turn(() => 1)).toBe(1);
    const next = session.turn(() => 2);
    await world.clock.advance(60_000);
    expect(await next).toBe(2);
  });

  test("who waits for a turn may give up", async () => {
    await using world = await createWorld(kind);
    const session = world.manager().session("chat");
    const work = gate();
    const first = session.turn(() => work.opened);
    const abort = new AbortController();
    let ran = false;
    const second = session.turn(
      () => {
        ran = true;
      },
      { signal: abort.signal },
    );
    await world.clock.settle();
    abort.abort(new Error("gave up"));
    await expect(second).rejects.toThrow("gave up");
    const atOnce = new AbortController();
    const third = session.turn(() => 5, { signal: atOnce.signal });
    atOnce.abort(new Error("at once, behind another"));
    await expect(third).rejects.toThrow("at once, behind another");
    work.open();
    await first;
    expect(await session.turn(() => 3)).toBe(3);
    expect(ran).toBe(false);
    const aborted = session.turn(() => 4, { signal: AbortSignal.abort(new Error("at once")) });
    await expect(aborted).rejects.toThrow("at once");
  });

  test("the signal of a turn aborts when its manager has lost its lease", async () => {
    await using world = await createWorld(kind);
    const paused = world.pausable({ leaseMs: 9_000 });
    const begun = gate<AbortSignal>();
    const turn = paused.manager.session("chat").turn(async ({ signal }) => {
      begun.open(signal);
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      throw signal.reason;
    });
    turn.catch(() => {});
    const signal = await begun.opened;
    paused.pause();
    await world.clock.advance(10_000);
    expect(
      await world
        .manager()
        .session("chat")
        .turn(() => "taken over"),
    ).toBe("taken over");
    await paused.resume();
    await expect(turn).rejects.toMatchObject({ code: "LEASE_LOST" });
    expect(signal.aborted).toBe(true);
  });
});
