import { describe, expect, test } from "vitest";
import { waitForNews } from "../../src/adapters/index.ts";
import { createWorld, gate, storeKinds } from "../support/world.ts";

describe.each(storeKinds)("waiting for news (%s)", (kind) => {
  test("ends at once when something is owed, or nothing is open", async () => {
    await using world = await createWorld(kind);
    const session = world.manager().session("chat");
    expect(await waitForNews(session)).toBe("none-open");
    await session.start(() => 1);
    await world.until(() => session.notifications.pending() === 1);
    expect(await waitForNews(session)).toBe("news");
  });

  test("lasts until an open task is told, and says how long it waits for how many", async () => {
    await using world = await createWorld(kind);
    const session = world.manager().session("chat");
    const work = gate();
    await session.start(() => work.opened);
    await session.start(() => work.opened);
    const seen: (number | "end")[] = [];
    const news = waitForNews(session, {
      onWait: (open) => seen.push(open),
      onEnd: () => seen.push("end"),
    });
    await world.until(() => seen.length === 1);
    work.open();
    expect(await news).toBe("news");
    expect(seen).toEqual([2, "end"]);
  });

  test("ends when the last task ends without a notification", async () => {
    await using world = await createWorld(kind);
    const session = world.manager().session("chat");
    const work = gate();
    await session.start(() => work.opened, { notify: "never" });
    let waits = false;
    const news = waitForNews(session, { onWait: () => (waits = true) });
    await world.until(() => waits);
    work.open();
    expect(await news).toBe("none-open");
  });

  test("ends with its time, its signal and its manager", async () => {
    await using world = await createWorld(kind);
    const manager = world.manager();
    const session = manager.session("chat");
    await session.start((context) => new Promise(() => context.signal));
    const aborting = new AbortController();
    let waits = 0;
    const onWait = (): number => (waits += 1);
    const timed = waitForNews(session, { maxIdleMs: 1_000, onWait });
    const aborted = waitForNews(session, { signal: aborting.signal, onWait });
    await world.until(() => waits === 2);
    await world.clock.advance(1_000);
    expect(await timed).toBe("max-idle");
    aborting.abort();
    expect(await aborted).toBe("aborted");
    expect(await waitForNews(session, { signal: aborting.signal })).toBe("aborted");
    const closed = waitForNews(session, { onWait });
    await world.until(() => waits === 3);
    await manager.close();
    expect(await closed).toBe("closed");
  });
});
