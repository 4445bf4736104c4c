import { expect, test } from "vitest";
import { type Received, receiveUntold } from "../../src/adapters/index.ts";
import type { Delivery, Session } from "../../src/index.ts";
import { createWorld, storeKinds } from "../support/world.ts";

/** Four notifications, as `told` says which of them the conversation holds. */
async function receive(
  session: Session,
  ids: readonly string[],
  told: string,
): Promise<{ repeated: string[]; fresh: string; received: Received }> {
  const known = new Set(ids.filter((_, index) => told[index] === "t"));
  const received = await receiveUntold(session.notifications, known, {});
  const letters = (delivery: Delivery): string =>
    delivery.notifications.map(({ id }) => ids.indexOf(id)).join("");
  const { repeated, fresh } = received;
  return {
    repeated: repeated.map(letters),
    fresh: fresh === undefined ? "" : letters(fresh),
    received,
  };
}

async function releaseAll({ repeated, fresh }: Received): Promise<void> {
  for (const delivery of repeated) await delivery.release();
  await fresh?.release();
}

test.each(storeKinds)(
  "what a conversation holds and what it does not come apart, in order (%s)",
  async (kind) => {
    await using world = await createWorld(kind);
    const session = world.manager().session("chat");
    const ids: string[] = [];
    session.notifications.subscribe(({ id }) => ids.push(id));
    for (let index = 0; index < 4; index += 1) await session.start(() => index);
    await world.until(() => session.notifications.pending() === 4);

    for (const [told, repeated, fresh] of [
      ["----", [], "0123"],
      ["tttt", ["0123"], ""],
      ["tt--", ["01"], "23"],
      ["--tt", [], "01"],
      ["t-t-", ["0"], "1"],
      ["-ttt", [], "0"],
    ] as const) {
      const { received, ...found } = await receive(session, ids, told);
      expect(found, told).toEqual({ repeated, fresh });
      await releaseAll(received);
      expect(session.notifications.pending(), told).toBe(4);
    }
  },
);

test("when receiving fails midway, what was received is owed again", async () => {
  await using world = await createWorld();
  const { manager, failNext } = world.flaky();
  const session = manager.session("chat");
  const ids: string[] = [];
  session.notifications.subscribe(({ id }) => ids.push(id));
  for (let index = 0; index < 2; index += 1) await session.start(() => index);
  await world.until(() => session.notifications.pending() === 2);

  const queue: Session["notifications"] = {
    ...session.notifications,
    async receive(options) {
      const delivery = await session.notifications.receive(options);
      // What was told is leased now; what was not comes next.
      if (delivery.notifications.length === 1) failNext("lease");
      return delivery;
    },
  };
  await expect(receiveUntold(queue, new Set(ids.slice(0, 1)), {})).rejects.toThrow("disk is busy");
  expect(session.notifications.pending()).toBe(2);
});
