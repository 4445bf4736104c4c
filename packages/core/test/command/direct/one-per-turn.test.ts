import { describe, expect, it } from "vitest";
import { systemClock } from "../../../src/clock/system-clock.ts";
import { inOwnTurn } from "../../../src/command/direct/one-per-turn.ts";

describe("a turn of one's own", () => {
  it("is no other's, and never the one that it was asked for in", async () => {
    const clock = systemClock();
    let turn = 0;
    let counting = true;
    const count = (): void => {
      turn += 1;
      if (counting) setImmediate(count);
    };
    count();
    const before = turn;
    const turns = await Promise.all(
      Array.from({ length: 50 }, () => inOwnTurn(clock, async () => turn)),
    );
    counting = false;
    expect(new Set(turns).size).toBe(50);
    expect(turns).toEqual(turns.toSorted((one, other) => one - other));
    expect(turns[0]).toBeGreaterThan(before);
  });

  it("lets timers come in between", async () => {
    const clock = systemClock();
    let ticks = 0;
    const timer = setInterval(() => (ticks += 1), 1);
    const busy = async (): Promise<void> => {
      const until = performance.now() + 3;
      while (performance.now() < until);
    };
    await Promise.all(Array.from({ length: 30 }, () => inOwnTurn(clock, busy)));
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(10);
  });

  it("is given when what came before has failed or been done, not sooner", async () => {
    const clock = systemClock();
    const failure = new Error("cannot be done");
    const release = Promise.withResolvers<void>();
    const order: string[] = [];
    const first = inOwnTurn(clock, async () => {
      order.push("begun");
      await release.promise;
      order.push("failed");
      throw failure;
    });
    const second = inOwnTurn(clock, async () => void order.push("next"));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(order).toEqual(["begun"]);
    release.resolve();
    await expect(first).rejects.toBe(failure);
    await second;
    expect(order).toEqual(["begun", "failed", "next"]);
  });
});
